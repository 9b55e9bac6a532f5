"""The guide that draws a picture in the making towards a text."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from sinddm.noise import SIGMA_MIN
from sinddm.pyramid import Box, box_at, enlarge, resample
from sinddm.text.clip import Clip

KEPT = 0.8  # of the estimate before, as it was drawn (Kulikov et al. 2023: momentum 0.2 of the new one)
LEAST = 0.25  # root mean square of a picture's values that a step is measured by: gray would not move at all
SURER = 4  # times as many views to find out where a text matters, which is done once
BLOB = 5  # of the part that changes: pixels, at the scale where it is found
MARGIN = 0.15  # of a region's longer side, that is looked at with it
GRID = 12  # cells along the shorter side, in which colours are added
TINT = 0.04  # length of a step in colours, over that of the picture's values, at strength 1
TINTS = 3  # such steps at each noise level


@dataclass(frozen=True)
class Text:
    """What a picture is drawn towards, and how."""

    clip: Clip
    meaning: Tensor
    """(E,), see Clip.meaning."""
    strength: float
    """0 to 1; of content, the length of a step over that of the picture's values."""
    share: float = 1.0
    """Of the picture that may change, 0 to 1."""
    views: int = 8
    """That CLIP is shown at each step."""


class Toward:
    """x0 + strength |x0| grad / |grad|, the gradient that of CLIP's agreement with a text, on top of what was added
    before (Kulikov et al. 2023, section 4.3).

    Works at some scales, and there at all noise levels but the last, so that the denoiser has the last word.

    scales: where it works; seed: of the views; region (H, W): above one half is the only part that is drawn and, with
    what surrounds it, looked at.
    """

    def __init__(self, text: Text, scales: Collection[int], seed: int, region: Tensor | None = None):
        self.text, self.scales, self.region = text, scales, region
        self._chance = torch.Generator().manual_seed(seed)
        self._before: Tensor | None = None
        self._box = None if region is None else _box_around(region)

    def __call__(self, x0: Tensor, sigma: float, scale: int) -> Tensor:
        """The estimate (B, C, h, w), drawn."""
        if scale not in self.scales or sigma <= SIGMA_MIN:
            return x0
        if self._before is not None and self._before.shape == x0.shape:
            x0 = x0.lerp(self._before, KEPT)
        part = x0.new_ones(1, *_size(x0)) if self.region is None else (resample(self.region[None], _size(x0)) > 0.5)
        grad = gradient(self._seen, x0, self.text, self.text.views, self._chance) * part
        length = (x0 * part).square().sum((1, 2, 3), keepdim=True).sqrt()
        length = length.clamp_min(LEAST * (float(part.sum()) * x0.shape[1]) ** 0.5)
        unit = grad / grad.square().sum((1, 2, 3), keepdim=True).sqrt().clamp_min(1e-12)
        self._before = _within(x0, x0 + self.text.strength * length * unit)
        return self._before

    def _seen(self, x0: Tensor) -> Tensor:
        """What of an estimate CLIP is shown."""
        if self._box is None or self.region is None:
            return x0
        top, bottom, left, right = box_at(self._box, _size(self.region), _size(x0))
        return x0[..., top:bottom, left:right]


def part_of(picture: Tensor, text: Text, size: tuple[int, int], seed: int) -> Tensor:
    """Where in a picture (C, H, W) a text matters most, 1 there and 0 elsewhere: (H, W), as much of it as the text has
    a share of. Found by the gradient at a small `size`, so that it comes in pieces and not in dots."""
    small, chance = resample(picture, size)[None], torch.Generator().manual_seed(seed)
    strength = gradient(lambda x0: x0, small, text, SURER * text.views, chance).norm(dim=1)
    strength = resample(_blurred(strength, BLOB), _size(picture))[0]
    return (strength > strength.flatten().sort().values[round((1 - text.share) * (strength.numel() - 1))]).float()


def gradient(show: Callable[[Tensor], Tensor], x0: Tensor, text: Text, views: int, chance: torch.Generator) -> Tensor:
    """That of a text's agreement with what is shown of pictures (B, C, h, w), by the pictures."""
    x = x0.detach().requires_grad_()
    agreement = text.clip.agreement(show(x), text.meaning, views, chance)
    return torch.autograd.grad(agreement.sum(), x)[0]


class Tinted:
    """The colours of the last scale are drawn towards a text. What is added is smooth, so that the details stay what
    the denoiser makes of them.

    last: the last scale; seed: of the views.
    """

    def __init__(self, text: Text, last: int, seed: int):
        self.text, self.last = text, last
        self._chance = torch.Generator().manual_seed(seed)
        self._added: Tensor | None = None

    def __call__(self, x0: Tensor, sigma: float, scale: int) -> Tensor:
        """The estimate (1, C, h, w) with what was added, which becomes more until the last step."""
        if scale != self.last:
            return x0
        size = _size(x0)
        if self._added is None:
            grid = [max(2, round(side * GRID / min(size))) for side in size]
            self._added = x0.new_zeros(1, x0.shape[1], *grid)
        for _ in range(TINTS if sigma > SIGMA_MIN else 0):
            self._added = self._added + self._more(x0, self._added)
        return _within(x0, x0 + enlarge(self._added, size))

    def _more(self, x0: Tensor, added: Tensor) -> Tensor:
        def show(added: Tensor) -> Tensor:
            return _within(x0, x0 + enlarge(added, _size(x0)))

        grad = gradient(show, added, self.text, self.text.views, self._chance)
        return TINT * self.text.strength * _scale_of(x0) * grad / (grad.square().mean().sqrt().clamp_min(1e-12))


def _box_around(region: Tensor) -> Box:
    """(x, y, width, height) of a region (H, W) with a little of what surrounds it, by which it has to fit."""
    rows, columns = (torch.nonzero((region > 0.5).any(axis))[:, 0] for axis in (1, 0))
    (top, bottom), (left, right) = ((int(line[0]), int(line[-1]) + 1) for line in (rows, columns))
    margin = round(MARGIN * max(bottom - top, right - left))
    top, left = max(0, top - margin), max(0, left - margin)
    return left, top, min(region.shape[1], right + margin) - left, min(region.shape[0], bottom + margin) - top


def _within(before: Tensor, after: Tensor) -> Tensor:
    """A changed picture, in the range of values that its kind has: float layers go beyond -1 to 1."""
    return after.clamp(min(-1.0, float(before.min())), max(1.0, float(before.max())))


def _scale_of(x: Tensor) -> float:
    """Root mean square of a picture's values."""
    return max(LEAST, float(x.square().mean().sqrt()))


def _size(x: Tensor) -> tuple[int, int]:
    return x.shape[-2], x.shape[-1]


def _blurred(x: Tensor, side: int) -> Tensor:
    """(1, h, w), twice averaged over squares."""
    for _ in range(2):
        x = F.avg_pool2d(F.pad(x[None], [side // 2] * 4, mode="replicate"), side, stride=1)[0]
    return x
