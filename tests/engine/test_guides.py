"""Guides: known pixels are kept, regions are pulled to their places."""

import pytest
import torch
from scenery import landscape, tensor

from sinddm.guides import Follow, Keep, Pull
from sinddm.noise import SIGMA_MIN
from sinddm.pyramid import Pyramid, resample


@pytest.fixture
def known() -> torch.Tensor:
    known = torch.ones(64, 80)
    known[20:44, 30:60] = 0
    return known


def test_known_pixels_are_kept_to_the_bit_and_the_others_left_alone(known):
    image, x0 = tensor(landscape()), torch.rand(2, 3, 64, 80)
    bent = Keep(image, known, known)(x0, 0.1, 3)
    assert torch.equal(bent[..., known == 1], image[..., known == 1].expand(2, -1, -1))
    assert torch.equal(bent[..., known == 0], x0[..., known == 0])


def test_a_soft_edge_mixes_at_the_last_scale(known):
    image, x0, soft = tensor(landscape()), torch.rand(1, 3, 64, 80), known * 0.9
    bent = Keep(image, known, soft)(x0, 0.1, 3)
    assert torch.allclose(bent[0], soft * image + (1 - soft) * x0[0], atol=1e-6)


@pytest.mark.parametrize("size", [(24, 30), (45, 57)])
def test_at_a_coarse_scale_the_unknown_adds_nothing_to_the_known(size, known):
    image = torch.where(known == 1, torch.tensor(0.5), torch.tensor(-30.0)).expand(3, -1, -1)
    x0 = torch.full((1, 3, *size), -1.0)
    bent = Keep(image, known, known)(x0, 0.1, 0)
    kept = bent[0, 0] != -1
    assert float(kept.float().mean()) == pytest.approx(float(known.mean()), abs=0.06)
    assert torch.allclose(bent[0, :, kept], torch.tensor(0.5), atol=0.02)


def test_values_beyond_white_are_kept(known):
    keep = Keep(torch.full((3, 64, 80), 2.5), known, known)
    for size in ((64, 80), (24, 30)):
        assert keep(torch.zeros(1, 3, *size), 0.1, 0)[..., 0, 0].allclose(torch.tensor(2.5), atol=0.01)


def test_a_region_is_pulled_into_its_box_at_every_scale_but_the_last():
    pyramid = Pyramid(tensor(landscape()))
    pull = Pull(pyramid.levels, [((8, 40, 16, 16), (48, 4, 16, 16))], (64, 80))
    for scale, level in enumerate(pyramid.levels):
        x0 = torch.zeros(2, 3, *level.size)
        bent = pull(x0, 0.1, scale)
        if scale == len(pyramid) - 1:
            assert torch.equal(bent, x0)
            continue
        down, across = level.size[0] / 64, level.size[1] / 80
        box = slice(round(4 * down), round(20 * down)), slice(round(48 * across), round(64 * across))
        region = level.image[:, round(40 * down) : round(56 * down), round(8 * across) : round(24 * across)]
        assert torch.allclose(bent[0, :, box[0], box[1]].mean((1, 2)), 0.8 * region.mean((1, 2)), atol=0.03)
        outside = bent.clone()
        outside[:, :, box[0], box[1]] = 0
        assert not outside.any()
        assert not x0.any()


def test_unused_pixels_of_a_region_pull_nothing():
    used = torch.ones(64, 80, dtype=torch.bool)
    used[40:56, 16:24] = False
    pyramid = Pyramid(tensor(landscape()), used)
    bent = Pull(pyramid.levels, [((8, 40, 16, 16), (48, 4, 16, 16))], (64, 80))(torch.full((1, 3, 24, 30), 9.0), 0.1, 0)
    assert (bent[..., 3:6, 22:24] == 9).all()
    assert (bent[..., 3:6, 18:20] < 6).all()


def test_an_estimate_leans_towards_the_content_but_not_in_its_last_step():
    content, x0 = tensor(landscape(40, 50)), torch.zeros(2, 3, 40, 50)
    follow = Follow(content, 0.75, last=3)
    for sigma, scale in ((0.3, 3), (SIGMA_MIN, 2)):
        assert torch.allclose(follow(x0, sigma, scale), 0.75 * content.expand_as(x0), atol=1e-6)
    assert follow(x0, SIGMA_MIN, 3) is x0
    small = follow(torch.zeros(1, 3, 20, 25), 0.3, 1)
    assert torch.allclose(small[0], 0.75 * resample(content, (20, 25)), atol=1e-6)
