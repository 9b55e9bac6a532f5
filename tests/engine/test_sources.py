"""What a texture is learned from: several pictures, a masked part, what is not transparent."""

import numpy as np
import pytest
import torch
from scenery import landscape, magenta, spots, tensor

from sinddm import InputError, Texture
from sinddm.atlas import side_by_side
from sinddm.pyramid import Pyramid

ALL = (64, 80)


def red(array: np.ndarray) -> np.ndarray:
    """The picture in reds only."""
    return np.stack([array[..., 1], array[..., 1] // 4, array[..., 1] // 4], 2)


def redness(array: np.ndarray) -> np.ndarray:
    return array[..., 0].astype(int) > array[..., 2].astype(int) + 40


def parts(*sizes: tuple[int, int]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(tensor(landscape(*size)), torch.ones(size, dtype=torch.bool)) for size in sizes]


# Several pictures


@pytest.mark.parametrize("sizes", [[(64, 80), (64, 80)], [(40, 50), (130, 60), (90, 200)], [(300, 40), (30, 200)]])
def test_no_patch_holds_pixels_of_two_pictures_at_any_scale(sizes):
    image, used, _ = side_by_side(parts(*sizes))
    for level in Pyramid(image, used).levels:
        columns = level.used.any(0).int()
        assert int((columns.diff() == 1).sum()) == len(sizes) - 1
        gaps = "".join("1" if c else "0" for c in columns.tolist()).strip("0").split("1")
        assert len([gap for gap in gaps if gap]) == len(sizes) - 1


def test_pictures_stand_side_by_side_on_the_same_ground():
    image, used, origin = side_by_side(parts((40, 50), (64, 30)))
    assert origin == (24, 0)
    assert torch.equal(image[:, 24:, :50], tensor(landscape(40, 50)))
    assert torch.equal(image[:, :, -30:], tensor(landscape(64, 30)))
    assert not used[:24, :50].any()
    assert used[24:, :50].all()
    assert used[:, -30:].all()


def test_a_picture_is_cut_to_what_is_used_of_it():
    (image, used), second = parts((64, 80), (50, 40))
    used[:10], used[:, 70:] = False, False
    cut, kept, origin = side_by_side([(image, used)])
    assert torch.equal(cut, image[:, 10:, :70])
    assert kept.all()
    assert origin == (-10, 0)
    assert side_by_side([(image, used), second])[2] == (-10, 0)
    assert side_by_side([second, (image, used)])[2] == (4, 0)


def test_pictures_learned_together_are_both_used(picture):
    together = Texture.from_images([picture, red(landscape(50, 70, seed=2))], device="cpu")
    result = together.generate(size=(64, 200), quality="draft")[0]
    assert result.shape == (64, 200, 3)
    blue = (result[..., 2].astype(int) > result[..., 0].astype(int) + 40).mean()
    assert blue > 0.1
    alone = redness(Texture.from_image(picture, device="cpu").generate(size=(64, 200), quality="draft")[0]).mean()
    assert redness(result).mean() > alone + 0.1


def test_grey_and_colour_are_learned_together_as_the_first_is(picture):
    grey = landscape(50, 70)[..., 1]
    assert Texture.from_images([picture, grey], device="cpu").generate(quality="draft")[0].shape == (*ALL, 3)
    assert Texture.from_images([grey, picture], device="cpu").generate(quality="draft")[0].shape == (50, 70)


def test_pictures_of_other_kinds_are_refused_together(picture):
    maps = np.zeros((64, 80, 7), np.uint8)
    with pytest.raises(InputError, match="do not go together"):
        Texture.from_images([picture, maps], device="cpu")


# A part of a picture


def two_halves() -> np.ndarray:
    """Landscape on the left, magenta spots on the right, with a wavy border between them, uint8 (80, 120, 3)."""
    left, right = landscape(80, 120), spots(80, 120)
    right[..., 1] //= 3
    right = np.maximum(right, (60, 0, 60)).astype(np.uint8)
    return np.where(border()[..., None], left, right)


def border() -> np.ndarray:
    y, x = np.mgrid[:80, :120]
    return x < 66 + 8 * np.sin(y / 9)


@pytest.mark.parametrize("kind", [bool, np.uint8, np.uint16, np.float32])
def test_only_the_masked_part_is_learned(kind):
    mask = border().astype(kind)
    if kind in (np.uint8, np.uint16):
        mask *= np.iinfo(kind).max
    result = Texture.from_image(two_halves(), mask=mask, device="cpu").generate(quality="draft")[0]
    assert result.shape == (80, 120, 3)
    assert not magenta(result).any()


def test_without_the_mask_the_rest_would_show():
    assert magenta(Texture.from_image(two_halves(), device="cpu").generate(quality="draft")[0]).mean() > 0.1


@pytest.mark.parametrize("quality", ["draft", "normal"])
@pytest.mark.parametrize("opacity", [0, 100])
def test_transparent_pixels_are_never_learned_and_results_are_opaque(opacity, quality):
    alpha = np.where(border(), 255, opacity).astype(np.uint8)
    result = Texture.from_image(np.dstack([two_halves(), alpha]), device="cpu").generate(2, quality=quality)
    for each in result:
        assert not magenta(each).any()
        assert (each[..., 3] == 255).all()


def test_what_is_no_number_under_transparency_does_not_matter():
    array = np.dstack([landscape(80, 120), np.full((80, 120), 255, np.uint8)]).astype(np.float32) / 255
    clean = array.copy()
    clean[20:40, 30:60] = 0
    array[20:40, 30:60] = (np.nan, np.inf, 1e30, 0)
    found, expected = (Texture.from_image(a, device="cpu").generate(quality="draft")[0] for a in (array, clean))
    assert np.array_equal(found, expected)
    assert found.max() <= 1


def test_the_whole_is_used_for_its_parts_at_every_scale():
    """A hole in the middle adds no colour of its own: neither black, nor the mean."""
    array = np.full((80, 120, 3), 255, np.uint8)
    array[:, 60:] = 0
    mask = np.ones((80, 120), bool)
    mask[25:55, 35:85] = False
    array[~mask] = (255, 0, 255)
    result = Texture.from_image(array, mask=mask, device="cpu").generate(quality="normal")[0]
    grey = (result > 60) & (result < 195)
    assert grey.mean() < 0.06  # only edges between black and white
    assert not magenta(result).any()


@pytest.mark.parametrize("thickness", [22, 26, 32])
def test_an_angle_of_a_picture_is_enough_to_learn_from(thickness):
    """At coarse scales it holds no whole patch to search for."""
    mask = np.zeros((128, 128), bool)
    mask[-thickness:], mask[:, :thickness] = True, True
    picture = landscape(128, 128)
    picture[~mask] = (255, 0, 255)
    result = Texture.from_image(picture, mask=mask, device="cpu").generate(quality="draft")[0]
    assert not magenta(result).any()
    assert result.std() > 10


THIN = {
    "one pixel": (slice(30, 31), slice(30, 31)),
    "a line": (slice(30, 32), slice(None)),
    "a small square": (slice(30, 37), slice(30, 37)),
}


@pytest.mark.parametrize("part", THIN)
def test_too_little_to_learn_from_is_told(part, picture):
    mask = np.zeros(ALL, bool)
    mask[THIN[part]] = True
    with pytest.raises(InputError, match="too small"):
        Texture.from_image(picture, mask=mask, device="cpu")


def test_scattered_pixels_are_too_little_to_learn_from(picture):
    mask = np.random.default_rng(0).random(ALL) < 0.5
    with pytest.raises(InputError, match="too small or too thin"):
        Texture.from_image(picture, mask=mask, device="cpu").generate(quality="draft")


def test_what_is_learned_of_a_part_keeps_its_place_in_the_whole(picture):
    """A hole below a masked-out half must not be filled as if the lower half were all there is."""
    lower = np.zeros(picture.shape[:2], bool)
    lower[32:] = True
    texture = Texture.from_image(picture, mask=lower, device="cpu")
    assert texture._frame((64, 80), (0, 0), (64, 80)) == (0.5, 0, 0.5, 1)
    assert texture._frame((64, 80), (16, 20), (80, 120)) == (48 / 80, 20 / 120, 32 / 80, 80 / 120)
    assert texture._frame((30, 40), (10, 0), (40, 40)) == (0.25, 0, 0.75, 1)  # another picture's
