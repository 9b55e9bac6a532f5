"""The instant engine: closed-form denoisers for all scales, exact for the coarse ones, by patch search for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sinddm.denoisers.exact import WHOLE, Exact, Frame
from sinddm.denoisers.nearest import Nearest
from sinddm.errors import InputError
from sinddm.noise import SIGMA_MAX, Stage, noise_levels
from sinddm.pyramid import Box, Pyramid, Region, box_at, resample

FIRST_MATCH = 160  # short side up to which all patches are compared with all
FEWEST = 64  # whole patches that a scale needs to be searched
SEARCH_NOISE = 4.0  # times sigma_s: more noise lets the search choose among more patches, and seams find better ways
RADIUS = 8  # of random candidates, in pixels
MOST_BLURRY = 0.9  # g never reaches 1: something of the sharp picture always shows


@dataclass(frozen=True)
class Settings:
    """What a user feels of the closed form; the defaults are the normal quality."""

    patch: int = 10
    """Side of a patch at the exact scales: small is freer, large is closer to the picture."""
    balance: int = 5
    """Sinkhorn iterations: how evenly the picture is used."""
    layout: tuple[float, float] = (5.0, 0.0)
    """Weight of a patch's (vertical, horizontal) place in the picture; a little gravity keeps the sky above."""
    exact_scales: int = 2
    """Scales served by the exact denoiser; the others by patch search."""
    first_steps: int = 12
    """Noise levels at scale 0."""
    exact_steps: int = 6
    """Noise levels at every other exact scale."""
    exact_noise: float = 0.0
    """With which scale 1 begins at least, if it is exact: so much that what scale 0 has made can be rearranged."""
    steps: int = 4
    """Noise levels at a searched scale."""
    search_patch: int = 9
    """Side of the patches that are searched."""
    vote: int = 9
    """Side of the neighbourhood that votes for a pixel."""
    network_steps: tuple[int, int] = (12, 4)
    """Noise levels at scale 0, and at every other scale, that a trained network serves."""


