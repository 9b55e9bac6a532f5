"""The pyramid of scales x_0 .. x_S that a texture is learned from, and resampling that knows about masks."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from sinddm.errors import InputError

COARSEST = 24  # short side of scale 0, in pixels
RATIO = math.sqrt(2)  # between neighbouring scales, about: the last scale is the picture itself
SMALLEST = 8  # a picture with fewer pixels on a side has no patches worth learning

Box = tuple[int, int, int, int]  # x, y, width, height in full-size pixels
Region = tuple[Box, Box]  # a part of the picture, and where it goes in the result


class Level(NamedTuple):
    """One scale of a picture."""

    image: Tensor
    """(C, h, w) in [-1, 1]; unused pixels hold the mean of the used ones."""
    used: Tensor
    """(h, w) bool: pixels that may be learned from."""

    @property
    def size(self) -> tuple[int, int]:
        return self.image.shape[-2], self.image.shape[-1]


def scale_sizes(size: tuple[int, int], coarsest: int = COARSEST, ratio: float = RATIO) -> list[tuple[int, int]]:
    """(height, width) of every scale, coarsest first, for a picture of `size`."""
    short = min(size)
    count = max(0, round(math.log(max(short / coarsest, 1)) / math.log(ratio))) + 1
    step = (short / coarsest) ** (1 / (count - 1)) if count > 1 else 1.0
    return [_scaled(size, step ** (s + 1 - count)) for s in range(count)]


def _scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def build(image: Tensor, used: Tensor | None = None, coarsest: int = COARSEST) -> list[Level]:
    """Pyramid of a (C, H, W) image, each scale Lanczos-resampled from the original.

    `used` (H, W) bool leaves pixels out: they add nothing to any scale (normalized resampling).
    """
    height, width = image.shape[-2:]
    if min(height, width) < SMALLEST:
        raise InputError(
            f"The picture is {width}x{height} pixels: too small to learn from, use one of at least {SMALLEST} "
            "pixels on each side."
        )
    used = torch.ones(height, width, dtype=torch.bool, device=image.device) if used is None else used
    if not used.any():
        raise InputError("Nothing to learn from: every pixel is transparent or outside the mask.")
    mean = image[:, used].mean(1)[:, None, None]
    clean = torch.where(used, image, mean)
    return [_level(clean, used, mean, size) for size in scale_sizes((height, width), coarsest)]


def _level(image: Tensor, used: Tensor, mean: Tensor, size: tuple[int, int]) -> Level:
    if tuple(used.shape) == tuple(size):
        return Level(image, used)
    if used.all():
        return Level(resample(image, size), torch.ones(size, dtype=torch.bool, device=image.device))
    share = resample(used[None].float(), size)
    # the mean was painted under the unused pixels: take its part out again
    values = resample(image - mean, size) / share.clamp_min(0.25) + mean
    values = values.clamp(float(image.min()), float(image.max()))  # a small share enlarges what Lanczos overshoots
    keep = share[0] > 0.75 if (share[0] > 0.75).any() else share[0] >= share.max()
    return Level(torch.where(keep, values, mean), keep)


def resample(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Lanczos resampling of a (C, H, W) image to `size` (h, w), with antialiasing when it shrinks."""
    if tuple(image.shape[-2:]) == tuple(size):
        return image
    planes = image.detach().cpu().numpy().astype(np.float32, copy=False)
    lanczos = Image.Resampling.LANCZOS
    shrunk = [np.asarray(Image.fromarray(plane).resize((size[1], size[0]), lanczos)) for plane in planes]
    return torch.from_numpy(np.stack(shrunk)).to(image.device)


def enlarge(batch: Tensor, size: tuple[int, int], wrap: tuple[bool, bool] = (False, False)) -> Tensor:
    """Up(x): bicubic upsampling of a (B, C, h, w) batch to `size`; `wrap` (vertical, horizontal) for tiles."""
    h, w = batch.shape[-2:]
    if (h, w) == tuple(size):
        return batch
    if not any(wrap):
        return F.interpolate(batch, size=size, mode="bicubic")
    # three tiles in a row stay aligned when the middle one is cut out
    times = 3 if wrap[0] else 1, 3 if wrap[1] else 1
    wide = F.interpolate(batch.repeat(1, 1, *times), size=(size[0] * times[0], size[1] * times[1]), mode="bicubic")
    top, left = size[0] * (times[0] // 2), size[1] * (times[1] // 2)
    return wide[..., top : top + size[0], left : left + size[1]]


def box_at(box: Box, full: tuple[int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """(x, y, width, height) at full size -> top, bottom, left, right at another, at least one pixel wide."""
    x, y, width, height = box
    top, left = (min(n - 1, round(a * n / m)) for a, n, m in zip((y, x), size, full, strict=True))
    bottom, right = (min(n, round(a * n / m)) for a, n, m in zip((y + height, x + width), size, full, strict=True))
    return top, max(bottom, top + 1), left, max(right, left + 1)


class Pyramid:
    """A picture at every scale, coarsest first, and what the forward process needs to know about each."""

    def __init__(self, image: Tensor, used: Tensor | None = None, coarsest: int = COARSEST):
        self.levels = build(image, used, coarsest)
        self.starts = [0.0] + [self._start(s) for s in range(1, len(self.levels))]

    def __len__(self) -> int:
        return len(self.levels)

    def blurry(self, scale: int) -> Tensor:
        """Up(x_{s-1}), the picture of the scale below at this scale's size, (C, h, w)."""
        return enlarge(self.levels[scale - 1].image[None], self.levels[scale].size)[0]

    def size_at(self, scale: int, size: tuple[int, int]) -> tuple[int, int]:
        """Size at `scale` of a result that is `size` at the last one."""
        full, here = self.levels[-1].size, self.levels[scale].size
        return tuple(max(1, round(n * b / a)) for n, a, b in zip(size, full, here, strict=True))  # type: ignore[return-value]

    def _start(self, scale: int) -> float:
        """sigma_s = 2 rms(x_s - Up(x_{s-1})): enough noise to hide what the scale below does not know."""
        level = self.levels[scale]
        rest = (level.image - self.blurry(scale))[:, level.used]
        return max(2 * float(rest.square().mean().sqrt()), 0.04)
