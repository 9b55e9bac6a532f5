"""Files that others wrote, Pillow's images, masks, and what goes wrong with files."""

import io
import os
import warnings
from pathlib import Path

import imagecodecs
import numpy as np
import OpenEXR
import pytest
import tifffile
from PIL import Image
from samples import EXR_START, GRAY, RGB, RGBA, some

from sinddm.errors import InputError
from sinddm.files import Picture, from_pil, read, read_mask, size, write


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_pictures_stand_upright(folder, name, orientation):
    upright = Image.fromarray(np.kron(np.arange(6).reshape(2, 3) * 40, np.ones((8, 8))).astype(np.uint8))
    upright = upright.convert("RGB")
    stored = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that undoes each orientation
    image = upright.transpose(Image.Transpose(stored[orientation])) if orientation > 1 else upright
    exif = Image.Exif()
    exif[274] = orientation
    image.save(folder / name, exif=exif, quality=95, lossless=True)
    array = read(folder / name).array
    assert array.shape == (16, 24, 3)
    assert np.abs(array.astype(int) - np.asarray(upright)).max() <= 4
    assert size(folder / name) == (16, 24)


def test_palettes_become_colour(folder):
    image = Image.fromarray(some(RGB, "uint8")).quantize(16)
    image.save(folder / "a.png")
    assert np.array_equal(read(folder / "a.png").array, np.asarray(image.convert("RGB")))
    image.save(folder / "b.png", transparency=3)
    clear = read(folder / "b.png")
    assert clear.has_alpha
    assert np.array_equal(clear.array[..., 3] == 0, np.asarray(image) == 3)
    image.save(folder / "a.tif")
    assert np.array_equal(read(folder / "a.tif").array, np.asarray(image.convert("RGB")))
    image.save(folder / "a.gif")
    assert np.array_equal(read(folder / "a.gif").array, np.asarray(image.convert("RGB")))


def test_black_and_white_becomes_gray(folder):
    bits = some(GRAY, "float32") > 0.5
    for name in ("a.png", "a.tif"):
        Image.fromarray(bits).save(folder / name)
        assert np.array_equal(read(folder / name).array, bits * np.uint8(255))


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_cmyk_becomes_rgb_without_its_profile(folder, srgb, name):
    image = Image.fromarray(np.full((8, 8, 3), (200, 100, 50), np.uint8)).convert("CMYK")
    image.save(folder / name, quality=95, icc_profile=srgb)
    picture = read(folder / name)
    assert np.abs(picture.array.astype(int) - (200, 100, 50)).max() <= 6
    assert picture.icc is None


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_tiff_where_zero_is_white(folder, dtype):
    array = some(GRAY, dtype)
    tifffile.imwrite(folder / "a.tif", array, photometric="miniswhite")
    top = 255 if dtype == "uint8" else 1
    np.testing.assert_allclose(read(folder / "a.tif").array, top - array)


def test_tiff_in_planes_and_big_endian(folder):
    array = some(RGB, "uint16")
    planes = np.moveaxis(array, 2, 0)
    tifffile.imwrite(folder / "a.tif", planes, photometric="rgb", planarconfig="separate", byteorder=">")
    back = read(folder / "a.tif").array
    assert back.dtype == np.uint16
    assert back.dtype.isnative
    assert np.array_equal(back, array)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_tiff_with_premultiplied_alpha(folder, dtype):
    array = some(RGBA, dtype)
    top = np.iinfo(dtype).max if dtype != "float32" else 1
    array[..., 3] = top // 5 if dtype != "float32" else 0.2
    array[..., :3] = np.minimum(array[..., :3], array[..., 3:])
    tifffile.imwrite(folder / "a.tif", array, photometric="rgb", extrasamples=["assocalpha"])
    back = read(folder / "a.tif").array
    np.testing.assert_allclose(back[..., :3] / 5, array[..., :3], atol=0.5 if dtype != "float32" else 1e-6)
    assert np.array_equal(back[..., 3], array[..., 3])


