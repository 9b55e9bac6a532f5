"""Variations: any size, any channels, closer or freer, with the picture's look."""

import numpy as np
import pytest
from scenery import correlation, landscape, tensor

from sinddm import Texture, metrics


@pytest.mark.parametrize("size", [(64, 80), (100, 150), (40, 200), (150, 40), (8, 8), (9, 120), (30, 24)])
def test_variations_of_any_size_and_shape(size, texture, picture):
    result = texture.generate(size=size, quality="draft")[0]
    assert result.shape == (*size, 3)
    assert result.dtype == np.uint8
    assert int(result.min()) >= int(picture.min()) - 1
    assert int(result.max()) <= int(picture.max()) + 1
    if min(size) >= 24:
        assert metrics.coherence(tensor(result), tensor(picture)) < 0.02
        assert result.std() > 0.6 * picture.std()


@pytest.mark.parametrize("size", [(8, 8), (9, 9), (8, 60), (15, 120), (120, 15), (24, 24), (30, 33)])
def test_pictures_of_any_shape_are_learned(size):
    result = Texture.from_image(landscape(*size), device="cpu").generate(quality="draft")[0]
    assert result.shape == (*size, 3)
    assert result.std() > 5


def test_without_a_size_a_variation_is_as_large_as_the_picture(texture, picture):
    assert texture.size == picture.shape[:2]
    assert texture.generate(quality="draft")[0].shape == picture.shape


@pytest.mark.parametrize(("quality", "coherence"), [("draft", 0.008), ("normal", 0.006), ("best", 0.006)])
def test_a_variation_has_the_picture_s_look_and_is_not_the_picture(quality, coherence, texture, picture):
    for result in texture.generate(2, quality=quality):
        figures = metrics.measure(tensor(result), tensor(picture))
        assert figures.coh < coherence
        assert figures.swd1 < 0.12
        assert figures.ident < 0.5
        assert figures.bigcopy < 0.6


def test_the_sky_stays_above(texture):
    for result in texture.generate(3, quality="draft"):
        blue = result[..., 2].astype(int) - result[..., 1]
        assert blue[:16].mean() > blue[-16:].mean() + 30


def test_keep_layout_keeps_the_layout(texture, picture):
    likeness = [
        np.mean([correlation(one, picture) for one in texture.generate(3, keep_layout=keep, quality="draft")])
        for keep in (0.0, 0.5, 1.0)
    ]
    assert likeness[0] < 0.85
    assert 0.9 < likeness[1] < likeness[2] + 0.01
    assert likeness[2] > 0.95


def test_closeness_copies_larger_pieces(texture, picture):
    figures = [
        np.mean(
            [
                metrics.copying(tensor(one), tensor(picture))[:2]
                for one in texture.generate(3, closeness=closeness, quality="draft")
            ],
            axis=0,
        )
        for closeness in (0.0, 0.5, 1.0)
    ]
    (free, small), (middle, _), (close, large) = figures
    assert free > middle > close  # less and less rearranged
    assert large > 2 * small


def test_material_maps_stay_aligned():
    """Colour, its negative, and a normal map that follows it: every pixel of a result is one pixel's maps."""
    color = landscape(60, 72).astype(np.float32) / 255
    slope = np.gradient(color[..., 1], axis=1)
    maps = np.dstack([color, 1 - color, slope])
    result = Texture.from_image(maps, device="cpu").generate(size=(64, 90), quality="draft")[0]
    assert result.shape == (64, 90, 7)
    assert result[..., :3].std() > 0.1
    assert np.allclose(result[..., 3:6], 1 - result[..., :3], atol=1e-3)
    inside = result[4:-4, 4:-4]
    assert correlation(np.gradient(result[..., 1], axis=1)[4:-4, 4:-4], inside[..., 6]) > 0.7


def test_a_grey_picture_gives_grey_variations(picture):
    grey = picture[..., 1]
    flat, deep = (Texture.from_image(a, device="cpu").generate(quality="draft")[0] for a in (grey, grey[..., None]))
    assert flat.shape == grey.shape
    assert np.array_equal(flat, deep[..., 0])
    assert flat.std() > 20


def test_a_flat_picture_gives_itself():
    flat = np.full((40, 50, 3), (200, 30, 90), np.uint8)
    for size in (None, (60, 30)):
        result = Texture.from_image(flat, device="cpu").generate(size=size, quality="draft")[0]
        assert np.abs(result.astype(int) - flat[0, 0]).max() <= 1
