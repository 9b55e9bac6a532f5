"""Colours of one picture brought to another's palette; any number of channels."""

from __future__ import annotations

import torch
from torch import Tensor

QUANTILES = 256
ROTATIONS = 12
PALETTE = 2048  # colours that a palette is represented by


def match_colors(content: Tensor, colors: Tensor, seed: int = 0) -> Tensor:
    """Give a (C, H, W) picture the distribution of `colors` (C, N), keeping which of its colours are alike.

    Iterative distribution transfer: one-dimensional matching along the axes of random rotations, repeated
    (Pitie, Kokaram and Dahyot 2007).
    """
    channels, rng = len(content), torch.Generator().manual_seed(seed)
    x, u = content.reshape(channels, -1), torch.linspace(0, 1, QUANTILES)
    target = palette(colors, 1 << 16)
    for _ in range(ROTATIONS if channels > 1 else 1):
        axes = torch.linalg.qr(torch.randn(channels, channels, generator=rng))[0].to(x)
        rotated = axes @ x
        moved = [_transport(a, b, u.to(x)) for a, b in zip(rotated, axes @ target, strict=True)]
        x = axes.T @ torch.stack(moved)
    return x.reshape(content.shape)


def _transport(values: Tensor, target: Tensor, u: Tensor) -> Tensor:
    """Monotone map of values (N,) that gives them the distribution of target (M,)."""
    own, wanted = _quantiles(values, u), _quantiles(target, u)
    right = torch.searchsorted(own, values.contiguous()).clamp(1, len(u) - 1)
    low, high = own[right - 1], own[right]
    part = ((values - low) / (high - low).clamp_min(1e-6)).clamp(0, 1)
    return wanted[right - 1] + part * (wanted[right] - wanted[right - 1])


def _quantiles(values: Tensor, u: Tensor) -> Tensor:
    ordered = values.sort()[0]
    return ordered[(u * (len(ordered) - 1)).round().long()]


def snap_to_palette(content: Tensor, colors: Tensor, spread: float) -> Tensor:
    """Move every colour of a (C, H, W) picture to its posterior mean under `colors` (C, N) at noise `spread`.

    The denoiser of 1x1 patches: what the palette makes of a colour, however far from it.
    """
    keys = palette(colors, PALETTE).T
    rows = content.reshape(len(content), -1).T
    means = []
    for part in rows.split(1 << 13):
        distance = torch.cdist(part, keys).square_()
        distance -= distance.amin(1, keepdim=True)
        means.append(torch.softmax(distance.div_(-2 * spread**2), 1) @ keys)
    return torch.cat(means).T.reshape(content.shape)


def palette(colors: Tensor, most: int) -> Tensor:
    """At most so many of the colours (C, N), evenly chosen."""
    count = colors.shape[1]
    return colors if count <= most else colors[:, (torch.arange(most) * count // most).to(colors.device)]
