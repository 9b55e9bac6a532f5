"""The learned engine: a network at the scales that it has learned, the closed form at the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor

from sinddm.denoisers.closed_form import ClosedForm
from sinddm.denoisers.network import REACH, Network
from sinddm.noise import SIGMA_MAX, Stage, noise_levels, published_levels
from sinddm.pyramid import Pyramid

PUBLISHED_MOST_BLURRY = 0.55  # so the published code bounds g while it samples


@dataclass(frozen=True)
class Learned:
    """A trained network and the pyramid whose scales it knows."""

    network: Network
    pyramid: Pyramid

    @property
    def coarse(self) -> int:
        """How many scales it serves from the coarsest on."""
        scales, count = self.network.config.scales, 0
        while count in scales:
            count += 1
        return count


class Combined:
    """`denoise(x, sigma, scale)` by a network at some scales that it has learned, in closed form elsewhere.

    serves: the network's scales here; None: all that it has learned from the coarsest on.
    """

    def __init__(self, learned: Learned, closed: ClosedForm, serves: Collection[int] | None = None):
        self.learned, self.closed = learned, closed
        self.serves = range(learned.coarse) if serves is None else serves
        self.config, self.pyramid = learned.network.config, learned.pyramid
        image = self.pyramid.levels[-1].image
        self._low, self._high = float(image.min()), float(image.max())
        self._blurry: Tensor | None = None

    def stages(self, size: tuple[int, int], first: int = 0, sigma: float | None = None) -> list[Stage]:
        """The closed form's way from scale `first` to a result of `size`, with the network's own noise levels."""
        return [
            self._stage(stage, sigma if stage.scale == first else None) if stage.scale in self.serves else stage
            for stage in self.closed.stages(size, first, sigma)
        ]

    def mix(self, sigma: float, scale: int) -> float:
        """g = sigma / sigma_s as published, at the closed form's scales as there; else the sharp picture alone."""
        if scale not in self.serves:
            return self.closed.mix(sigma, scale)
        if not self.config.published or scale == 0:
            return 0.0
        return min(PUBLISHED_MOST_BLURRY, sigma / self.pyramid.starts[scale])

    def begin(self, blurry: Tensor, scale: int) -> None:
        """A scale begins, from the enlarged result of the one below."""
        self._blurry = blurry
        self.closed.begin(blurry, scale)

    @torch.no_grad()
    def __call__(self, x: Tensor, sigma: float, scale: int) -> Tensor:
        """Clean estimate (B, C, h, w) of x (B, C, h, w)."""
        if scale not in self.serves:
            return self.closed(x, sigma, scale)
        about = x.new_full((len(x),), sigma), x.new_full((len(x),), scale)
        estimate = _beyond_borders(self.learned.network(_around(x, self.closed.wrap), *about), self.closed.wrap)
        share = self.mix(sigma, scale)
        if share and self._blurry is not None:  # the published network tells what was noised: the mix
            estimate = (estimate - share * self._blurry) / (1 - share)
        return estimate.clamp(self._low, self._high)

    def remember(self, x0: Tensor, sigma: float, scale: int) -> Tensor:
        """The last guide: see ClosedForm."""
        return self.closed.remember(x0, sigma, scale)

    def _stage(self, stage: Stage, sigma: float | None) -> Stage:
        start = sigma or (SIGMA_MAX if stage.scale == 0 else self.pyramid.starts[stage.scale])
        if self.config.published:  # T = 100; deterministic above scale 0 (omega = 0)
            start = sigma or (float("inf") if stage.scale == 0 else start)
            return stage._replace(sigmas=published_levels(start), eta=float(stage.scale == 0))
        first_steps, steps = self.closed.settings.network_steps
        return stage._replace(sigmas=noise_levels(start, first_steps if stage.scale == 0 else steps), eta=1.0)


def _around(x: Tensor, wrap: tuple[bool, bool]) -> Tensor:
    """The batch with as much of its other side beyond the borders that wrap as the network looks at."""
    for axis, wraps in zip((-2, -1), wrap, strict=True):
        if wraps:
            n = x.shape[axis]
            x = x.index_select(axis, torch.arange(-REACH, n + REACH, device=x.device) % n)
    return x


def _beyond_borders(x: Tensor, wrap: tuple[bool, bool]) -> Tensor:
    """Undo _around."""
    rows, columns = (slice(REACH, -REACH) if wraps else slice(None) for wraps in wrap)
    return x[..., rows, columns]
