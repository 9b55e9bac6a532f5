"""Noise levels, and noise with one seed for each variation."""

import pytest
import torch

from sinddm.noise import Noise, noise_levels

CPU = torch.device("cpu")


@pytest.mark.parametrize(("start", "count"), [(8.0, 12), (0.2, 6), (0.3, 2)])
def test_noise_levels_are_those_of_karras(start, count):
    """Karras et al. 2022, equation 5: sigma_i = (max^1/rho + i/(N-1) (min^1/rho - max^1/rho))^rho, then 0."""
    levels = noise_levels(start, count)
    assert len(levels) == count + 1
    for i, sigma in enumerate(levels[:-1]):
        root = start ** (1 / 5) + i / (count - 1) * (0.02 ** (1 / 5) - start ** (1 / 5))
        assert sigma == pytest.approx(root**5)
    assert levels[-2:] == [0.02, 0]  # to the bit: guides ask for the last level


@pytest.mark.parametrize(("start", "count"), [(0.2, 1), (0.01, 6), (0.02, 4)])
def test_one_level_is_enough_for_one_step_and_for_little_noise(start, count):
    assert noise_levels(start, count) == [start, 0.0]


def test_noise_is_standard_normal():
    noise = Noise([1, 2], CPU).like(torch.empty(2, 3, 100, 100))
    assert noise.shape == (2, 3, 100, 100)
    assert abs(float(noise.mean())) < 0.02
    assert float(noise.std()) == pytest.approx(1, abs=0.02)


def test_a_seed_gives_the_same_noise_in_any_batch_and_new_noise_at_every_call():
    together, alone = Noise([5, 6, 7], CPU), Noise([6], CPU)
    shapes = torch.empty(3, 2, 8, 9), torch.empty(1, 2, 8, 9)
    first = [n.like(shape) for n, shape in zip((together, alone), shapes, strict=True)]
    second = [n.like(shape) for n, shape in zip((together, alone), shapes, strict=True)]
    assert torch.equal(first[0][1], first[1][0])
    assert torch.equal(second[0][1], second[1][0])
    assert not torch.equal(first[0][1], second[0][1])
    assert not torch.equal(first[0][0], first[0][1])
