"""Guides bend the clean estimate inside the sampler."""

from __future__ import annotations

import torch
from torch import Tensor

from sinddm.noise import SIGMA_MIN
from sinddm.pyramid import Level, Region, box_at, resample


class Keep:
    """Known pixels stay what they are, at every scale.

    picture (C, H, W) at full size; known (H, W) in [0, 1]: 1 keeps a pixel, 0 leaves it to the process; last (H, W):
    the same for the last scale, where a soft edge hides the seam.
    """

    def __init__(self, picture: Tensor, known: Tensor, last: Tensor):
        self.picture, self.known = picture, known
        self._at: dict[tuple[int, int], tuple[Tensor, Tensor]] = {tuple(known.shape): (picture, last[None])}  # type: ignore[dict-item]

    def __call__(self, x0: Tensor, sigma: float, scale: int) -> Tensor:
        values, share = self.at((x0.shape[-2], x0.shape[-1]))
        return torch.where(share == 1, values, x0.lerp(values.expand_as(x0), share.expand_as(x0)))

    def at(self, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """The known values (C, h, w) at this size, and how far each pixel is known (1, h, w)."""
        if size not in self._at:
            share = resample(self.known[None], size)
            values = resample(self.picture * self.known, size) / share.clamp_min(0.25)
            self._at[size] = values, (share > 0.5).float()
        return self._at[size]


class Follow:
    """The estimate leans towards a content, so that patches are sought that look like it; the last word is theirs.

    content (C, H, W) at full size, its colours matched; weight 0 to 1; last: the last scale, which ends without.
    """

    def __init__(self, content: Tensor, weight: float, last: int):
        self.content, self.weight, self.last = content, weight, last
        self._at: tuple[tuple[int, ...], Tensor] | None = None

    def __call__(self, x0: Tensor, sigma: float, scale: int) -> Tensor:
        if scale == self.last and sigma <= SIGMA_MIN:
            return x0
        if self._at is None or self._at[0] != x0.shape[-2:]:
            self._at = x0.shape[-2:], resample(self.content, (x0.shape[-2], x0.shape[-1]))
        return x0.lerp(self._at[1].expand_as(x0), self.weight)


class Pull:
    """Chosen regions of the picture are pulled into boxes of the result: x0 <- 0.8 patch + 0.2 x0 below the last scale.

    levels: the picture's pyramid; regions: pairs of (x, y, width, height), in the full picture and in the full result.
    """

    STRENGTH = 0.8

    def __init__(
        self,
        levels: list[Level],
        regions: list[Region],
        size: tuple[int, int],
    ):
        self.levels, self.regions, self.size = levels, regions, size

    def __call__(self, x0: Tensor, sigma: float, scale: int) -> Tensor:
        if scale == len(self.levels) - 1:
            return x0
        x0, level = x0.clone(), self.levels[scale]
        for source, target in self.regions:
            y0, y1, x_0, x_1 = box_at(source, self.levels[-1].size, level.size)
            ty0, ty1, tx0, tx1 = box_at(target, self.size, (x0.shape[-2], x0.shape[-1]))
            patch = resample(level.image[:, y0:y1, x_0:x_1], (ty1 - ty0, tx1 - tx0))
            used = resample(level.used[None, y0:y1, x_0:x_1].float(), (ty1 - ty0, tx1 - tx0)).clamp(0, 1)
            here = x0[..., ty0:ty1, tx0:tx1]
            x0[..., ty0:ty1, tx0:tx1] = torch.lerp(here, patch.expand_as(here), self.STRENGTH * used.expand_as(here))
        return x0
