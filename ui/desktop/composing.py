"""What is seen of layers that lie over each other: straight alpha, in the encoding that they have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
from sinddm_ui.desktop.boxes import slices
from sinddm_ui.desktop.form import ALPHA, Form
from sinddm_ui.host import Box

ROWS = 128  # at a time: few have transparency, and the others are quick


class Placed(Protocol):
    """A layer."""

    @property
    def pixels(self) -> np.ndarray: ...
    @property
    def place(self) -> Box: ...
    @property
    def visible(self) -> bool: ...
    @property
    def opacity(self) -> float: ...


def compose(layers: Iterable[Placed], box: Box, form: Form) -> np.ndarray:
    """What is seen in a box of the layers, from the bottom, that are visible. What one layer hides, or shows alone,
    is exactly that layer's."""
    out = form.empty(box.width, box.height)
    for layer in layers:
        common = box.within(layer.place)
        if layer.visible and layer.opacity > 0 and not common.empty:
            top, below = layer.pixels[slices(common, layer.place)], out[slices(common, box)]
            for row in range(0, common.height, ROWS):
                _over(top[row : row + ROWS], layer.opacity, below[row : row + ROWS], form.opaque)
    return out


def _over(top: np.ndarray, opacity: float, below: np.ndarray, opaque: float) -> None:
    """Lay (H, W, 4) over what is below, which changes."""
    alpha = top[..., ALPHA]
    if opacity < 1:
        alpha = _like(alpha.astype(np.float32) * opacity, top)
        top = np.concatenate([top[..., :ALPHA], alpha[..., None]], axis=2)
    seen = alpha > 0
    alone = (alpha >= opaque) | (below[..., ALPHA] <= 0)
    if alone.all():
        below[...] = top
        return
    below[alone] = top[alone]
    mixed = seen & ~alone
    if mixed.any():
        below[mixed] = _mix(top[mixed], below[mixed], opaque)


def _mix(top: np.ndarray, below: np.ndarray, opaque: float) -> np.ndarray:
    """(N, 4) over (N, 4): Porter and Duff's over, with straight alpha."""
    a, b = top[:, ALPHA:].astype(np.float32) / opaque, below[:, ALPHA:].astype(np.float32) / opaque
    alpha = a + b * (1 - a)
    color = (top[:, :ALPHA].astype(np.float32) * a + below[:, :ALPHA].astype(np.float32) * b * (1 - a)) / alpha
    return _like(np.concatenate([color, alpha * opaque], axis=1), top)


def _like(values: np.ndarray, array: np.ndarray) -> np.ndarray:
    """Float values in an array's type."""
    if array.dtype.kind == "f":
        return values.astype(array.dtype)
    return np.rint(np.clip(values, 0, np.iinfo(array.dtype).max)).astype(array.dtype)
