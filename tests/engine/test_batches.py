"""What the network is shown while it learns: noisy pieces of the picture, of every scale."""

from dataclasses import replace

import pytest
import torch
from recipes import OURS, PUBLISHED
from scenery import landscape, tensor

from sinddm.denoisers.network import REACH
from sinddm.noise import PUBLISHED_STEPS, SIGMA_MAX, SIGMA_MIN, published_sigma, published_step
from sinddm.pyramid import Pyramid
from sinddm.training.batches import LEVEL_RHO, Batch, Batches
from sinddm.training.recipe import Recipe

ALL = 1 << 20  # pixels, more than any picture here has


@pytest.fixture(params=[OURS, PUBLISHED], ids=["ours", "published"])
def recipe(request) -> Recipe:
    return request.param


@pytest.fixture(scope="module")
def pyramid() -> Pyramid:
    """Three scales, 24 to 48 pixels high."""
    return Pyramid(tensor(landscape(48, 60)), coarsest=24)


def batches(pyramid: Pyramid, recipe: Recipe, seed: int = 0) -> Batches:
    return Batches(pyramid, recipe.config(pyramid), recipe, torch.Generator().manual_seed(seed))


def of_scale(source: Batches, scale: int, count: int) -> list[Batch]:
    """Some batches of a scale."""
    found: list[Batch] = []
    while len(found) < count:
        batch = source.draw(ALL)
        found += [batch] if batch.scale[0] == scale else []
    return found


# Noise


def test_the_same_seed_draws_the_same_batches(pyramid, recipe):
    for first, again in zip(*([batches(pyramid, recipe).draw(1500) for _ in range(4)] for _ in range(2)), strict=True):
        assert all(a is b is None or torch.equal(a, b) for a, b in zip(first, again, strict=True))  # type: ignore[arg-type]
    assert not torch.equal(batches(pyramid, recipe, 1).draw(ALL).sigma, batches(pyramid, recipe, 2).draw(ALL).sigma)


def test_every_scale_that_is_learned_is_shown_as_often_as_the_others(pyramid):
    source = batches(pyramid, replace(OURS, scales=2))
    scales = torch.stack([source.draw(ALL).scale[0] for _ in range(400)])
    assert scales.unique().tolist() == [0, 1]
    assert 150 < int((scales == 0).sum()) < 250


@pytest.mark.parametrize("scale", [0, 1])
def test_noise_levels_are_spread_evenly_over_what_sampling_visits(scale, pyramid):
    top = SIGMA_MAX if scale == 0 else pyramid.starts[scale]
    low, high = SIGMA_MIN ** (1 / LEVEL_RHO), top ** (1 / LEVEL_RHO)
    places = []
    for batch in of_scale(batches(pyramid, replace(OURS, batch=8)), scale, 60):
        place = ((batch.sigma ** (1 / LEVEL_RHO) - low) / (high - low)).sort().values
        assert torch.allclose(place.diff(), torch.full((7,), 1 / 8), atol=1e-4)
        places.append(place)
    assert 0 < float(torch.cat(places).min() + 1e-5) < 0.02
    assert 0.98 < float(torch.cat(places).max() - 1e-5) < 1


@pytest.mark.parametrize("scale", [0, 2])
def test_the_published_noise_is_of_all_100_steps_at_every_scale(scale, pyramid):
    sigmas = torch.cat([batch.sigma for batch in of_scale(batches(pyramid, PUBLISHED), scale, 250)])
    steps = published_step(sigmas).round()
    assert torch.allclose(published_sigma(steps), sigmas, rtol=1e-4)
    assert steps.unique().tolist() == list(range(PUBLISHED_STEPS))


def test_what_is_shown_is_the_target_under_so_much_noise(pyramid, recipe):
    for scale in (0, 1):
        for batch in of_scale(batches(pyramid, recipe), scale, 3):
            noise = (batch.noisy - batch.target) / batch.sigma[:, None, None, None]
            assert noise.std((1, 2, 3)).tolist() == pytest.approx([1] * 4, abs=0.1)
            assert noise.mean((1, 2, 3)).tolist() == pytest.approx([0] * 4, abs=0.1)
            assert len(noise.unique(dim=0)) == 4


