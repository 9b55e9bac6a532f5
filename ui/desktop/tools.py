"""What the mouse and the pen do on the canvas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sinddm_ui.desktop import shown, strokes
from sinddm_ui.desktop.boxes import slices
from sinddm_ui.desktop.brush import Brush
from sinddm_ui.desktop.document import Artwork
from sinddm_ui.desktop.strokes import Drawing, SelectStroke
from sinddm_ui.host import Box
from sinddm_ui.qt import QColor, QPointF, QRectF, Qt


@dataclass(frozen=True)
class Touch:
    """Where the pointer is."""

    x: float
    """In pixels of the canvas."""
    y: float
    seen: QPointF
    """In pixels of the screen."""
    pressure: float = 1.0
    shift: bool = False
    alt: bool = False
    """Alt or Ctrl."""
    again: bool = False
    """Whether the other mouse button is meant."""


class Board(Protocol):
    """What tools work on: the canvas."""

    art: Artwork | None
    brush: Brush
    color: QColor

    def pan(self, by: QPointF) -> None:
        """Move the picture on the screen."""
        ...

    def redraw(self) -> None:
        """Show what has changed."""
        ...

    def take_color(self, color: QColor) -> None:
        """Take another colour."""
        ...

    def say(self, words: str) -> None:
        """Tell the artist."""
        ...


class Tool:
    """Something to do with the pointer."""

    key = ""
    title = ""
    tip = ""
    shortcut = ""
    brush = False
    """Whether the brush's size counts."""
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: Board):
        self.canvas = canvas

    @property
    def art(self) -> Artwork:
        """The document."""
        assert self.canvas.art is not None
        return self.canvas.art

    def press(self, touch: Touch) -> None:
        """The button went down."""

    def move(self, touch: Touch) -> None:
        """The pointer moved with the button down."""

    def release(self, touch: Touch) -> None:
        """The button went up."""

    @property
    def pending(self) -> np.ndarray | None:
        """The selection that is being made."""
        return None

    @property
    def frame(self) -> QRectF | None:
        """A rectangle that is being drawn, in pixels of the canvas."""
        return None


class MoveView(Tool):
    """Moves the view."""

    key, title, shortcut = "view", "Move view", "H"
    tip = "Drag the picture around. Space or the middle button does this with every tool"
    cursor = Qt.CursorShape.OpenHandCursor

    def press(self, touch: Touch) -> None:
        self._last = touch.seen

    def move(self, touch: Touch) -> None:
        self.canvas.pan(touch.seen - self._last)
        self._last = touch.seen


class MoveLayer(Tool):
    """Moves the active layer."""

    key, title, shortcut = "layer", "Move layer", "T"
    tip = "Drag the chosen layer to another place"
    cursor = Qt.CursorShape.SizeAllCursor
    _id: str | None = None

    def press(self, touch: Touch) -> None:
        layer = self.art.layer(self.art.active)
        self._id = layer.id if layer else None
        self._from = (touch.x, touch.y, layer.x, layer.y) if layer else (0.0, 0.0, 0, 0)

    def move(self, touch: Touch) -> None:
        layer = self.art.layer(self._id)
        if layer is not None:
            old = layer.place
            layer.x, layer.y = self._place(touch)
            self.art.draw(old)
            self.art.draw(layer.place)

    def release(self, touch: Touch) -> None:
        layer = self.art.layer(self._id)
        if layer is not None:
            layer.x, layer.y = self._from[2:]
            self.art.draw(Box(*self._place(touch), *layer.place[2:]))
            self.art.shift(layer.id, *self._place(touch))
        self._id = None

    def _place(self, touch: Touch) -> tuple[int, int]:
        x, y, left, top = self._from
        return left + round(touch.x - x), top + round(touch.y - y)


