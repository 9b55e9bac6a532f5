"""Rectangles, and the parts of arrays that lie in them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from sinddm_ui.host import Box

NOWHERE = Box(0, 0, 0, 0)


def union(boxes: Iterable[Box]) -> Box:
    """The box around boxes; empty ones do not count."""
    boxes = [one for one in boxes if not one.empty]
    if not boxes:
        return NOWHERE
    x, y = min(one.x for one in boxes), min(one.y for one in boxes)
    right, bottom = max(one.x + one.width for one in boxes), max(one.y + one.height for one in boxes)
    return Box(x, y, right - x, bottom - y)


def cut(array: np.ndarray, at: Box, box: Box) -> np.ndarray:
    """The part of an array, which lies at a box, that lies in another box; zero where it has nothing."""
    out = np.zeros((max(0, box.height), max(0, box.width), *array.shape[2:]), array.dtype)
    common = box.within(at)
    if not common.empty:
        out[slices(common, box)] = array[slices(common, at)]
    return out


def slices(box: Box, at: Box) -> tuple[slice, slice]:
    """Rows and columns of a box in an array that lies at another one."""
    x, y = box.x - at.x, box.y - at.y
    return slice(y, y + box.height), slice(x, x + box.width)


def around(mask: np.ndarray, x: int = 0, y: int = 0) -> Box:
    """The box around all that is not zero in (H, W), whose corner is at x, y."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return Box(x, y, 0, 0)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return Box(x + left, y + top, right - left, bottom - top)
