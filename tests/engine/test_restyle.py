"""Paint, style and place: forms from one picture, looks from another."""

import numpy as np
import pytest
from scenery import correlation, landscape, magenta, reduced, tensor

from sinddm import InputError, Texture, metrics


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return landscape(96, 120)


@pytest.fixture(scope="module")
def look(scene) -> Texture:
    return Texture.from_image(scene, device="cpu")


@pytest.fixture(scope="module")
def painting() -> np.ndarray:
    """A hill and a red bush below the sky, in three flat colours."""
    y, x = np.mgrid[:96, :120]
    picture = np.full((96, 120, 3), (130, 165, 230), np.uint8)
    picture[y > 38 + 14 * np.sin(x / 20)] = (70, 120, 50)
    picture[((y - 72) / 9) ** 2 + ((x - 36) / 11) ** 2 < 1] = (200, 40, 40)
    return picture


# Paint


@pytest.mark.parametrize("quality", ["draft", "normal"])
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_a_painting_keeps_its_forms_and_gets_the_look(strength, quality, look, scene, painting):
    result = look.paint(painting, strength=strength, quality=quality)[0]
    assert correlation(reduced(result), reduced(painting)) >= 0.8
    before, after = (metrics.sliced_wasserstein(tensor(p), tensor(scene)) for p in (painting, result))
    assert after < 0.09
    assert after < 0.7 * before
    assert metrics.coherence(tensor(result), tensor(scene)) < 0.01


def test_more_strength_is_freer_of_the_painting(look, painting):
    likeness = [correlation(reduced(look.paint(painting, strength=s)[0]), reduced(painting)) for s in (0.0, 1.0)]
    assert likeness[1] < likeness[0] - 0.01


@pytest.mark.parametrize("size", [(64, 64), (40, 150), (10, 12)])
def test_a_painting_may_have_any_size_and_kind(size, look):
    for channels in (3, 4):
        painting = np.full((*size, channels), 200, np.uint8)
        painting[: size[0] // 2, :, 0] = 30
        result = look.paint(painting, quality="draft")[0]
        assert result.shape == painting.shape
        if channels == 4:
            assert np.array_equal(result[..., 3], painting[..., 3])


@pytest.mark.parametrize("task", ["paint", "style"])
def test_colours_under_transparency_change_nothing_that_shows(task, look, painting):
    results = []
    for wild in ((255, 0, 255), (0, 0, 0)):
        layer = np.dstack([painting, np.full((96, 120), 255, np.uint8)])
        layer[:, :30] = (*wild, 0)
        results.append(getattr(look, task)(layer, quality="draft")[0])
    assert (results[0][:, :30, 3] == 0).all()
    assert np.array_equal(results[0][:, 30:], results[1][:, 30:])


# Style


@pytest.fixture(scope="module")
def content() -> np.ndarray:
    """Another landscape, in wrong colours."""
    return landscape(128, 160, seed=5)[..., ::-1].copy()


@pytest.fixture(scope="module")
def model() -> np.ndarray:
    return landscape(128, 160)


def test_a_content_keeps_its_forms_in_the_style_s_patches(content, model):
    style = Texture.from_image(model, device="cpu")
    result, free = style.style(content)[0], style.style(content, strength=1.0)[0]
    assert metrics.gradient_correlation(tensor(result), tensor(content)) > 0.35
    assert metrics.coherence(tensor(free), tensor(model)) < 0.004
    assert metrics.coherence(tensor(result), tensor(model)) < 0.015
    assert metrics.coherence(tensor(content), tensor(model)) > 0.1
    unrelated = style.generate()[0]
    assert metrics.gradient_correlation(tensor(unrelated), tensor(content)) < 0.1


def test_the_weaker_the_style_the_more_detail_stays(content, model):
    style = Texture.from_image(model, device="cpu")
    kept = [
        np.mean(
            [
                metrics.gradient_correlation(tensor(result), tensor(content))
                for result in style.style(content, 2, strength=strength, quality="draft")
            ]
        )
        for strength in (0.1, 0.9)
    ]
    assert kept[0] > kept[1] + 0.02


def test_a_grey_content_stays_grey_and_of_its_size(look):
    result = look.style(landscape(50, 70)[..., 1], quality="draft")[0]
    assert result.shape == (50, 70)


# Place


@pytest.fixture(scope="module")
def marked() -> np.ndarray:
    """The landscape with one magenta stone at (20, 44), 16 by 14 pixels."""
    picture = landscape()
    y, x = np.mgrid[:64, :80]
    stone = ((y - 51) / 7) ** 2 + ((x - 28) / 8) ** 2 < 1
    picture[stone] = (200, 40, 200)
    return picture


STONE = (20, 44, 16, 14)


@pytest.mark.parametrize("quality", ["draft", "normal"])
@pytest.mark.parametrize("corner", [(4, 5), (56, 44)])
def test_a_region_comes_to_its_place(corner, quality, marked):
    texture = Texture.from_image(marked, device="cpu")
    for result in texture.place([(STONE, corner)], 2, quality=quality):
        there = magenta(result)[corner[1] + 3 : corner[1] + 11, corner[0] + 4 : corner[0] + 12]
        assert there.mean() > 0.8
        assert result.shape == marked.shape


def test_a_region_may_be_scaled_and_the_result_have_another_size(marked):
    texture = Texture.from_image(marked, device="cpu")
    result = texture.place([(STONE, (60, 10, 32, 28))], size=(80, 120), quality="draft")[0]
    assert result.shape == (80, 120, 3)
    assert magenta(result)[16:32, 68:84].mean() > 0.8


def test_regions_are_those_of_the_picture_also_when_only_a_part_was_learned(marked):
    mask = np.zeros((64, 80), bool)
    mask[12:, 10:70] = True
    for texture in (
        Texture.from_image(marked, mask=mask, device="cpu"),
        Texture.from_images([marked, landscape(90, 60)], masks=[mask, None], device="cpu"),
    ):
        result = texture.place([(STONE, (50, 30))], quality="draft")[0]
        assert magenta(result)[33:41, 54:62].mean() > 0.8


def test_a_region_that_is_partly_learned_comes_in_part(marked):
    mask = np.ones((64, 80), bool)
    mask[:, :23] = False
    result = Texture.from_image(marked, mask=mask, device="cpu").place([(STONE, (50, 30))], quality="draft")[0]
    assert magenta(result)[34:40, 56:62].mean() > 0.6


def test_a_region_that_was_not_learned_is_refused(marked):
    mask = np.ones((64, 80), bool)
    mask[40:62, 16:40] = False
    texture = Texture.from_image(marked, mask=mask, device="cpu")
    with pytest.raises(InputError, match="choose one that was learned"):
        texture.place([(STONE, (50, 8))])
