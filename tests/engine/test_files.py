"""Pictures in files: every format, depth and layout comes back, and what cannot be is refused."""

import numpy as np
import OpenEXR
import pytest
from PIL import Image
from samples import GRAY, GRAY_ALPHA, LAYOUTS, RGB, RGBA, some

from sinddm.errors import InputError
from sinddm.files import Picture, read, size, write


@pytest.mark.parametrize("shape", LAYOUTS)
@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("a.png", "uint8"),
        ("a.png", "uint16"),
        ("a.tif", "uint8"),
        ("a.tiff", "uint16"),
        ("a.tif", "float16"),
        ("a.tif", "float32"),
    ],
)
def test_lossless_files_come_back_exactly(folder, name, dtype, shape):
    array = some(shape, dtype)
    write(folder / name, Picture(array, linear=dtype.startswith("float")))
    back = read(folder / name)
    assert back.array.dtype == array.dtype
    assert np.array_equal(back.array, array)
    assert back.has_alpha == (shape in (GRAY_ALPHA, RGBA))
    assert back.linear == dtype.startswith("float")
    assert size(folder / name) == array.shape[:2]


@pytest.mark.parametrize("shape", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_exr_comes_back(folder, dtype, shape):
    array = some(shape, dtype) * 40
    if shape in (GRAY_ALPHA, RGBA):
        array[..., -1] = np.linspace(0.25, 1, 31)
    write(folder / "a.exr", Picture(array, linear=True))
    back = read(folder / "a.exr")
    assert back.array.dtype == array.dtype
    # colour is stored multiplied by alpha, which rounds twice
    np.testing.assert_allclose(back.array, array, rtol=2 * float(np.finfo(dtype).eps))
    assert back.linear
    assert size(folder / "a.exr") == (23, 31)


def test_exr_colour_is_stored_multiplied_by_alpha(folder):
    array = np.full((4, 5, 4), 0.5, np.float32)
    array[0, :, 3] = 0
    write(folder / "a.exr", Picture(array, linear=True))
    with OpenEXR.File(str(folder / "a.exr"), separate_channels=True) as file:
        red = file.channels()["R"].pixels
    assert (red[1:] == 0.25).all()
    assert (red[0] == 0).all()


def test_exr_channels_of_any_name_keep_name_order_and_primaries(folder):
    names = ["B", "G", "R", "A", "normal.Z", "normal.X", "normal.Y", "height"]
    layers = {name: np.full((6, 7), i + 1, np.float32) for i, name in enumerate(names)}
    primaries = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
    OpenEXR.File({"type": OpenEXR.scanlineimage, "chromaticities": primaries}, layers).write(str(folder / "m.exr"))
    maps = read(folder / "m.exr")
    assert maps.names == ("R", "G", "B", "height", "normal.X", "normal.Y", "normal.Z", "A")
    assert maps.array[0, 0].tolist() == [0.75, 0.5, 0.25, 2, 1.5, 1.75, 1.25, 4]
    assert (maps.colors, maps.has_alpha) == (7, True)
    write(folder / "again.exr", maps)
    again = read(folder / "again.exr")
    assert again.names == maps.names
    assert again.chromaticities == pytest.approx(primaries)
    assert np.array_equal(again.array, maps.array)


@pytest.mark.parametrize("name", ["a.tif", "a.exr"])
@pytest.mark.parametrize("has_alpha", [False, True])
@pytest.mark.parametrize("channels", [4, 7])
def test_stacks_of_maps_come_back_in_order(folder, name, has_alpha, channels):
    array = np.stack([np.full((5, 6), i + 1, np.float16) for i in range(channels)], axis=2)
    array[..., -1] = 1
    write(folder / name, Picture(array, linear=True, alpha=has_alpha))
    back = read(folder / name)
    assert np.array_equal(back.array, array)
    assert back.has_alpha == has_alpha


@pytest.mark.parametrize("shape", LAYOUTS)
def test_webp_comes_back_exactly_as_colour(folder, shape):
    array = some(shape, "uint8")
    if shape in (GRAY_ALPHA, RGBA):
        array[:5, ..., -1] = 0
    write(folder / "a.webp", Picture(array))
    expected = np.array(Image.fromarray(array).convert("RGBA" if shape in (GRAY_ALPHA, RGBA) else "RGB"))
    assert np.array_equal(read(folder / "a.webp").array, expected)


@pytest.mark.parametrize("shape", [GRAY, RGB])
def test_jpeg_comes_back_closely(folder, shape):
    array = np.broadcast_to(np.linspace(20, 230, 31)[None, :, None], (23, 31, 3)).astype(np.uint8)
    array = array[..., 0] if shape == GRAY else array.copy()
    write(folder / "a.jpg", Picture(array))
    back = read(folder / "a.jpg").array
    assert back.shape == array.shape
    assert np.abs(back.astype(int) - array).max() <= 4


def test_jpeg_keeps_colour_at_full_resolution(folder):
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2, 0] = stripes[:, 1::2, 2] = 255
    write(folder / "a.jpeg", Picture(stripes))
    assert np.abs(read(folder / "a.jpeg").array.astype(int) - stripes).mean() < 8


