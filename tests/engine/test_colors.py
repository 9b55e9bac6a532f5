"""A picture's colours brought to another's palette."""

import pytest
import torch
from scenery import landscape, spots, tensor

from sinddm.colors import match_colors, palette, snap_to_palette


def colors_of(array) -> torch.Tensor:
    return tensor(array).reshape(array.shape[2], -1)


def apart(a: torch.Tensor, b: torch.Tensor) -> float:
    """Mean distance of the sorted values of two sets (C, N), over the channels and some of their mixtures."""
    directions = torch.randn(20, len(a), generator=torch.Generator().manual_seed(4))
    directions /= directions.norm(dim=1, keepdim=True)
    quantiles = torch.linspace(0, 1, 101)
    return float(((directions @ a).quantile(quantiles, 1) - (directions @ b).quantile(quantiles, 1)).abs().mean())


@pytest.mark.parametrize("channels", [1, 3])
def test_matched_colours_have_the_distribution_of_the_others(channels):
    content, colors = tensor(landscape())[:channels], colors_of(spots())[:channels]
    matched = match_colors(content, colors)
    assert matched.shape == content.shape
    before, after = (apart(x.reshape(channels, -1), colors) for x in (content, matched))
    assert after < 0.25 * before
    assert after < 0.05


def test_matching_keeps_the_order_of_greys():
    content, colors = tensor(landscape())[:1], colors_of(spots())[:1]
    order = content.flatten().argsort(stable=True)
    assert (match_colors(content, colors).flatten()[order].diff() >= -1e-6).all()


def test_matching_works_for_material_maps_and_flat_pictures():
    generator = torch.Generator().manual_seed(0)
    colors = torch.rand(7, 500, generator=generator)
    for content in (torch.rand(7, 20, 20, generator=generator), torch.zeros(7, 20, 20)):
        matched = match_colors(content, colors)
        assert matched.isfinite().all()
        assert torch.equal(matched, match_colors(content, colors))


def test_a_colour_snaps_to_the_palette_s_nearest_when_little_noise_is_assumed():
    colors = torch.tensor([[-0.8, 0.0, 0.8], [0.5, -0.5, 0.1], [0.0, 0.3, -0.9]])
    wanted = torch.randint(3, (10, 12), generator=torch.Generator().manual_seed(0))
    exact = colors[:, wanted]
    content = exact + 0.1 * torch.randn(exact.shape, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(snap_to_palette(content, colors, 0.05), exact, atol=0.02)


def test_far_colours_become_colours_of_the_palette():
    colors = colors_of(landscape())
    snapped = snap_to_palette(torch.full((3, 8, 8), 5.0), colors, 0.15)
    lightest = colors[:, colors.sum(0).argmax()]
    assert (snapped[:, 0, 0] - lightest).abs().max() < 0.2


@pytest.mark.parametrize("count", [1, 2048, 2049, 100_000, (1 << 25) + 4])
def test_a_palette_is_chosen_evenly_from_any_number_of_colours(count):
    chosen = palette(torch.zeros(3, 1).expand(3, count), 2048)
    assert chosen.shape == (3, min(count, 2048))
    if count == 100_000:
        steps = palette(torch.arange(count)[None].float(), 2048)[0].diff()
        assert steps.min() >= 47
        assert steps.max() <= 50
