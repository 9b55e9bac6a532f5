"""What the network is shown: noisy pieces of the picture, and what it is to make of them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from sinddm.denoisers.network import REACH, NetworkConfig
from sinddm.noise import PUBLISHED_STEPS, SIGMA_MAX, SIGMA_MIN, published_sigma
from sinddm.pyramid import Pyramid
from sinddm.training.recipe import Recipe

FINEST_PIECE = 80 * 80  # pixels of the finest scale that are learned at once where it is learned apart
LEVEL_RHO = 3.0  # spacing of the noise levels that are practised: more of the high ones than when sampling


class Batch(NamedTuple):
    """Noisy pictures of one scale, (B, C, h, w) all."""

    noisy: Tensor
    target: Tensor
    """What the network is to estimate."""
    sigma: Tensor
    """Noise levels (B,)."""
    scale: Tensor
    """(B,)."""
    weight: Tensor
    """(B, 1, h, w), how much an error counts; 0 where a pixel is unused, or too near to where a piece was cut."""
    used: Tensor | None
    """(B, 1, h, w), 1 or 0: pixels that may be seen; None: all."""


class Batches:
    """Draws batches of a pyramid's scales; the same generator gives the same batches."""

    def __init__(self, pyramid: Pyramid, config: NetworkConfig, recipe: Recipe, generator: torch.Generator):
        self.pyramid, self.config, self.recipe, self.generator = pyramid, config, recipe, generator
        self.size = recipe.batch
        self.device = pyramid.levels[-1].image.device
        self._blurry = {s: pyramid.blurry(s) for s in config.scales if s and config.published}

    def draw(self, most: int) -> Batch:
        """A batch of a scale drawn by chance; pictures of more than `most` pixels are cut to a piece of that many."""
        scale = self._scale()
        level = self.pyramid.levels[scale]
        if self._alone(scale):
            most = min(most, FINEST_PIECE)
        rows, columns, counted = self._piece(level.size, most)
        clean = level.image[:, rows, columns]
        sigma = self._published_sigmas() if self.config.published else self._sigmas(scale)
        spread = sigma[:, None, None, None]
        target = clean.expand(self.size, *clean.shape)
        if self.config.published and scale:  # Kulikov et al. 2023, eq. 4
            share = (spread / self.pyramid.starts[scale]).clamp(max=1)
            target = torch.lerp(target, self._blurry[scale][:, rows, columns].expand_as(target), share)
        noisy = target + spread * torch.randn(target.shape, generator=self.generator, device=self.device)
        here = level.used[rows, columns]
        used = None if here.all() else here.float().expand(self.size, 1, *here.shape)
        weight = (counted & here).float() * self._weight(spread)
        return Batch(noisy, target, sigma, torch.full_like(sigma, scale), weight, used)

    def _scale(self) -> int:
        """One of the scales, all alike, but for a finest one that is learned apart."""
        *others, last = self.config.scales
        if not self._alone(last):
            return self.config.scales[int(self._uniform(1) * len(self.config.scales))]
        chance = float(self._uniform(1))
        if chance < self.recipe.finest:
            return last
        return others[int((chance - self.recipe.finest) / (1 - self.recipe.finest) * len(others))]

    def _alone(self, scale: int) -> bool:
        """Whether it is learned although the one below is not."""
        return scale > 0 and scale - 1 not in self.config.scales

    def _sigmas(self, scale: int) -> Tensor:
        """Only levels that sampling visits at this scale, spread evenly over the batch."""
        top = SIGMA_MAX if scale == 0 else self.pyramid.starts[scale]
        place = (self._uniform(1) + torch.arange(self.size, device=self.device) / self.size) % 1
        return torch.lerp(_root(top), _root(SIGMA_MIN), place.cpu()).pow(LEVEL_RHO).to(self.device)

    def _published_sigmas(self) -> Tensor:
        """Any of the 100 steps at any scale."""
        return published_sigma((self._uniform(self.size) * PUBLISHED_STEPS).floor())

    def _weight(self, spread: Tensor) -> Tensor:
        """Errors of all noise levels count alike (Karras et al. 2022, table 1); published: as errors of the noise."""
        if self.config.published:
            return 1 / spread
        return (spread**2 + self.config.data_std**2) / (spread * self.config.data_std) ** 2

    def _piece(self, size: tuple[int, int], most: int) -> tuple[slice, slice, Tensor]:
        """Rows and columns of a piece of at most so many pixels, and which of its pixels know all they depend on."""
        height, width = size
        if height * width <= most:
            return slice(0, height), slice(0, width), torch.ones(size, dtype=torch.bool, device=self.device)
        side = max(2 * REACH + 1, int(most**0.5))
        h = min(height, max(side, most // width))
        w = min(width, max(side, most // h))
        top, left = (self._begin(n - m) for n, m in ((height, h), (width, w)))
        counted = torch.ones(h, w, dtype=torch.bool, device=self.device)
        counted[: REACH if top else 0] = False
        counted[h - (REACH if top + h < height else 0) :] = False
        counted[:, : REACH if left else 0] = False
        counted[:, w - (REACH if left + w < width else 0) :] = False
        return slice(top, top + h), slice(left, left + w), counted

    def _begin(self, last: int) -> int:
        """From 0 to last, these two as often as REACH + 1 others: only pieces that touch a border tell of it."""
        return min(max(int(self._uniform(1) * (last + 1 + 2 * REACH)) - REACH, 0), last)

    def _uniform(self, count: int) -> Tensor:
        return torch.rand(count, generator=self.generator, device=self.device)


def _root(sigma: float) -> Tensor:
    return torch.tensor(sigma ** (1 / LEVEL_RHO))
