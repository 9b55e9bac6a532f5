"""Noise: which levels of it are visited at which scale, and where it comes from."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

SIGMA_MIN, SIGMA_MAX, RHO = 0.02, 8.0, 5.0


def noise_levels(start: float, count: int, end: float = SIGMA_MIN) -> list[float]:
    """`count` noise levels from `start` down to `end`, then 0 (Karras et al. 2022, eq. 5 with rho = 5)."""
    if count == 1 or start <= end:
        return [start, 0.0]
    a, b = start ** (1 / RHO), end ** (1 / RHO)
    return [(a + i / (count - 1) * (b - a)) ** RHO for i in range(count - 1)] + [end, 0.0]


class Stage(NamedTuple):
    """The part of the process at one scale."""

    scale: int
    size: tuple[int, int]
    """(height, width) of the result at this scale."""
    sigmas: list[float]
    """Noise levels from the first to 0."""
    eta: float
    """1: all noise that is put back is fresh (ancestral sampling); 0: none is (the deterministic path)."""


class Noise:
    """Gaussian noise with one seed for each variation, so that a variation is the same outside its batch.

    Drawn on the CPU and moved: the same seed gives the same noise on every device.
    """

    def __init__(self, seeds: list[int], device: torch.device):
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.seeds, self.device = seeds, device

    def like(self, batch: Tensor) -> Tensor:
        """Standard normal noise of the shape of a (B, C, H, W) batch, B the number of seeds."""
        planes = [torch.randn(batch.shape[1:], generator=g) for g in self.generators]
        return torch.stack(planes).to(self.device)
