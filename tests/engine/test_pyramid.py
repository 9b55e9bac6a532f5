"""A picture at every scale: sizes, and resampling that leaves unused pixels out."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image
from scenery import landscape, tensor

from sinddm import InputError
from sinddm.pyramid import COARSEST, Pyramid, build, enlarge, resample, scale_sizes


@pytest.mark.parametrize("size", [(167, 298), (2048, 2048), (64, 80), (600, 100)])
def test_scales_grow_from_a_short_side_of_24_to_the_picture_by_about_the_root_of_2(size):
    sizes = scale_sizes(size)
    assert min(sizes[0]) == COARSEST == 24
    assert sizes[-1] == size
    for small, large in pairwise(sizes):
        assert 1.25 < min(large) / min(small) < 1.55
        assert max(large) / min(large) == pytest.approx(max(size) / min(size), rel=0.05)


@pytest.mark.parametrize("size", [(24, 24), (15, 400), (8, 8), (26, 100)])
def test_a_small_picture_has_one_scale_which_is_itself(size):
    image = tensor(landscape(*size))
    levels = build(image)
    assert [level.size for level in levels] == [size]
    assert torch.equal(levels[0].image, image)


def test_every_scale_is_the_original_reduced_by_lanczos():
    image = tensor(landscape(96, 80))
    levels = build(image)
    assert len(levels) > 3
    for level in levels:
        for plane, expected in zip(level.image, image, strict=True):
            size = (level.size[1], level.size[0])
            reduced = Image.fromarray(expected.numpy()).resize(size, Image.Resampling.LANCZOS)
            assert np.allclose(plane, np.asarray(reduced), atol=1e-6)


def test_colours_of_unused_pixels_change_nothing_however_extreme_they_are():
    image, used = tensor(landscape(80, 96)), torch.ones(80, 96, dtype=torch.bool)
    used[20:50, 30:70] = False
    wild = torch.where(used, image, torch.tensor(1e6))
    for a, b in zip(build(image, used), build(wild, used), strict=True):
        assert torch.equal(a.image, b.image)
        assert torch.equal(a.used, b.used)


def test_used_pixels_next_to_unused_ones_keep_their_colour_at_every_scale():
    image, used = torch.full((3, 80, 96), 0.8), torch.ones(80, 96, dtype=torch.bool)
    image[:, 60:] = -0.8
    used[:40, 30:60] = False  # where the unused pixels' stand-in, the mean, would show
    for level in build(image, used):
        above = level.used.clone()
        above[round(50 * level.size[0] / 80) :] = False
        assert above.any()
        assert (level.image[:, above] - 0.8).abs().max() < 0.01


def test_a_coarse_pixel_is_used_only_where_most_of_it_is():
    image, used = tensor(landscape(96, 96)), torch.zeros(96, 96, dtype=torch.bool)
    used[:, 48:] = True
    for level in build(image, used):
        share = level.used.float().mean()
        assert share == pytest.approx(0.5, abs=0.04)
        assert not level.used[:, : level.size[1] // 2 - 1].any()


def test_values_beyond_white_survive_a_mask():
    image, used = tensor(landscape(64, 64)), torch.ones(64, 64, dtype=torch.bool)
    image[:, 20:40, 20:40] = 2.5
    used[:8, :8] = False
    for level in build(image, used):
        assert level.image.max() == pytest.approx(2.5, abs=0.01)


def test_the_first_noise_of_a_scale_is_twice_the_detail_that_the_scale_below_lacks():
    image = tensor(landscape(96, 96))
    pyramid = Pyramid(image)
    for s in range(1, len(pyramid)):
        below, here = pyramid.levels[s - 1].image, pyramid.levels[s].image
        up = torch.nn.functional.interpolate(below[None], size=here.shape[-2:], mode="bicubic")[0]
        assert pyramid.starts[s] == pytest.approx(2 * float((here - up).square().mean().sqrt()), rel=1e-4)
    assert Pyramid(torch.zeros(3, 96, 96)).starts[1:] == [0.04] * (len(pyramid) - 1)


def test_a_result_has_the_same_share_of_its_full_size_at_every_scale():
    pyramid = Pyramid(tensor(landscape(96, 128)))
    for s, level in enumerate(pyramid.levels):
        assert pyramid.size_at(s, (96, 128)) == level.size
        assert pyramid.size_at(s, (192, 64)) == pytest.approx((2 * level.size[0], level.size[1] / 2), abs=1)


def test_enlarging_a_tile_wraps_around_only_where_asked():
    x = tensor(landscape(24, 30))[None]
    for wrap, shift in (((True, False), (7, 0)), ((False, True), (0, 7)), ((True, True), (5, 7))):
        twice = tuple(2 * n for n in shift)
        rolled = enlarge(x.roll(shift, (2, 3)), (48, 60), wrap)
        assert torch.allclose(rolled, enlarge(x, (48, 60), wrap).roll(twice, (2, 3)), atol=1e-5)
        plain = enlarge(x.roll(shift, (2, 3)), (48, 60))
        assert not torch.allclose(plain, enlarge(x, (48, 60)).roll(twice, (2, 3)), atol=1e-2)


def test_resampling_to_the_same_size_changes_nothing():
    image = tensor(landscape(40, 50))
    assert torch.equal(resample(image, (40, 50)), image)
    assert resample(image, (20, 25)).shape == (3, 20, 25)


@pytest.mark.parametrize("size", [(1, 1), (7, 40), (40, 7)])
def test_a_picture_without_a_patch_is_refused(size):
    with pytest.raises(InputError, match=f"{size[1]}x{size[0]} pixels: too small"):
        build(torch.zeros(3, *size))


def test_a_picture_of_which_nothing_is_used_is_refused():
    with pytest.raises(InputError, match="Nothing to learn from"):
        build(torch.zeros(3, 40, 40), torch.zeros(40, 40, dtype=torch.bool))
