"""Several pictures as one: side by side, with an unused gap that no patch can bridge at any scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from sinddm.pyramid import COARSEST


def side_by_side(parts: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """One (C, H, W) picture and its used pixels (H, W) from several, aligned at the bottom.

    The ground of one picture stays on the ground of the others. A part is first cut to what is used of it.
    """
    cut = [_cut(image, used) for image, used in parts]
    if len(cut) == 1:
        return cut[0]
    height = max(image.shape[-2] for image, _ in cut)
    # after the strongest reduction two pixels of the gap must be left
    gap = 2 * math.ceil(max(1, height / COARSEST)) + 2
    width = sum(image.shape[-1] for image, _ in cut) + gap * (len(cut) - 1)
    image = torch.zeros(cut[0][0].shape[0], height, width)
    used, left = torch.zeros(height, width, dtype=torch.bool), 0
    for part, its_used in cut:
        h, w = its_used.shape
        image[:, height - h :, left : left + w] = part
        used[height - h :, left : left + w] = its_used
        left += w + gap
    return image, used


def _cut(image: Tensor, used: Tensor) -> tuple[Tensor, Tensor]:
    if not used.any():
        return image, used
    rows, columns = used.any(1).nonzero()[:, 0], used.any(0).nonzero()[:, 0]
    window = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    return image[(slice(None), *window)], used[window]