def test_the_target_is_the_picture_and_as_published_mixed_with_the_scale_below(pyramid, recipe):
    """Kulikov et al. 2023, equation 4."""
    for scale in (0, 1):
        batch = of_scale(batches(pyramid, recipe), scale, 1)[0]
        for sigma, target in zip(batch.sigma.tolist(), batch.target, strict=True):
            share = min(1, sigma / pyramid.starts[scale]) if recipe.published and scale else 0
            below = pyramid.blurry(scale) if scale else 0
            assert torch.allclose(target, (1 - share) * pyramid.levels[scale].image + share * below, atol=1e-5)


def test_errors_of_all_noise_levels_count_alike(pyramid):
    """An error of the network's own output weighs the same whatever it is multiplied with: Karras et al., table 1."""
    batch, std = batches(pyramid, OURS).draw(ALL), OURS.config(pyramid).data_std
    output = batch.sigma * std / (batch.sigma**2 + std**2).sqrt()
    assert torch.allclose(batch.weight.amax((1, 2, 3)) * output**2, torch.ones(4), rtol=1e-4)
    assert torch.equal(batch.weight.amin((1, 2, 3)), batch.weight.amax((1, 2, 3)))


def test_published_errors_count_as_errors_of_the_noise(pyramid):
    batch = batches(pyramid, PUBLISHED).draw(ALL)
    assert torch.allclose(batch.weight, (1 / batch.sigma)[:, None, None, None].expand_as(batch.weight), rtol=1e-5)


def test_unused_pixels_are_said_to_be_unused_and_count_nothing():
    used = torch.ones(24, 30, dtype=torch.bool)
    used[3:9, 4:20] = False
    batch = batches(Pyramid(tensor(landscape(24, 30)), used), OURS).draw(ALL)
    assert batch.used is not None
    assert torch.equal(batch.used > 0, used.expand(4, 1, -1, -1))
    assert torch.equal(batch.weight > 0, used.expand(4, 1, -1, -1))


# Pieces


def places(height: int, width: int) -> Batches:
    """Batches of a picture whose values are the rows and the columns."""
    rows, columns = torch.meshgrid(torch.arange(height) * 1.0, torch.arange(width) * 1.0, indexing="ij")
    picture = torch.stack([rows, columns, rows]) / 500
    return batches(Pyramid(picture, coarsest=min(height, width)), replace(OURS, scales=1))


@pytest.mark.parametrize("most", [500, 2048, 5000])
@pytest.mark.parametrize("size", [(100, 120), (36, 400), (400, 36), (20, 300), (300, 20)])
def test_pieces_count_where_they_know_all_that_an_estimate_depends_on(size, most):
    source = places(*size)
    for _ in range(20):
        batch = source.draw(most)
        h, w = batch.target.shape[-2:]
        assert h * w <= max(most, (2 * REACH + 1) ** 2)
        rows, columns = (batch.target[0, :2] * 500).round()
        known = torch.ones(h, w, dtype=torch.bool)
        for line, full in ((rows, size[0]), (columns, size[1])):
            first, last = line.min(), line.max()
            known &= (line - first >= REACH) | (first == 0)
            known &= (last - line >= REACH) | (last == full - 1)
        assert known.any()
        assert torch.equal(batch.weight[0, 0] > 0, known)


def test_the_borders_of_a_picture_that_is_learned_in_pieces_are_learned_too():
    source, seen = places(100, 300), torch.zeros(100)
    for _ in range(300):
        batch = source.draw(4000)
        seen[(batch.target[0, 0, :, 0] * 500).round().long()[(batch.weight[0, 0] > 0).any(1)]] += 1
    assert float(seen[[0, 1, -2, -1]].min()) > 0.2 * float(seen.max())
