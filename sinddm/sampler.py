"""The reverse process: one loop over scales and noise levels, whatever the denoiser and the task."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from torch import Tensor

from sinddm.denoisers import Denoiser
from sinddm.noise import Noise, Stage
from sinddm.pyramid import enlarge


class Step(NamedTuple):
    """Where the process stands, for progress, preview and cancel."""

    fraction: float
    """Of the whole work, 0 to 1."""
    variation: int
    """Index of the (first) variation in the making."""
    scale: int
    step: int
    x0: Tensor
    """Clean estimate (B, C, h, w) in [-1, 1]: a preview."""


class Guide(Protocol):
    """Bends the clean estimate: keep these pixels, pull this region."""

    def __call__(self, x0: Tensor, sigma: float, scale: int) -> Tensor: ...


OnStep = Callable[[Step], None]
LEAST_COST = 10_000  # pixels: a step takes as long as so many, however few it has


def sample(
    denoise: Denoiser,
    stages: Sequence[Stage],
    noise: Noise,
    start: Tensor,
    guides: Sequence[Guide] = (),
    on_step: OnStep | None = None,
    wrap: tuple[bool, bool] = (False, False),
) -> Tensor:
    """Run the reverse process from `start` (B, C, h, w), a picture at the first scale (zeros: from noise alone).

    At every scale x_t = g b + (1 - g) x_s + sigma n, where b is the enlarged result of the scale below and g the
    denoiser's mix (Kulikov et al. 2023, eq. 4, in variance-exploding form). Each step estimates x_s, lets the guides
    bend it, and moves to the next noise level; the part of the noise that is fresh is Song et al. 2021, eq. 16.
    Returns (B, C, h, w) of the last stage. Raises whatever on_step raises.
    """
    costs = [(stage.size[0] * stage.size[1] + LEAST_COST) * (len(stage.sigmas) - 1) for stage in stages]
    done, x = 0.0, start
    for stage, cost in zip(stages, costs, strict=True):
        blurry = enlarge(x, stage.size, wrap)
        denoise.begin(blurry, stage.scale)
        x = blurry + stage.sigmas[0] * noise.like(blurry)
        for i, (sigma, lower) in enumerate(pairwise(stage.sigmas)):
            x0 = denoise(x, sigma, stage.scale)
            for guide in guides:
                x0 = guide(x0, sigma, stage.scale)
            done += cost / (len(stage.sigmas) - 1)
            if on_step:
                on_step(Step(done / sum(costs), 0, stage.scale, i, x0))
            if lower == 0:
                x = x0
                break
            g, g_lower = denoise.mix(sigma, stage.scale), denoise.mix(lower, stage.scale)
            fresh = stage.eta * lower * math.sqrt(1 - (lower / sigma) ** 2)
            old = math.sqrt(lower**2 - fresh**2) / sigma
            x = x0.lerp(blurry, g_lower) + old * (x - x0.lerp(blurry, g))
            if fresh:
                x = x + fresh * noise.like(x)
    return x
