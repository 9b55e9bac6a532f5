"""The exact denoiser: a posterior mean over all patches of a picture."""

import numpy as np
import pytest
import torch
from scenery import landscape, tensor
from torch import Tensor

from sinddm import InputError
from sinddm.denoisers import exact
from sinddm.denoisers.exact import Exact
from sinddm.noise import Noise, Stage, noise_levels
from sinddm.pyramid import Level
from sinddm.sampler import sample


def level(image: Tensor, used: Tensor | None = None) -> Level:
    used = torch.ones(image.shape[-2:], dtype=torch.bool) if used is None else used
    return Level(image, used)


def small(h: int = 14, w: int = 16, channels: int = 1) -> Tensor:
    return tensor(landscape(h, w))[:channels] * 2


def posterior_mean(x: np.ndarray, image: np.ndarray, p: int, sigma: float, wrap: bool) -> np.ndarray:
    """Patch by patch: softmax(-|q - p_j|^2 / 2 sigma^2) p_j, averaged where patches overlap. Pictures (C, H, W)."""
    _, rows, cols = image.shape
    keys = [image[:, i : i + p, j : j + p] for i in range(rows - p + 1) for j in range(cols - p + 1)]
    u = np.linspace(-1, 1, p)
    window = np.exp(-0.5 * (u[:, None] ** 2 + u[None] ** 2) / 0.3**2)
    total, weight = np.zeros(x.shape), np.zeros(x.shape)
    height, width = x.shape[1:]
    for i in range(height if wrap else height - p + 1):
        for j in range(width if wrap else width - p + 1):
            y, z = np.ix_((i + np.arange(p)) % height, (j + np.arange(p)) % width)
            distances = np.array([((x[:, y, z] - key) ** 2).sum() for key in keys])
            share = np.exp((distances.min() - distances) / (2 * sigma**2))
            mean = sum(s * key for s, key in zip(share / share.sum(), keys, strict=True))
            total[:, y, z] += window * mean
            weight[:, y, z] += window
    return total / weight


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(("patch", "channels", "sigma"), [(5, 1, 0.1), (5, 1, 0.7), (5, 1, 4.0), (3, 3, 0.5)])
def test_without_balance_it_is_the_posterior_mean(patch, channels, sigma, wrap):
    image = small(channels=channels)
    x = torch.randn(1, channels, 11, 13, generator=torch.Generator().manual_seed(1))
    found = Exact(level(image), patch, balance=0, wrap=(wrap, wrap))(x, sigma)[0]
    expected = posterior_mean(x[0].double().numpy(), image.double().numpy(), patch, sigma, wrap)
    assert np.allclose(found, expected, atol=1e-4)


def test_one_axis_wraps_without_the_other():
    image, x = small(20, 20, 3), torch.randn(1, 3, 16, 18, generator=torch.Generator().manual_seed(1))
    for wrap, shift in (((True, False), (5, 0)), ((False, True), (0, 5))):
        denoise = Exact(level(image), 5, 0, wrap=wrap)
        assert torch.allclose(denoise(x.roll(shift, (2, 3)), 1.0), denoise(x, 1.0).roll(shift, (2, 3)), atol=1e-4)
        other = shift[::-1]
        assert not torch.allclose(denoise(x.roll(other, (2, 3)), 1.0), denoise(x, 1.0).roll(other, (2, 3)), atol=0.05)


def made(denoise: Exact, seeds: list[int], size: tuple[int, int]) -> Tensor:
    """Pictures (B, C, h, w) from noise alone, at one scale."""

    class Once:
        def begin(self, blurry: Tensor, scale: int) -> None:
            pass

        def mix(self, sigma: float, scale: int) -> float:
            return 0.0

        def __call__(self, x: Tensor, sigma: float, scale: int) -> Tensor:
            return denoise(x, sigma)

    stage, channels = Stage(0, size, noise_levels(8.0, 8), 1.0), 3
    return sample(Once(), [stage], Noise(seeds, torch.device("cpu")), torch.zeros(len(seeds), channels, *size))


def test_with_balance_the_whole_picture_is_used():
    """A flat sky takes more than its share, or less, unless the attention is balanced."""
    image = tensor(landscape(24, 30))
    image[:, :14] = 0.7
    off = []
    for balance in (0, 15):
        pictures = made(Exact(level(image), 11, balance), [1, 2, 3, 4, 5, 6], (24, 30))
        sky = ((pictures - 0.7).abs().amax(1) < 0.1).float().mean((1, 2))
        off.append(float((sky - 14 / 24).abs().mean()))
    assert off[1] < 0.1
    assert off[1] < 0.5 * off[0]


def test_what_only_one_patch_explains_stays_that_patch_under_balance():
    image = tensor(landscape(24, 24))
    assert torch.allclose(Exact(level(image), 7, balance=15)(image[None], 0.02), image[None], atol=0.02)


