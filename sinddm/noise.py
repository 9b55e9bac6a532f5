"""Noise: which levels of it are visited at which scale, and where it comes from."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

SIGMA_MIN, SIGMA_MAX, RHO = 0.02, 8.0, 5.0
PUBLISHED_STEPS = 100
OFFSET = 0.008  # of the cosine schedule
START = OFFSET / (1 + OFFSET) * (math.pi / 2)
LAST_KEPT = 1 - 0.999  # of the picture, at the least, from step to step


def noise_levels(start: float, count: int, end: float = SIGMA_MIN) -> list[float]:
    """`count` noise levels from `start` down to `end`, then 0 (Karras et al. 2022, eq. 5 with rho = 5)."""
    if count == 1 or start <= end:
        return [start, 0.0]
    a, b = start ** (1 / RHO), end ** (1 / RHO)
    return [(a + i / (count - 1) * (b - a)) ** RHO for i in range(count - 1)] + [end, 0.0]


def published_sigma(step: Tensor) -> Tensor:
    """Noise level of a step, 0 to 99, of SinDDM: sqrt(1 / a - 1), a of the cosine schedule (Nichol and Dhariwal 2021,
    eq. 17), whose last beta is cut to 0.999."""
    a = _cosine((step + 1) / PUBLISHED_STEPS)
    return (1 / torch.maximum(a, LAST_KEPT * _cosine(step / PUBLISHED_STEPS)) - 1).sqrt()


def published_step(sigma: Tensor) -> Tensor:
    """The step, a fraction between steps too, that has this noise level: undoes published_sigma."""
    angle = (math.cos(START) * (1 + sigma**2).rsqrt()).acos()
    return PUBLISHED_STEPS * (angle * (2 / math.pi) * (1 + OFFSET) - OFFSET) - 1


def _cosine(part: Tensor) -> Tensor:
    """The share of the picture that is left at a part, 0 to 1, of the schedule."""
    return (((part + OFFSET) / (1 + OFFSET) * (math.pi / 2)).cos() / math.cos(START)) ** 2


def published_levels(start: float) -> list[float]:
    """The noise levels of SinDDM's steps from the first that is not above `start`, or the last, down to 0."""
    levels = published_sigma(torch.arange(PUBLISHED_STEPS, dtype=torch.float64)).flip(0).tolist()
    return [*([sigma for sigma in levels if sigma <= start] or levels[-1:]), 0.0]


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
