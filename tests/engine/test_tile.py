"""Tiles: no seam where they repeat, and only there."""

import numpy as np
import pytest
from scenery import correlation, tensor

from sinddm import metrics

SEEDS = 10  # small pictures differ: their mean tells


def seams(tiles: list[np.ndarray], axis) -> float:
    """The mean seam ratio: about 1 where the repetition cannot be seen."""
    return float(np.mean([metrics.seam_ratio(tensor(tile), axis) for tile in tiles]))


@pytest.mark.parametrize("quality", ["draft", "normal"])
def test_a_tile_repeats_without_a_seam_in_both_directions(quality, floor_texture):
    tiles = floor_texture.tile(SEEDS, quality=quality)
    assert seams(tiles, "x") < 1.1
    assert seams(tiles, "y") < 1.1
    plain = floor_texture.generate(SEEDS, quality=quality)
    assert min(seams(plain, "x"), seams(plain, "y")) > 1.3


def test_a_tile_along_x_repeats_along_x_only(texture):
    tiles = texture.tile(SEEDS, axis="x", quality="draft")
    assert seams(tiles, "x") < 1.15
    assert seams(tiles, "y") > 3  # sky above field


def test_a_tile_along_y_repeats_along_y_only(floor_texture):
    tiles = floor_texture.tile(SEEDS, axis="y", quality="draft")
    assert seams(tiles, "y") < 1.1
    assert seams(tiles, "x") > 1.3


@pytest.mark.parametrize("size", [(40, 96), (96, 40), (48, 48), (8, 8)])
def test_a_tile_may_have_any_size(size, floor_texture):
    tile = floor_texture.tile(size=size, quality="draft")[0]
    assert tile.shape == (*size, 3)


def test_a_tile_smaller_than_a_patch_at_the_coarsest_scale_has_no_seam(floor_texture):
    tiles = floor_texture.tile(8, size=(20, 20), quality="draft")
    assert seams(tiles, "x") < 1.1
    assert seams(tiles, "y") < 1.1


def test_a_tile_is_neither_mirrored_nor_blurred_and_looks_like_the_picture(floor_texture, floor):
    for tile in floor_texture.tile(2, quality="normal"):
        wide = np.roll(tile, (32, 32), (0, 1)).astype(float)  # the seams cross in the middle
        for axis in (0, 1):
            assert correlation(wide, np.flip(wide, axis)) < 0.5
            steps = np.abs(np.diff(wide, axis=axis)).swapaxes(0, axis)
            assert steps[28:35].mean() > 0.7 * steps.mean()
        assert np.abs(np.diff(wide, axis=1)).mean() > 0.75 * np.abs(np.diff(floor.astype(float), axis=1)).mean()
        assert metrics.coherence(tensor(tile), tensor(floor)) < 0.02