def test_tiff_of_doubles_becomes_float(folder):
    tifffile.imwrite(folder / "a.tif", np.full(RGB, 0.25), photometric="rgb")
    back = read(folder / "a.tif")
    assert back.array.dtype == np.float32
    assert (back.array == 0.25).all()


def test_the_first_page_of_a_tiff_counts(folder):
    with tifffile.TiffWriter(folder / "a.tif") as file:
        file.write(some(RGB, "uint8"), photometric="rgb")
        file.write(some((4, 5), "uint8"), photometric="minisblack")
    assert np.array_equal(read(folder / "a.tif").array, some(RGB, "uint8"))


def test_tiff_of_wide_integers_is_refused(folder):
    tifffile.imwrite(folder / "a.tif", np.zeros((4, 5), np.int32))
    with pytest.raises(InputError, match="pixels of int32"):
        read(folder / "a.tif")


def test_exr_with_integers_is_refused(folder):
    OpenEXR.File({"type": OpenEXR.scanlineimage}, {"id": np.zeros((4, 5), np.uint32)}).write(str(folder / "a.exr"))
    with pytest.raises(InputError, match="a channel of integers, id"):
        read(folder / "a.exr")


def test_the_content_decides_not_the_name(folder):
    write(folder / "a.png", Picture(some(RGB, "uint16")))
    (folder / "a.png").rename(folder / "a.jpg")
    assert np.array_equal(read(folder / "a.jpg").array, some(RGB, "uint16"))


