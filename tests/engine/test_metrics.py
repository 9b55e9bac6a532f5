"""The measures tell apart what they are named for, and earlier figures stay comparable."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from sinddm import InputError, metrics

# Taken once with an independent implementation of the same definitions, on the pictures made below.
RECORDED = {
    "rolled": (0.044769, 0.106331, 0.014977, 0.001603, 0.087644, 0.635878, 0.0, 0.647944),
    "another": (0.037986, 0.065550, 0.014216, 0.015447, 0.530370, 0.003796, 0.000633, 0.092232),
    "mirrored": (0.008191, 0.026154, 0.010783, 0.010882, 0.475267, 0.011084, 0.016215, 0.0),
}


def meadow(height: int = 60, width: int = 84, seed: int = 0) -> Tensor:
    """A soft random texture under a vertical gradient, (3, H, W)."""
    rng = np.random.default_rng(seed)
    noise = [ndimage.gaussian_filter(rng.standard_normal((height, width)), blur, mode="wrap") for blur in (4, 2, 1)]
    soft = np.stack(noise) / np.abs(noise).max((1, 2), keepdims=True)
    sky = np.linspace(0.5, -0.5, height)[:, None]
    return torch.from_numpy(np.clip(0.5 * soft + sky, -1, 1).astype(np.float32))


def with_noise(picture: Tensor, amount: float) -> Tensor:
    return picture + amount * torch.randn(picture.shape, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def reference() -> Tensor:
    return meadow()


@pytest.fixture
def samples(reference: Tensor) -> dict[str, Tensor]:
    return {
        "rolled": reference.roll((10, 17), (1, 2)),
        "another": meadow(50, 90, seed=1),
        "mirrored": reference.flip(2),
    }


@pytest.mark.parametrize("name", RECORDED)
def test_figures_agree_with_the_recorded_ones_to_one_percent(name, samples, reference):
    assert metrics.measure(samples[name], reference) == pytest.approx(RECORDED[name], rel=0.01, abs=2e-5)


def test_a_copy_is_perfect_and_not_original(reference):
    quality = metrics.measure(reference, reference)
    assert quality[:4] == pytest.approx((0, 0, 0, 0), abs=1e-6)
    assert (quality.bigcopy, quality.ident, quality.spec) == (1, 1, 0)


def test_a_rolled_copy_is_given_away_by_bigcopy_and_nnfdiv(reference, samples):
    rolled = metrics.copying(samples["rolled"], reference)
    another = metrics.copying(samples["another"], reference)
    assert rolled.ident < 0.01
    assert rolled.bigcopy > 0.5
    assert another.bigcopy < 0.05
    assert another.nnfdiv > 3 * rolled.nnfdiv


def test_coherence_finds_what_is_alien_and_completeness_what_is_left_out(reference):
    alien = reference.clone()
    alien[:, 20:40, 30:60] = torch.tensor([1.0, -1.0, 1.0])[:, None, None]
    part = reference[:, :40, :50]
    assert metrics.coherence(part, reference) == pytest.approx(0, abs=1e-6)
    assert metrics.coherence(reference, part) > 0.01
    assert metrics.measure(alien, reference).coh > 10 * metrics.measure(part, reference).coh + 0.05
    assert metrics.measure(part, reference).comp > 0.01


def test_coarse_differences_show_in_swd4_and_fine_noise_does_not(reference):
    noisy = metrics.measure(with_noise(reference, 0.2), reference)
    brighter = metrics.measure(reference + 0.1, reference)
    assert noisy.swd4 < noisy.swd1
    assert brighter.swd4 == pytest.approx(brighter.swd1, rel=0.2)


def test_noise_shows_in_the_spectrum(reference):
    little, much = (metrics.spectral_distance(with_noise(reference, n), reference) for n in (0.02, 0.2))
    assert 0 < little < much


def test_a_gray_picture_measures_like_the_colour_picture_of_its_channels(reference):
    gray = reference[:1]
    assert metrics.measure(gray, reference) == metrics.measure(gray.expand(3, -1, -1), reference)


def test_a_batch_of_one_is_a_picture(reference):
    assert metrics.sliced_wasserstein(reference[None], meadow(seed=1)) > 0


def test_any_number_of_channels_can_be_measured(reference):
    maps = torch.cat([reference, meadow(seed=1)[:2]])
    assert metrics.measure(maps.flip(2), maps).coh > 0


def test_small_chunks_change_nothing(reference, samples, monkeypatch):
    whole = metrics.measure(samples["another"], reference)
    monkeypatch.setattr(metrics, "CHUNK", 500_000)
    assert metrics.measure(samples["another"], reference) == pytest.approx(whole, rel=1e-4)


def test_temporary_memory_stays_within_the_chunk(monkeypatch):
    monkeypatch.setattr(metrics, "CHUNK", 1 << 18)
    strips = [keys for _, keys in metrics._strips(meadow(200, 300)[None])]
    assert len(strips) > 10
    assert max(keys.numel() for keys in strips) <= metrics.CHUNK
    assert sum(len(keys) for keys in strips) == (200 - 6) * (300 - 6)


def test_a_large_picture_is_measured_on_evenly_drawn_patches(reference, samples, monkeypatch):
    every = metrics.coherence(samples["another"], reference)
    monkeypatch.setattr(metrics, "MAX_QUERIES", 80)
    assert metrics.coherence(samples["another"], reference) == pytest.approx(every, rel=0.25)


def test_mean_is_taken_figure_by_figure(reference, samples):
    a, b = (metrics.measure(samples[name], reference) for name in ("another", "mirrored"))
    assert metrics.mean([a, b]).swd1 == pytest.approx((a.swd1 + b.swd1) / 2)
    assert metrics.mean([a, b]).spec == pytest.approx((a.spec + b.spec) / 2)


def test_diversity_is_zero_for_equal_samples_and_as_recorded_for_three(reference):
    others = [reference, meadow(seed=1), meadow(seed=2)]
    assert metrics.diversity([reference] * 3, reference) == 0
    assert metrics.diversity(others, reference) == pytest.approx(0.283110, rel=0.01)


def refusals() -> dict:
    y = meadow()
    broken = y.clone()
    broken[0, 3, 3] = torch.nan
    return {
        "too small to measure": lambda: metrics.measure(y[:, :20], y),
        "too long and thin": lambda: metrics.measure(torch.zeros(3, 30, 1500), y),
        "not numbers": lambda: metrics.measure(broken, y),
        "4 and 3 channels": lambda: metrics.measure(torch.zeros(4, 40, 40), y),
        "One picture at a time": lambda: metrics.measure(torch.stack([y, y]), y),
        "at least two samples": lambda: metrics.diversity([y], y),
        "same size": lambda: metrics.gradient_correlation(y, y[:, 1:]),
    }


@pytest.mark.parametrize("told", refusals())
def test_what_cannot_be_measured_is_refused_in_a_sentence(told):
    with pytest.raises(InputError, match=told):
        refusals()[told]()


def test_gradient_correlation_sees_shapes_not_brightness(reference):
    assert metrics.gradient_correlation(reference, 0.5 * reference + 0.3) == pytest.approx(1)
    assert metrics.gradient_correlation(reference, -reference) == pytest.approx(-1)
    assert abs(metrics.gradient_correlation(reference, meadow(seed=1))) < 0.1
    assert metrics.gradient_correlation(reference, torch.zeros_like(reference)) == 0


def test_gradient_correlation_looks_only_inside_the_mask(reference):
    changed, mask = meadow(seed=1), torch.zeros(60, 84)
    mask[10:50, 10:40] = 1
    changed[:, 10:50, 10:40] = reference[:, 10:50, 10:40]
    assert metrics.gradient_correlation(reference, changed, mask) == pytest.approx(1)
    assert metrics.gradient_correlation(reference, changed) < 0.8


def test_seam_ratio_is_one_where_a_picture_repeats_and_large_where_it_does_not(reference):
    assert metrics.seam_ratio(reference, "x") == pytest.approx(1, abs=0.25)
    assert metrics.seam_ratio(reference, "y") > 4
    assert metrics.seam_ratio(reference[:, :, :-20], "x") > 2
    assert metrics.seam_ratio(torch.zeros(3, 8, 8), "x") == 1