class ClosedForm:
    """`denoise(x, sigma, scale)` for a pyramid; remembers the matches of the variations in the making.

    seeds: one for each variation of the batch; wrap: (vertical, horizontal) for tiles; frame: see
    Exact; regions: parts of the picture that have their places.
    """

    def __init__(
        self,
        pyramid: Pyramid,
        settings: Settings,
        seeds: Sequence[int],
        wrap: tuple[bool, bool] = (False, False),
        frame: Frame = WHOLE,
        regions: Sequence[Region] = (),
    ):
        self.pyramid, self.settings, self.seeds, self.wrap, self.frame = pyramid, settings, seeds, wrap, frame
        self.regions = regions
        self.search = Nearest(settings.search_patch, settings.vote, wrap=wrap)
        self.exact_scales = self._exact_scales()
        self._exact: tuple[int, Exact] | None = None
        self._fields: list[Tensor] = []
        self._fields_scale = -1
        self._calls = 0
        self._last: tuple[Tensor, int] | None = None

    def stages(self, size: tuple[int, int], first: int = 0, sigma: float | None = None) -> list[Stage]:
        """The way from scale `first`, with noise level `sigma` there, to a result of `size` (height, width)."""
        settings, way = self.settings, []
        for scale in range(first, len(self.pyramid)):
            exact = scale < self.exact_scales
            start = SIGMA_MAX if scale == 0 else self.pyramid.starts[scale] * (1 if exact else SEARCH_NOISE)
            if scale == 1 and exact:
                start = max(start, settings.exact_noise)
            if scale == first and sigma is not None:
                start = sigma
            count = settings.first_steps if scale == 0 else settings.exact_steps if exact else settings.steps
            eta = 1.0 if exact else 0.0
            way.append(Stage(scale, self.pyramid.size_at(scale, size), noise_levels(start, count), eta))
        return way

    def begin(self, blurry: Tensor, scale: int) -> None:
        """Nothing to prepare: the matches are brought along with the first estimate."""

    def mix(self, sigma: float, scale: int) -> float:
        """g = sigma / sigma_s at searched scales; the exact posterior works from the sharp picture alone."""
        return (
            0.0 if scale < self.exact_scales else min(MOST_BLURRY, sigma / (SEARCH_NOISE * self.pyramid.starts[scale]))
        )

    def __call__(self, x: Tensor, sigma: float, scale: int) -> Tensor:
        """Clean estimate (B, C, h, w) of x (B, C, h, w)."""
        if scale >= self.exact_scales:
            return self._by_search(x, sigma, scale)
        if self._exact is None or self._exact[0] != scale:
            settings, level = self.settings, self.pyramid.levels[scale]
            self._exact = scale, Exact(level, settings.patch, settings.balance, settings.layout, self.wrap, self.frame)
        return self._exact[1](x, sigma)

    def remember(self, x0: Tensor, sigma: float, scale: int) -> Tensor:
        """The last guide: the first matches are those of the estimate as the other guides have bent it."""
        if scale < self.exact_scales:
            self._last = x0, scale
        return x0

    def _by_search(self, x: Tensor, sigma: float, scale: int) -> Tensor:
        level = self.pyramid.levels[scale]
        if self._fields_scale != scale:
            self._enter(x, scale)
        source = torch.lerp(level.image, self.blurry, self.mix(sigma, scale))
        tries = 1 if self._calls == 0 else 0  # where a scale begins
        estimates = []
        for k, one in enumerate(x):
            seed = self.seeds[k] * 1009 + scale * 97 + self._calls
            self._fields[k] = self.search.improve(one, source, self.allowed, self._fields[k], RADIUS, tries, seed)
            estimates.append(self.search.vote(self._fields[k], level.image))
        self._calls += 1
        return torch.stack(estimates)

    def _enter(self, x: Tensor, scale: int) -> None:
        """Bring the matches to a new scale, or find the first ones."""
        levels, size = self.pyramid.levels, (x.shape[-2], x.shape[-1])
        if self._fields_scale < 0:
            picture, begin = self._last or (x, scale)
            while begin > self.exact_scales and min(levels[begin].size) > FIRST_MATCH:
                begin -= 1
            if not self._searchable(begin):  # a mask can leave nothing whole at the last exact scale
                begin = self.exact_scales
            here = self.pyramid.size_at(begin, self._full(size, scale))
            self._fields = [self.search.first_match(resample(one, here), levels[begin]) for one in picture]
            self._fields_scale = begin
        for s in range(self._fields_scale, scale):
            here = self.pyramid.size_at(s + 1, self._full(size, scale)) if s + 1 < scale else size
            self._fields = [self.search.carry(f, levels[s], levels[s + 1], here) for f in self._fields]
        for source, target in self.regions:
            self._pin(source, target, scale, size)
        self._fields_scale, self._calls = scale, 0
        self.blurry, self.allowed = self.pyramid.blurry(scale), self.search.allowed(levels[scale])

    def _pin(self, source: Box, target: Box, scale: int, size: tuple[int, int]) -> None:
        """The pixels of a target begin the scale matched with those of their region, so that no detail gets lost."""
        level, margin = self.pyramid.levels[scale], self.search.patch // 2
        y0, y1, x0, x1 = box_at(source, self.pyramid.levels[-1].size, level.size)
        top, bottom, left, right = box_at(target, self._full(size, scale), size)
        y = torch.linspace(y0, y1 - 1, bottom - top).round().clamp(margin, level.size[0] - 1 - margin)
        x = torch.linspace(x0, x1 - 1, right - left).round().clamp(margin, level.size[1] - 1 - margin)
        match = (y[:, None] * level.size[1] + x).int().to(level.image.device)
        for field in self._fields:
            field[top:bottom, left:right] = match

    def _full(self, size: tuple[int, int], scale: int) -> tuple[int, int]:
        full, here = self.pyramid.levels[-1].size, self.pyramid.levels[scale].size
        return round(size[0] * full[0] / here[0]), round(size[1] * full[1] / here[1])

    def _exact_scales(self) -> int:
        """As set, and more where a mask leaves too few whole patches to search among."""
        count = len(self.pyramid)
        if count == 1:  # a small picture: nothing is left to search
            return 1
        for scale in range(max(1, min(self.settings.exact_scales, count - 1)), count):
            if self._searchable(scale):
                return scale
        raise InputError("The part to learn from is too small or too thin: choose a larger area.")

    def _searchable(self, scale: int) -> bool:
        level = self.pyramid.levels[scale]
        if min(level.size) <= self.search.patch:
            return False
        allowed = self.search.allowed(level)
        return int(allowed.sum()) >= min(FEWEST, allowed.numel())
