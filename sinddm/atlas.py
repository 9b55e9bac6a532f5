"""Several pictures as one: side by side, with an unused gap that no patch can bridge at any scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from sinddm.pyramid import COARSEST


def side_by_side(parts: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor, tuple[int, int]]:
    """One (C, H, W) picture and its used pixels (H, W) from several, aligned at the bottom; and the place (y, x)
    in it of the first one's upper left corner, which may be cut off.

    The ground of one picture stays on the ground of the others. A part is first cut to what is used of it.
    """
    windows = [_window(used) for _, used in parts]
    cut = [(image[(slice(None), *window)], used[window]) for (image, used), window in zip(parts, windows, strict=True)]
    top, left = windows[0][0].start, windows[0][1].start
    if len(cut) == 1:
        return *cut[0], (-top, -left)
    height = max(image.shape[-2] for image, _ in cut)
    # after the strongest reduction two pixels of the gap must be left
    gap = 2 * math.ceil(max(1, height / COARSEST)) + 2
    width = sum(image.shape[-1] for image, _ in cut) + gap * (len(cut) - 1)
    image = torch.zeros(cut[0][0].shape[0], height, width)
    origin = height - cut[0][1].shape[0] - top, -left
    used, left = torch.zeros(height, width, dtype=torch.bool), 0
    for part, its_used in cut:
        h, w = its_used.shape
        image[:, height - h :, left : left + w] = part
        used[height - h :, left : left + w] = its_used
        left += w + gap
    return image, used, origin


def _window(used: Tensor) -> tuple[slice, slice]:
    """The rows and the columns that hold all used pixels."""
    if not used.any():
        return slice(0, used.shape[0]), slice(0, used.shape[1])
    rows, columns = used.any(1).nonzero()[:, 0], used.any(0).nonzero()[:, 0]
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