class SelectRectangle(Tool):
    """Selects a rectangle."""

    key, title, shortcut = "rectangle", "Select a rectangle", "R"
    tip = "Drag to select a rectangle. Shift adds to the selection, Alt takes away; a click selects nothing"
    _start: Touch | None = None
    _end: Touch | None = None

    def press(self, touch: Touch) -> None:
        self._start = self._end = touch

    def move(self, touch: Touch) -> None:
        self._end = touch
        self.canvas.redraw()

    def release(self, touch: Touch) -> None:
        start, self._end = self._start, touch
        if start is not None:
            self._select(self._box, start.shift or touch.shift, start.alt or start.again)
        self._start = self._end = None
        self.canvas.redraw()

    @property
    def frame(self) -> QRectF | None:
        if self._start is None:
            return None
        box = self._box
        return QRectF(box.x, box.y, box.width, box.height)

    @property
    def _box(self) -> Box:
        assert self._start is not None
        assert self._end is not None
        left, right = sorted((round(self._start.x), round(self._end.x)))
        top, bottom = sorted((round(self._start.y), round(self._end.y)))
        return Box(left, top, right - left, bottom - top).within(self.art.canvas)

    def _select(self, box: Box, add: bool, take_out: bool) -> None:
        art = self.art
        keep = add or take_out
        had = art.selection if keep else None
        mask = np.zeros((art.height, art.width), np.uint8) if had is None else had.copy()
        if not box.empty:
            mask[slices(box, art.canvas)] = 0 if take_out else 255
        art.select(mask)


class _Stroking(Tool):
    """Draws with the brush."""

    brush = True
    _drawing: Drawing | None = None

    def begin(self, touch: Touch) -> Drawing | None:
        """The stroke that begins; None where there is nothing to draw on."""
        raise NotImplementedError

    def press(self, touch: Touch) -> None:
        self._drawing = self.begin(touch)
        self.move(touch)

    def move(self, touch: Touch) -> None:
        if self._drawing is not None:
            self._drawing.to(touch.x, touch.y, touch.pressure)
            self.canvas.redraw()

    def release(self, touch: Touch) -> None:
        drawing, self._drawing = self._drawing, None
        if drawing is not None:
            drawing.finish()
            self.canvas.redraw()


class SelectBrush(_Stroking):
    """Selects by painting."""

    key, title, shortcut = "select", "Select by brush", "S"
    tip = "Paint over what is to be selected. With Alt, or the right button, take away from it"

    def begin(self, touch: Touch) -> Drawing | None:
        return SelectStroke(self.art, self.canvas.brush, touch.alt or touch.again)

    @property
    def pending(self) -> np.ndarray | None:
        return self._drawing.mask if isinstance(self._drawing, SelectStroke) else None


class Paint(_Stroking):
    """Paints rough shapes."""

    key, title, shortcut = "paint", "Paint", "B"
    tip = "Paint rough shapes on a layer of their own. Alt and a click take a colour from the picture"

    def begin(self, touch: Touch) -> Drawing | None:
        if touch.alt or touch.again:
            self._pick(touch)
            return None
        color = self.canvas.color
        value = self.art.form.color(color.redF(), color.greenF(), color.blueF())
        return strokes.paint(self.art, self.canvas.brush, value)

    def _pick(self, touch: Touch) -> None:
        box = Box(int(touch.x // 1), int(touch.y // 1), 1, 1).within(self.art.canvas)
        if box.empty:
            return
        seen = shown.eight_bits(self.art.seen(box), self.art.form, premultiplied=False)
        red, green, blue, alpha = seen[0, 0].tolist()
        if alpha:
            self.canvas.take_color(QColor(red, green, blue))


class Erase(_Stroking):
    """Makes the active layer transparent."""

    key, title, shortcut = "erase", "Erase", "E"
    tip = "Make parts of the chosen layer transparent"

    def begin(self, touch: Touch) -> Drawing | None:
        drawing = strokes.erase(self.art, self.canvas.brush)
        if drawing is None:
            self.canvas.say("The chosen layer is hidden: show it before you erase from it.")
        return drawing


TOOLS = (MoveView, MoveLayer, SelectRectangle, SelectBrush, Paint, Erase)
