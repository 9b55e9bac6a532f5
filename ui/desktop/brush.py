"""A round brush: strokes of coverage, which colour a layer, erase from it, or select."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sinddm_ui.desktop.boxes import NOWHERE, cut, slices, union
from sinddm_ui.desktop.form import ALPHA, Form
from sinddm_ui.host import Box

SPACING = 0.15  # of the diameter, between two dabs
SMALLEST = 0.5  # pixels of a radius


@dataclass(frozen=True)
class Brush:
    """What a stroke is made with."""

    size: float = 40.0
    """Its diameter in pixels."""
    hardness: float = 0.8
    """1: a hard edge of one pixel; 0: soft from the middle."""


class Stroke:
    """The coverage of one stroke on a canvas: (H, W) of floats from 0 to 1. A place counts once, however often it is
    crossed."""

    def __init__(self, brush: Brush, width: int, height: int):
        self.brush = brush
        self.canvas = Box(0, 0, width, height)
        self.coverage = np.zeros((height, width), np.float32)
        self.box = NOWHERE
        self._last: tuple[float, float, float] | None = None
        self._left = 0.0  # of the way to the next dab

    def to(self, x: float, y: float, pressure: float = 1.0) -> Box:
        """Draw on to a point; returns the box in which something changed."""
        changed = NOWHERE
        for point in self._points(x, y, pressure):
            changed = union([changed, self._dab(*point)])
        self._last = x, y, pressure
        self.box = union([self.box, changed])
        return changed

    def _points(self, x: float, y: float, pressure: float) -> Iterator[tuple[float, float, float]]:
        """Where dabs are needed from the last point to this one."""
        if self._last is None:
            yield x, y, pressure
            return
        x0, y0, p0 = self._last
        length = float(np.hypot(x - x0, y - y0))
        gap = max(0.5, self.brush.size * SPACING * min(max(pressure, 0.1), 1.0))
        at = gap - self._left
        while at <= length:
            t = at / length if length else 1.0
            yield x0 + (x - x0) * t, y0 + (y - y0) * t, p0 + (pressure - p0) * t
            at += gap
        self._left = length - (at - gap)

    def _dab(self, x: float, y: float, pressure: float) -> Box:
        radius = max(SMALLEST, self.brush.size / 2 * min(max(pressure, 0.05), 1.0))
        left, top = int(np.floor(x - radius - 1)), int(np.floor(y - radius - 1))
        side = int(np.ceil(2 * radius + 3))
        box = Box(left, top, side, side).within(self.canvas)
        if box.empty:
            return NOWHERE
        across = np.arange(box.x, box.x + box.width) + 0.5 - x
        down = np.arange(box.y, box.y + box.height) + 0.5 - y
        distance = np.hypot(across[None, :], down[:, None])
        edge = max(1.0, radius * (1 - self.brush.hardness))  # the width over which it fades
        dab = np.clip((radius + 0.5 - distance) / edge, 0, 1).astype(np.float32)
        there = self.coverage[slices(box, self.canvas)]
        np.maximum(there, dab, out=there)
        return box


def paint(before: np.ndarray, coverage: np.ndarray, color: np.ndarray, form: Form) -> np.ndarray:
    """(H, W, 4) with an opaque colour laid over it where it is covered."""
    below = before.astype(np.float32)
    a = below[..., ALPHA:] / form.opaque
    cover = coverage[..., None]
    alpha = cover + a * (1 - cover)
    mixed = color.astype(np.float32)[:ALPHA] * cover + below[..., :ALPHA] * a * (1 - cover)
    shown = np.divide(mixed, alpha, out=below[..., :ALPHA].copy(), where=alpha > 0)
    return np.where(cover > 0, _typed(np.concatenate([shown, alpha * form.opaque], axis=2), form), before)


def erase(before: np.ndarray, coverage: np.ndarray, form: Form) -> np.ndarray:
    """(H, W, 4), less visible where it is covered; its colour stays."""
    out = before.copy()
    out[..., ALPHA] = _typed(before[..., ALPHA].astype(np.float32) * (1 - coverage), form)
    return out


def masked(coverage: np.ndarray, selection: np.ndarray | None, box: Box) -> np.ndarray:
    """The coverage in a box of the canvas, only where something is selected, if anything is."""
    canvas = Box(0, 0, coverage.shape[1], coverage.shape[0])
    found = cut(coverage, canvas, box)
    return found if selection is None else found * (cut(selection, canvas, box) / np.float32(255))


def _typed(values: np.ndarray, form: Form) -> np.ndarray:
    if form.dtype.kind == "f":
        return values.astype(form.dtype)
    return np.rint(np.clip(values, 0, form.opaque)).astype(form.dtype)