def test_a_patch_wanted_everywhere_is_not_worn_out_by_balance():
    """Where all of the result needs one patch, its factor sinks at every iteration: never so far that it vanishes."""
    image = torch.randn(1, 24, 24, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)
    image[:, :7, :7] = 0.9
    x = torch.full((1, 1, 30, 30), 0.9)
    assert torch.allclose(Exact(level(image), 7, balance=15)(x, 0.02), x, atol=1e-3)


def test_the_layout_term_pulls_along_its_own_axis():
    image = tensor(landscape(24, 30))
    image = image - image.mean((1, 2), keepdim=True)
    image[:, :, :15] += 0.5
    x = 8 * torch.randn(1, 3, 24, 30, generator=torch.Generator().manual_seed(3))

    def likeness(layout: tuple[float, float], axis: int) -> float:
        x0 = Exact(level(image), 7, 0, layout)(x, 8.0)[0]
        return float(torch.corrcoef(torch.stack([x0.mean(axis).flatten(), image.mean(axis).flatten()]))[0, 1])

    down, across = 2, 1  # the axis that is averaged over: rows are left, columns are left
    assert likeness((200.0, 0.0), down) > 0.9 > likeness((0.0, 0.0), down) + 0.2
    assert likeness((0.0, 200.0), across) > 0.9 > likeness((0.0, 0.0), across) + 0.2
    assert likeness((200.0, 0.0), across) < 0.8
    assert likeness((0.0, 200.0), down) < 0.8


def test_the_layout_holds_for_the_frame_in_which_the_picture_stands():
    image = tensor(landscape(24, 30))
    x = 8 * torch.randn(1, 3, 48, 30, generator=torch.Generator().manual_seed(3))
    lower = (0.5, 0.0, 0.5, 1.0)  # the picture is the lower half of the result
    x0 = Exact(level(image), 7, 0, (400.0, 0.0), frame=lower)(x, 8.0)[0]
    rows, expected = x0[:, 24:].mean(2), image.mean(2)
    assert float(torch.corrcoef(torch.stack([rows.flatten(), expected.flatten()]))[0, 1]) > 0.9


@pytest.mark.parametrize("balance", [0, 15])
def test_in_pieces_it_is_about_the_same_as_at_once(balance, monkeypatch):
    image = tensor(landscape(24, 30))
    x = 2 * torch.randn(1, 3, 30, 34, generator=torch.Generator().manual_seed(2))
    denoise = Exact(level(image), 7, balance)
    whole = denoise(x, 1.0)
    monkeypatch.setattr(exact, "PAIRS", 200 * len(denoise.keys))
    pieces = denoise(x, 1.0)
    if balance:
        assert (pieces - whole).abs().mean() < 0.1 * whole.std()
    else:
        assert torch.allclose(pieces, whole, atol=1e-5)


@pytest.mark.parametrize("sigma", [0.05, 1.0])
def test_patches_with_unused_pixels_are_never_used(sigma):
    image, used = tensor(landscape(24, 30)) * 0.5 - 0.5, torch.ones(24, 30, dtype=torch.bool)
    image[:, 8:11, 20:23], used[8:11, 20:23] = 1.0, False
    x = torch.ones(1, 3, 20, 20) + sigma * torch.randn(1, 3, 20, 20, generator=torch.Generator().manual_seed(2))
    highest = image[:, used].max()
    assert Exact(level(image, used), 7, 15)(x, sigma).max() <= highest + 0.01
    assert Exact(level(image), 7, 15)(x, sigma).max() > highest + 0.05


@pytest.mark.parametrize("size", [(3, 3), (5, 40), (8, 8)])
def test_a_result_smaller_than_a_patch_is_made_too(size):
    image = tensor(landscape(24, 30))
    x = 8 * torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(2))
    x0 = Exact(level(image), 11, 15)(x, 8.0)
    assert x0.shape == x.shape
    assert image.min() <= x0.min() <= x0.max() <= image.max()


def test_a_tile_smaller_than_a_patch_wraps_around():
    image = tensor(landscape(24, 30))
    x = torch.randn(1, 3, 7, 9, generator=torch.Generator().manual_seed(2))
    denoise = Exact(level(image), 11, 0, wrap=(True, True))
    assert torch.allclose(denoise(x.roll((3, 4), (2, 3)), 1.0), denoise(x, 1.0).roll((3, 4), (2, 3)), atol=1e-4)


def test_the_patch_shrinks_to_what_is_whole():
    strip = torch.zeros(24, 60, dtype=torch.bool)
    strip[8:14] = True
    denoise = Exact(level(tensor(landscape(24, 60)), strip), 11, 0)
    assert denoise.patch == 5


def test_a_part_too_thin_for_any_patch_is_refused():
    line = torch.zeros(24, 60, dtype=torch.bool)
    line[8:10] = True
    with pytest.raises(InputError, match="too small or too thin"):
        Exact(level(tensor(landscape(24, 60)), line), 11, 0)
