"""Strokes on a document: what is drawn while the brush moves, and the step that it becomes."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from sinddm_ui.desktop import brush
from sinddm_ui.desktop.boxes import cut, slices
from sinddm_ui.desktop.brush import Brush, Stroke
from sinddm_ui.desktop.document import PAINTED, Artwork, PaintLayer
from sinddm_ui.host import Box

TILE = 256


class Drawing(Protocol):
    """A stroke that is being made."""

    def to(self, x: float, y: float, pressure: float) -> None:
        """Draw on to a point of the canvas."""
        ...

    def finish(self) -> None:
        """The brush was lifted: it becomes a step."""
        ...


class LayerStroke:
    """Paints a colour on a layer, or erases from it where there is no colour."""

    def __init__(self, art: Artwork, layer: PaintLayer, tip: Brush, color: np.ndarray | None, new: bool):
        self._art, self._layer, self._color, self._new = art, layer, color, new
        self._stroke = Stroke(tip, art.width, art.height)
        self._before = _Before(layer.pixels)

    def to(self, x: float, y: float, pressure: float) -> None:
        art, layer = self._art, self._layer
        box = self._stroke.to(x, y, pressure).within(layer.place)
        if box.empty:
            return
        inside = _seen_from(box, layer)
        before = self._before.read(inside)
        cover = brush.masked(self._stroke.coverage, art.selection, box)
        after = (
            brush.erase(before, cover, art.form)
            if self._color is None
            else brush.paint(before, cover, self._color, art.form)
        )
        layer.pixels[slices(inside, _whole(layer.pixels))] = after
        art.draw(box)

    def finish(self) -> None:
        box = self._stroke.box.within(self._layer.place)
        if self._new or box.empty:  # what is on a new layer belongs to the step that made it
            self._layer.touched()
            self._art.tell(box)
            return
        inside = _seen_from(box, self._layer)
        name = "erase" if self._color is None else "paint"
        self._art.painted(self._layer.id, inside, self._before.read(inside), name)


class SelectStroke:
    """Selects what the brush covers, or takes it out of the selection."""

    def __init__(self, art: Artwork, tip: Brush, take_out: bool):
        self._art, self._take_out = art, take_out
        self._stroke = Stroke(tip, art.width, art.height)
        had = art.selection
        self._before = np.zeros((art.height, art.width), np.uint8) if had is None else had
        self.mask = self._before.copy()
        """What will be selected."""

    def to(self, x: float, y: float, pressure: float) -> None:
        box = self._stroke.to(x, y, pressure)
        if box.empty:
            return
        there = slices(box, self._art.canvas)
        cover = np.rint(self._stroke.coverage[there] * 255).astype(np.uint8)
        before = self._before[there]
        self.mask[there] = np.minimum(before, 255 - cover) if self._take_out else np.maximum(before, cover)

    def finish(self) -> None:
        self._art.select(self.mask, "select")


def paint(art: Artwork, tip: Brush, color: np.ndarray) -> LayerStroke:
    """A stroke on the active layer if that was made for the brush, else on a new one above it."""
    layer = art.layer(art.active)
    if layer is not None and layer.painted and layer.visible:
        return LayerStroke(art, layer, tip, color, False)
    new = art.blank(PAINTED)
    art.insert([new], layer.id if layer else None, "paint on a new layer")
    return LayerStroke(art, new, tip, color, True)


def erase(art: Artwork, tip: Brush) -> LayerStroke | None:
    """A stroke that erases from the active layer; None where there is none that is shown."""
    layer = art.layer(art.active)
    if layer is None or not layer.visible:
        return None
    return LayerStroke(art, layer, tip, None, False)


class _Before:
    """What pixels were before a stroke: copied where it comes, and not before."""

    def __init__(self, pixels: np.ndarray):
        self._pixels = pixels
        self._tiles: dict[tuple[int, int], np.ndarray] = {}

    def read(self, box: Box) -> np.ndarray:
        out = np.empty((box.height, box.width, 4), self._pixels.dtype)
        for row in range(box.y // TILE, (box.y + box.height - 1) // TILE + 1):
            for column in range(box.x // TILE, (box.x + box.width - 1) // TILE + 1):
                at = Box(column * TILE, row * TILE, TILE, TILE).within(_whole(self._pixels))
                if (row, column) not in self._tiles:
                    self._tiles[row, column] = cut(self._pixels, _whole(self._pixels), at)
                common = box.within(at)
                out[slices(common, box)] = self._tiles[row, column][slices(common, at)]
        return out


def _whole(pixels: np.ndarray) -> Box:
    return Box(0, 0, pixels.shape[1], pixels.shape[0])


def _seen_from(box: Box, layer: PaintLayer) -> Box:
    return Box(box.x - layer.x, box.y - layer.y, box.width, box.height)