def test_sixty_megapixels_are_read_without_a_warning(folder):
    Image.new("L", (10_000, 6_000), 7).save(folder / "big.png", compress_level=1)
    Image.new("1", (12_000, 10_000)).save(folder / "bigger.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(folder / "big.png").array.shape == (6_000, 10_000)
        assert size(folder / "bigger.png") == (10_000, 12_000)


def test_too_many_pixels_for_pillow_are_refused(folder):
    Image.new("1", (20_000, 10_000)).save(folder / "a.png")
    with pytest.raises(InputError, match="too large, more than 178 megapixels"):
        size(folder / "a.png")


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.exr"])
def test_size_needs_the_header_only(folder, name):
    dtype = "float32" if name == "a.exr" else "uint16"
    write(folder / name, Picture(some((200, 300, 3), dtype), linear=dtype == "float32"))
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    assert size(folder / name) == (200, 300)


# Pillow images


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_pillow_images_are_taken_as_they_are(mode):
    image = Image.fromarray(some(RGBA, "uint8")).convert(mode)
    picture = from_pil(image)
    assert np.array_equal(picture.array, np.asarray(image))
    assert picture.has_alpha == mode.endswith("A")


def test_pillow_images_of_16_bits_and_with_a_profile(srgb):
    array = some(GRAY, "uint16")
    assert np.array_equal(from_pil(Image.fromarray(array)).array, array)
    assert np.array_equal(from_pil(Image.fromarray(array.astype(np.int32))).array, array)
    image = Image.fromarray(some(RGB, "uint8"))
    image.info["icc_profile"] = srgb
    assert from_pil(image).icc == srgb


def test_pillow_images_without_a_known_range_are_refused():
    with pytest.raises(InputError, match="mode F"):
        from_pil(Image.fromarray(some(GRAY, "float32")))
    with pytest.raises(InputError, match="more than 16 bits"):
        from_pil(Image.fromarray(np.full((3, 3), 70_000, np.int32)))


def test_a_pillow_image_of_half_a_file_is_refused(folder):
    write(folder / "a.png", Picture(some((100, 120, 3), "uint8")))
    content = (folder / "a.png").read_bytes()
    with (
        Image.open(io.BytesIO(content[: len(content) // 2])) as image,
        pytest.raises(InputError, match="damaged or incomplete"),
    ):
        from_pil(image)


# Masks


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_masks_of_every_depth(folder, dtype):
    name = "m.tif"
    array = some(GRAY, dtype)
    write(folder / name, Picture(array, linear=dtype.startswith("float")))
    mask = read_mask(folder / name)
    top = 1 if dtype.startswith("float") else np.iinfo(dtype).max
    assert mask.dtype == np.float32
    np.testing.assert_allclose(mask, array.astype(np.float32) / top, atol=1e-6)


def test_masks_painted_on_transparency(folder):
    array = np.full(RGBA, 255, np.uint8)
    array[:10, :, 3] = 0
    array[10:15, :, :3] = 0
    write(folder / "m.png", Picture(array))
    mask = read_mask(folder / "m.png")
    np.testing.assert_allclose(mask[:15], 0, atol=1e-6)
    np.testing.assert_allclose(mask[15:], 1, atol=1e-6)


# What goes wrong


@pytest.mark.parametrize("look", [read, size, read_mask])
def test_no_file_a_folder_and_no_picture_are_told_apart(folder, look):
    with pytest.raises(InputError, match="does not exist"):
        look(folder / "gone.png")
    with pytest.raises(InputError, match="is a folder"):
        look(folder)
    for name, content in [
        ("a.png", b"not a picture"),
        ("empty.png", b""),
        ("a.tif", b"II*\0"),
        ("a.exr", EXR_START),
    ]:
        (folder / name).write_bytes(content)
        with pytest.raises(InputError, match="not a picture"):
            look(folder / name)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("a.png", "uint8"),
        ("a.png", "uint16"),
        ("a.jpg", "uint8"),
        ("a.webp", "uint8"),
        ("a.tif", "uint8"),
        ("a.tif", "float16"),
        ("a.exr", "float16"),
    ],
)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_half_a_file_is_refused(folder, name, dtype, kept):
    write(folder / name, Picture(some((100, 120, 3), dtype), linear=dtype == "float16"))
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(InputError, match="damaged, incomplete or not a picture"):
        read(folder / name)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.exr"])
def test_places_that_cannot_be_written_to_are_refused(folder, name):
    picture = Picture(some(RGB, "float32" if name == "a.exr" else "uint8"))
    (folder / "file").write_bytes(b"")
    for target in (folder / "file" / name, folder / "gone" / name, Path("/proc") / name):
        with pytest.raises(InputError, match="could not be written"):
            write(target, picture)
    (folder / name).mkdir()
    with pytest.raises(InputError, match="is a folder"):
        write(folder / name, picture)
    assert sorted(path.name for path in folder.iterdir()) == sorted(["file", name])


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.exr"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(folder, name, monkeypatch):
    dtype = "float32" if name == "a.exr" else "uint8"
    write(folder / name, Picture(some(RGB, dtype)))
    before = (folder / name).read_bytes()

    def full(self, target):
        assert self.exists()  # everything but the last step has been done
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match="No space left"):
        write(folder / name, Picture(some((50, 60, 3), dtype)))
    assert (folder / name).read_bytes() == before
    assert [path.name for path in folder.iterdir()] == [name]


def test_an_interrupted_write_leaves_nothing(folder, monkeypatch):
    def interrupted(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(folder / "a.png", Picture(some(RGB, "uint8")))
    assert list(folder.iterdir()) == []


def test_new_files_have_ordinary_rights(folder):
    write(folder / "a.png", Picture(some(RGB, "uint16")))
    (folder / "plain").write_bytes(b"")
    assert (folder / "a.png").stat().st_mode == (folder / "plain").stat().st_mode


def test_written_pictures_open_in_other_programs(folder):
    array = some(RGB, "uint16")
    write(folder / "a.png", Picture(array))
    assert np.array_equal(imagecodecs.png_decode((folder / "a.png").read_bytes()), array)
    write(folder / "a.webp", Picture(some(RGB, "uint8")))
    with Image.open(io.BytesIO((folder / "a.webp").read_bytes())) as image:
        assert np.array_equal(np.asarray(image), some(RGB, "uint8"))
    write(folder / "a.tif", Picture(some(RGBA, "uint8")))
    with Image.open(folder / "a.tif") as image:
        assert image.mode == "RGBA"
        assert np.array_equal(np.asarray(image), some(RGBA, "uint8"))
