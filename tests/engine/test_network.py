"""The network: what it is, how far it sees, and which noise it knows."""

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from sinddm.denoisers.network import REACH, Network, NetworkConfig
from sinddm.noise import PUBLISHED_STEPS, published_levels, published_sigma, published_step
from sinddm.training.trainer import new_network

WILD = 1e4


@pytest.fixture(params=[False, True], ids=["ours", "published"])
def network(request) -> Network:
    """A narrow network that has learned nothing yet."""
    return new_network(NetworkConfig(width=16, published=request.param), seed=1)


def noisy(height: int, width: int, count: int = 1) -> Tensor:
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(2))


def estimate(network: Network, x: Tensor, sigma: float = 0.7, scale: int = 1, used: Tensor | None = None) -> Tensor:
    with torch.no_grad():
        return network(x, torch.full((len(x),), sigma), torch.full((len(x),), float(scale)), used)


# What it is


def test_the_network_of_the_paper_has_1_1_million_parameters():
    count = sum(parameter.numel() for parameter in Network(NetworkConfig(width=160)).parameters())
    assert count == pytest.approx(1.1e6, rel=0.05)


def test_the_same_seed_makes_the_same_network_and_leaves_the_random_numbers_of_others_alone():
    before = torch.random.get_rng_state()
    first, again, other = (new_network(NetworkConfig(width=16), seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(value, again[name]) for name, value in first.items())
    assert not all(torch.equal(value, other[name]) for name, value in first.items())


@pytest.mark.parametrize("channels", [1, 3, 5])
@pytest.mark.parametrize("size", [(1, 1), (2, 40), (17, 16), (70, 33)])
def test_pictures_of_any_size_and_channels_go_through(size, channels):
    network = new_network(NetworkConfig(width=16, channels=channels), seed=1)
    x = torch.randn(2, channels, *size)
    assert estimate(network, x).shape == x.shape


def test_a_picture_is_estimated_alike_alone_and_among_others_of_other_noise_and_scale(network):
    x, sigma, scale = noisy(20, 24, 3), torch.tensor([0.1, 1.0, 5.0]), torch.tensor([0.0, 1.0, 2.0])
    with torch.no_grad():
        together = network(x, sigma, scale)
    for k in range(3):
        alone = estimate(network, x[k : k + 1], float(sigma[k]), int(scale[k]))
        assert torch.allclose(together[k], alone[0], atol=1e-5)


def test_it_is_told_the_noise_level_and_the_scale(network):
    """Not only by the noise that it then takes away: what it says of the same values differs."""
    x, known = noisy(20, 24), []
    network.blocks[0].register_forward_hook(lambda block, inputs, output: known.append(inputs[1]))
    for sigma, scale in ((0.7, 1), (0.8, 1), (0.7, 2)):
        estimate(network, x, sigma, scale)
    assert not torch.allclose(known[0], known[1], atol=1e-5)
    assert not torch.allclose(known[0], known[2], atol=1e-5)
    assert not torch.equal(estimate(network, x, 0.7, 1), estimate(network, x, 0.7, 2))


def test_with_little_noise_the_estimate_is_what_it_was_given(network):
    x = noisy(20, 24)
    assert torch.allclose(estimate(network, x, 1e-3), x, atol=0.02)


# How far it sees


def test_an_estimate_depends_on_pixels_up_to_the_reach_and_on_none_beyond(network):
    x, (row, column) = noisy(61, 67), (30, 33)
    changed = x.clone()
    changed[..., row, column] += 300
    rows, columns = (estimate(network, x) != estimate(network, changed))[0].any(0).nonzero().unbind(1)
    assert (int(rows.min()), int(rows.max())) == (row - REACH, row + REACH)
    assert (int(columns.min()), int(columns.max())) == (column - REACH, column + REACH)


def test_the_reach_is_that_of_the_published_network():
    assert 2 * REACH + 1 == 33


def test_the_same_neighbourhood_has_the_same_estimate_wherever_it_is(network):
    x = noisy(60, 64)
    part = estimate(network, x[..., 5:, 9:])
    assert torch.allclose(
        estimate(network, x)[..., 5 + REACH :, 9 + REACH :], part[..., REACH:, REACH:], rtol=0, atol=1e-5
    )


# Unused pixels


@pytest.fixture
def used() -> Tensor:
    """An odd shape of used pixels, (2, 1, 30, 36), with a hole in it."""
    used = torch.zeros(30, 36)
    used[:20, 4:] = 1
    used[8:15, 12:20] = 0
    used[25:, :6] = 1
    return used.expand(2, 1, -1, -1)


def test_what_lies_in_unused_pixels_changes_no_estimate_of_a_used_one(network, used):
    x = noisy(30, 36, 2)
    wild = torch.where(used > 0, x, WILD * noisy(30, 36, 2))
    here = used.expand_as(x) > 0
    assert torch.equal(estimate(network, x, used=used)[here], estimate(network, wild, used=used)[here])


def test_what_lies_in_unused_pixels_changes_no_gradient(network, used):
    x = noisy(30, 36, 2)
    gradients = []
    for values in (x, torch.where(used > 0, x, WILD * noisy(30, 36, 2))):
        network.zero_grad()
        result = network(values, torch.tensor([0.3, 2.0]), torch.tensor([0.0, 1.0]), used)
        (used * (result - x).square()).sum().backward()
        gradients.append([parameter.grad for parameter in network.parameters()])
    assert all(grad is not None and grad.abs().sum() > 0 for grad in gradients[0])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


def test_unused_pixels_are_like_what_is_beyond_the_border(network):
    x, used = noisy(40, 44), torch.zeros(1, 1, 40, 44)
    used[..., 7:31, 5:38] = 1
    alone = estimate(network, x[..., 7:31, 5:38])
    assert torch.allclose(estimate(network, x, used=used)[..., 7:31, 5:38], alone, atol=1e-5)


def test_where_all_pixels_are_used_nothing_needs_to_be_said(network):
    x = noisy(20, 24)
    assert torch.allclose(estimate(network, x), estimate(network, x, used=torch.ones(1, 1, 20, 24)), atol=1e-6)


# The published noise


def test_published_noise_levels_are_those_of_the_published_code():
    """There a step's noise follows from a product: the clipped betas of Nichol and Dhariwal 2021, equation 17."""
    f = torch.cos((torch.linspace(0, 1, 101, dtype=torch.float64) + 0.008) / 1.008 * (math.pi / 2)).square()
    theirs = (1 / (f[1:] / f[:-1]).clamp(min=0.001).cumprod(0) - 1).sqrt()
    ours = published_sigma(torch.arange(PUBLISHED_STEPS, dtype=torch.float64))
    assert torch.allclose(ours, theirs, rtol=1e-6)


def test_a_step_and_its_noise_level_say_the_same():
    """But for the last step, whose noise the schedule cuts."""
    steps = torch.arange(PUBLISHED_STEPS, dtype=torch.float64)
    assert torch.allclose(published_step(published_sigma(steps))[:-1], steps[:-1], atol=1e-9)
    assert float(published_step(published_sigma(steps))[-1]) == pytest.approx(99, abs=0.05)
    sigmas = torch.logspace(-2, 1.5, 50, dtype=torch.float64)
    assert torch.allclose(published_sigma(published_step(sigmas)), sigmas, rtol=1e-9)


def test_from_infinite_noise_all_100_published_levels_are_visited_down_to_none():
    levels = published_levels(float("inf"))
    assert len(levels) == PUBLISHED_STEPS + 1 == 101
    assert levels[-1] == 0
    assert all(a > b for a, b in pairwise(levels))
    assert levels[:-1] == pytest.approx(published_sigma(torch.arange(99, -1, -1.0)).tolist(), rel=1e-3)


@pytest.mark.parametrize("start", [0.05, 0.5, 3.0])
def test_published_levels_begin_with_the_first_that_is_not_above_the_start(start):
    levels, every = published_levels(start), published_levels(float("inf"))
    assert levels == every[-len(levels) :]
    assert levels[0] <= start < every[-len(levels) - 1]


def test_even_the_least_noise_has_a_published_level():
    levels = published_levels(0.0001)
    assert len(levels) == 2
    assert levels[0] > levels[1] == 0
