"""Every depth and kind of picture comes back as what it was."""

import numpy as np
import pytest
from PIL import Image
from scenery import correlation, landscape, magenta

from sinddm import Texture, files

DTYPES = ["uint8", "uint16", "float16", "float32"]
KINDS = {"flat grey": (64, 80), "grey": (64, 80, 1), "grey and alpha": (64, 80, 2), "RGB": (64, 80, 3)}
KINDS |= {"RGBA": (64, 80, 4), "five maps": (64, 80, 5)}


def as_kind(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """The landscape, opaque, with that many channels and of that type."""
    channels = shape[2] if len(shape) == 3 else 1
    unit = landscape().astype(np.float64)[..., [1, 0, 2, 0, 1][:channels]] / 255
    if channels in (2, 4):
        unit[..., -1] = 1
    full = np.iinfo(dtype).max if dtype.startswith("u") else 1
    return (unit * full).astype(dtype).reshape(shape)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_variation_has_the_type_and_channels_of_the_picture(kind, dtype):
    array = as_kind(KINDS[kind], dtype)
    result = Texture.from_image(array, device="cpu").generate(size=(40, 50), quality="draft")[0]
    assert result.dtype == dtype
    assert result.shape == (40, 50, *KINDS[kind][2:])
    full = np.iinfo(dtype).max if dtype.startswith("u") else 1
    assert 0.2 * full < np.median(result) < 0.8 * full or "alpha" in kind or kind == "RGBA"
    if len(KINDS[kind]) == 3 and KINDS[kind][2] in (2, 4):
        assert (result[..., -1] == full).all()


@pytest.mark.parametrize("dtype", ["uint16", "float16", "float32"])
def test_the_same_picture_gives_the_same_variation_at_any_depth(dtype):
    """Only rounding differs."""
    coarse, fine = as_kind((64, 80, 3), "uint8"), as_kind((64, 80, 3), dtype)
    full = np.iinfo(dtype).max if dtype.startswith("u") else 1
    a, b = (Texture.from_image(x, device="cpu").generate(quality="draft", keep_layout=1.0)[0] for x in (coarse, fine))
    assert correlation(a / 255, b.astype(np.float64) / full) > 0.97


def test_a_deep_picture_keeps_its_depth():
    fine = as_kind((64, 80, 3), "uint16") + np.random.default_rng(0).integers(0, 200, (64, 80, 3), np.uint16)
    assert len(np.unique(Texture.from_image(fine, device="cpu").generate(quality="draft")[0])) > 2000


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("masked", [False, True])
def test_values_above_1_are_kept(dtype, masked):
    light = as_kind((64, 80, 3), dtype)
    light[:24, 30:60] *= 12
    highest = float(light.max())
    alpha = np.ones((64, 80, 1), dtype)
    if masked:
        alpha[40:50, 20:30] = 0
    result = Texture.from_image(np.dstack([light, alpha]), device="cpu").generate(3, quality="draft")
    color = np.stack(result)[..., :3].astype(np.float64)
    assert 0.7 * highest < color.max() <= 1.01 * highest
    assert 0.03 < (color.max(3) > 2).mean() < 0.3


def test_a_fill_works_in_the_brightest_light():
    light = as_kind((64, 80, 3), "float32")
    light[:29] = light[:29] * 5 + 6
    hole = np.zeros((64, 80), bool)
    hole[5:20, 30:50] = True
    damaged = np.where(hole[..., None], np.float32(0), light)
    filled = Texture.from_image(damaged, mask=~hole, device="cpu").fill(damaged, hole, quality="draft")[0]
    assert np.median(filled[hole]) > 6
    assert np.array_equal(filled[40:], light[40:])


def test_linear_light_is_learned_as_it_looks(tmp_path):
    """The same picture as an sRGB PNG and as a linear EXR gives about the same variation."""
    encoded = landscape()
    unit = encoded.astype(np.float32) / 255
    linear = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4).astype(np.float32)
    files.write(tmp_path / "a.exr", files.Picture(linear, linear=True))
    from_exr = Texture.from_image(tmp_path / "a.exr", device="cpu").generate(quality="draft", keep_layout=1.0)[0]
    from_png = Texture.from_image(encoded, device="cpu").generate(quality="draft", keep_layout=1.0)[0]
    assert from_exr.dtype in (np.float16, np.float32)
    again = np.where(from_exr <= 0.0031308, from_exr * 12.92, 1.055 * np.maximum(from_exr, 0) ** (1 / 2.4) - 0.055)
    assert correlation(again, from_png / 255) > 0.97


def test_a_path_a_pil_image_and_an_array_are_the_same(tmp_path, picture):
    files.write(tmp_path / "größer als.png", files.Picture(picture))
    sources = picture, Image.fromarray(picture), tmp_path / "größer als.png", str(tmp_path / "größer als.png")
    results = [Texture.from_image(source, device="cpu").generate(quality="draft")[0] for source in sources]
    for result in results[1:]:
        assert np.array_equal(result, results[0])


def test_arrays_may_lie_in_memory_in_any_way(picture):
    expected = Texture.from_image(picture, device="cpu").generate(quality="draft")[0]
    backwards = np.ascontiguousarray(picture[::-1, ::-1])[::-1, ::-1]
    read_only = picture.copy()
    read_only.setflags(write=False)
    for array in (backwards, np.asfortranarray(picture), read_only):
        assert np.array_equal(Texture.from_image(array, device="cpu").generate(quality="draft")[0], expected)


def test_the_picture_given_is_never_changed(picture):
    layer = np.dstack([picture, np.full((64, 80), 255, np.uint8)])
    layer[:, :20, 3], layer[:, :20, 0] = 0, 77
    mask = np.zeros((64, 80), np.float32)
    mask[20:40, 30:60] = 1
    before = layer.copy(), mask.copy()
    texture = Texture.from_image(layer, mask=1 - mask, device="cpu")
    for make in (
        lambda: texture.generate(quality="draft"),
        lambda: texture.fill(layer, mask, quality="draft"),
        lambda: texture.expand(layer, left=9, quality="draft"),
        lambda: texture.paint(layer, quality="draft"),
        lambda: texture.style(layer, quality="draft"),
    ):
        assert not magenta(make()[0][..., :3]).any()
        assert np.array_equal(layer, before[0])
        assert np.array_equal(mask, before[1])
