"""The outline of a selection."""

from __future__ import annotations

import numpy as np
from sinddm_ui.qt import QPainterPath

MOST = 20_000  # lines
HALF = 128  # from which on a pixel is inside


def outline(mask: np.ndarray, step: int = 1) -> QPainterPath:
    """Along the edges of what is selected by half or more, in pixels of the canvas. step: look at every n-th pixel, for
    a canvas that is shown so small."""
    path = QPainterPath()
    height, width = mask.shape
    inside = np.pad(mask[::step, ::step] >= HALF, 1)
    across, down = _runs(inside[1:] != inside[:-1]), _runs((inside[:, 1:] != inside[:, :-1]).T)
    if len(across) + len(down) > MOST:  # of specks: nobody could follow it
        return outline(mask, step * 2)
    for y, x0, x1 in across.tolist():
        path.moveTo(min((x0 - 1) * step, width), min(y * step, height))
        path.lineTo(min((x1 - 1) * step, width), min(y * step, height))
    for x, y0, y1 in down.tolist():
        path.moveTo(min(x * step, width), min((y0 - 1) * step, height))
        path.lineTo(min(x * step, width), min((y1 - 1) * step, height))
    return path


def _runs(edges: np.ndarray) -> np.ndarray:
    """(N, 3): row, start and end of each run of true values."""
    starts = np.flatnonzero(np.diff(np.pad(edges, ((0, 0), (1, 1))).astype(np.int8), axis=1).ravel())
    columns = edges.shape[1] + 1
    pairs = starts.reshape(-1, 2)
    return np.stack([pairs[:, 0] // columns, pairs[:, 0] % columns, pairs[:, 1] % columns], axis=1)