def test_jpeg_keeps_fine_detail(folder):
    array = some((64, 64, 3), "uint8")
    write(folder / "a.jpg", Picture(array))
    assert np.abs(read(folder / "a.jpg").array.astype(int) - array).mean() < 4


def test_opaque_alpha_is_dropped_for_jpeg_and_transparency_refused(folder):
    array = np.full(RGBA, 255, np.uint8)
    write(folder / "a.jpg", Picture(array))
    assert read(folder / "a.jpg").array.shape == RGB
    array[0, 0, 3] = 254
    with pytest.raises(InputError, match=r"JPEG cannot hold transparency: save b\.jpg as PNG or WebP"):
        write(folder / "b.jpg", Picture(array))
    assert not (folder / "b.jpg").exists()


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("a.png", "uint8"),
        ("a.png", "uint16"),
        ("a.jpg", "uint8"),
        ("a.webp", "uint8"),
        ("a.tif", "uint8"),
        ("a.tif", "uint16"),
        ("a.tif", "float16"),
        ("a.tif", "float32"),
    ],
)
def test_the_profile_comes_back(folder, srgb, name, dtype):
    picture = Picture(some(RGB, dtype), icc=srgb)
    write(folder / name, picture)
    back = read(folder / name)
    assert back.icc == srgb
    assert not back.linear
    if name != "a.jpg":
        assert np.array_equal(back.array, picture.array)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif"])
def test_a_profile_of_colour_is_dropped_from_gray(folder, srgb, name):
    write(folder / name, Picture(some(GRAY, "uint8"), icc=srgb))
    assert read(folder / name).icc is None
    with Image.open(folder / name) as image:
        assert "icc_profile" not in image.info


@pytest.mark.parametrize(("name", "dtype"), [("a.png", "uint8"), ("a.png", "uint16"), ("a.tif", "float16")])
def test_a_linear_profile_means_linear_light(folder, linear, name, dtype):
    picture = Picture(some(RGB, dtype), linear=True, icc=linear)
    write(folder / name, picture)
    back = read(folder / name)
    assert back.linear
    assert back.icc == linear
    assert np.array_equal(back.array, picture.array)


def test_a_foreign_profile_of_colour_on_gray_is_ignored(folder, srgb):
    Image.fromarray(some(GRAY, "uint8")).save(folder / "a.png", icc_profile=srgb)
    assert read(folder / "a.png").icc is None


def test_a_broken_profile_is_ignored(folder):
    Image.fromarray(some(RGB, "uint8")).save(folder / "a.png", icc_profile=b"no profile")
    assert read(folder / "a.png").icc is None


def test_every_reader_of_16_bit_png_finds_the_profile(folder, srgb):
    write(folder / "a.png", Picture(some(RGB, "uint16"), icc=srgb))
    with Image.open(folder / "a.png") as image:
        assert image.info["icc_profile"] == srgb
        image.load()


def test_floats_that_are_not_linear_are_written_as_linear_light(folder):
    array = np.full(RGB, 0.5, np.float32)
    for name in ("a.tif", "a.exr"):
        write(folder / name, Picture(array, linear=False))
        back = read(folder / name)
        assert back.linear
        np.testing.assert_allclose(back.array, 0.21404114, atol=1e-5)


def test_linear_integers_without_a_profile_are_written_as_srgb(folder):
    write(folder / "a.png", Picture(np.full(RGB, 14027, np.uint16), linear=True))
    assert np.abs(read(folder / "a.png").array.astype(int) - 32768).max() <= 2


@pytest.mark.parametrize(
    ("name", "dtype", "able"),
    [
        ("a.jpg", "uint16", "PNG or TIFF"),
        ("a.webp", "uint16", "PNG or TIFF"),
        ("a.png", "float32", "TIFF or OpenEXR"),
        ("a.jpg", "float16", "TIFF or OpenEXR"),
        ("a.exr", "uint8", "PNG or JPEG or WebP or TIFF"),
    ],
)
def test_depths_a_format_cannot_hold_are_refused(folder, name, dtype, able):
    with pytest.raises(InputError, match=f"cannot hold {dtype} pixels: save {name} as {able}"):
        write(folder / name, Picture(some(RGB, dtype)))
    assert list(folder.iterdir()) == []


def test_stacks_are_refused_where_they_do_not_fit(folder):
    with pytest.raises(InputError, match=r"cannot hold 6 colour channels: save a\.png as TIFF"):
        write(folder / "a.png", Picture(some((4, 5, 6), "uint8")))
    with pytest.raises(InputError, match="4 colour channels"):
        write(folder / "a.webp", Picture(some(RGBA, "uint8"), alpha=False))


def test_sides_a_format_cannot_hold_are_refused(folder):
    with pytest.raises(InputError, match="16383 pixels a side"):
        write(folder / "a.webp", Picture(np.zeros((1, 16384), np.uint8)))


def test_an_unknown_ending_is_refused(folder):
    with pytest.raises(InputError, match=r"\.png.*\.exr"):
        write(folder / "a.xcf", Picture(some(RGB, "uint8")))
