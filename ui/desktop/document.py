"""A picture made of layers, its selection, and what can be undone of it. Knows nothing of windows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sinddm_ui.desktop.boxes import NOWHERE, around, cut, slices, union
from sinddm_ui.desktop.composing import compose
from sinddm_ui.desktop.form import ALPHA, Form
from sinddm_ui.desktop.history import Change, History
from sinddm_ui.host import Box

PAINTED = "Shapes"  # what new layers for the brush are called


@dataclass(eq=False)
class PaintLayer:
    """A layer: pixels at a place of the canvas, or beyond it."""

    name: str
    pixels: np.ndarray
    """(H, W, 4) of the document's form."""
    x: int = 0
    y: int = 0
    visible: bool = True
    opacity: float = 1.0
    """As a file has it; cannot be changed here."""
    blending: str = "svg:src-over"
    """As a file has it, kept for saving; shown as normal."""
    group: str = ""
    """The name of the set that it belongs to; none if empty."""
    painted: bool = False
    """Whether it was made for the brush."""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    _filled: Box | None = None
    _revision: int = 0

    @property
    def place(self) -> Box:
        """Where its pixels lie, also those that are transparent."""
        return Box(self.x, self.y, self.pixels.shape[1], self.pixels.shape[0])

    @property
    def box(self) -> Box:
        """Around what is not transparent."""
        if self._filled is None:
            self._filled = around(self.pixels[..., ALPHA] != 0)
        return Box(self._filled.x + self.x, self._filled.y + self.y, self._filled.width, self._filled.height)

    @property
    def revision(self) -> int:
        """Another number after its pixels have changed."""
        return self._revision

    def touched(self) -> None:
        """Its pixels have changed."""
        self._filled = None
        self._revision += 1


class Artwork:
    """The document. What changes it can be undone, but for visibility and which layer is active."""

    def __init__(
        self, form: Form, width: int, height: int, layers: Sequence[PaintLayer] = (), path: Path | None = None
    ):
        self.id = uuid.uuid4().hex
        self.form, self.width, self.height = form, width, height
        self.layers = list(layers)
        """From the top."""
        self.active = self.layers[0].id if self.layers else None
        self.marked: tuple[str, ...] = ()
        """The layers that are marked with the active one."""
        self.selection: np.ndarray | None = None
        """(H, W) of the canvas, 255 where it is selected wholly; None where nothing is."""
        self._selected: tuple[np.ndarray | None, Box] = None, NOWHERE
        self.path = path
        self.history = History()
        self.watchers: list[Callable[[], object]] = []
        """Called after every change."""
        self.painters: list[Callable[[Box], object]] = []
        """Called when a part of the canvas looks different, also during a stroke."""

    @property
    def canvas(self) -> Box:
        """All of it."""
        return Box(0, 0, self.width, self.height)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.name if self.path else "Untitled"

    @property
    def changed(self) -> bool:
        """Whether something is not saved."""
        return self.history.changed

    def layer(self, id: str | None) -> PaintLayer | None:
        """One of its layers."""
        return next((one for one in self.layers if one.id == id), None)

    def seen(self, box: Box, below: str | None = None) -> np.ndarray:
        """What is seen in a box. below: without this layer and those above it."""
        layers = self.layers
        if below is not None:
            at = next((i for i, one in enumerate(layers) if one.id == below), -1)
            layers = layers[at + 1 :]
        return compose(reversed(layers), box, self.form)

    def tell(self, box: Box | None = None) -> None:
        """Tell all who watch that something has changed. box: what looks different; None for everything."""
        self.draw(self.canvas if box is None else box)
        for watcher in list(self.watchers):
            watcher()

    def draw(self, box: Box) -> None:
        """Have a box of the canvas drawn anew."""
        box = box.within(self.canvas)
        if not box.empty:
            for painter in list(self.painters):
                painter(box)

    # Layers

    def activate(self, id: str | None, marked: Iterable[str] = ()) -> None:
        """Make a layer the one that is worked on. marked: others that are marked with it."""
        order = [one.id for one in self.layers]
        chosen = tuple(sorted({*marked, *([id] if id else [])} & set(order), key=order.index))
        if (id, chosen) != (self.active, self.marked):
            self.active, self.marked = id, chosen
            self.tell(NOWHERE)

    def show(self, ids: Iterable[str], visible: bool) -> None:
        """Show layers, or hide them."""
        ids = set(ids)
        found = [one for one in self.layers if one.id in ids and one.visible != visible]
        for one in found:
            one.visible = visible
        if found:
            self.history.unsaved()
            self.tell(union(one.place for one in found))

    def insert(self, layers: Sequence[PaintLayer], above: str | None = None, name: str = "new layer") -> None:
        """Add layers, given from the top, above one of those there are; at the top if that is None or gone."""
        at = next((i for i, one in enumerate(self.layers) if one.id == above), 0)
        self._arrange([*self.layers[:at], *layers, *self.layers[at:]], name, activate=layers[0].id if layers else None)

    def remove(self, ids: Iterable[str]) -> None:
        """Remove layers."""
        ids = set(ids)
        kept = [one for one in self.layers if one.id not in ids]
        if len(kept) < len(self.layers):
            at = next(i for i, one in enumerate(self.layers) if one.id in ids)
            after = kept[min(at, len(kept) - 1)].id if kept else None
            self._arrange(kept, "remove layer" if len(ids) == 1 else "remove layers", activate=after)

    def move(self, id: str, to: int) -> None:
        """Give a layer another place in the order, 0 at the top."""
        layer = self.layer(id)
        rest = [one for one in self.layers if one.id != id]
        to = max(0, min(to, len(rest)))
        if layer is not None and self.layers.index(layer) != to:
            self._arrange([*rest[:to], layer, *rest[to:]], "move layer", activate=id)

    def rename(self, id: str, name: str) -> None:
        """Give a layer another name; an empty one changes nothing."""
        layer, name = self.layer(id), " ".join(name.split())
        if layer is None or not name or name == layer.name:
            return
        before = layer.name

        def set_to(value: str) -> None:
            layer.name = value
            self.tell(NOWHERE)

        self._do("rename", lambda: set_to(name), lambda: set_to(before))

    def shift(self, id: str, x: int, y: int) -> None:
        """Put a layer's corner somewhere else."""
        layer = self.layer(id)
        if layer is None or (layer.x, layer.y) == (x, y):
            return
        before = layer.x, layer.y

        def put(place: tuple[int, int]) -> None:
            old = layer.place
            layer.x, layer.y = place
            self.tell(union([old, layer.place]))

        self._do("move layer", lambda: put((x, y)), lambda: put(before))

    def replace(self, id: str, pixels: np.ndarray, x: int, y: int, name: str) -> None:
        """Give a layer other pixels at another place, in the document's form."""
        layer = self.layer(id)
        if layer is None:
            return
        before = layer.pixels, layer.x, layer.y

        def put(array: np.ndarray, x: int, y: int) -> None:
            old = layer.place
            layer.pixels, layer.x, layer.y = array, x, y
            layer.touched()
            self.tell(union([old, layer.place]))

        self._do(name, lambda: put(pixels, x, y), lambda: put(*before), pixels.nbytes + before[0].nbytes)

    def painted(self, id: str, box: Box, before: np.ndarray, name: str) -> None:
        """Remember a stroke that is on a layer already, as a step. box: where, in the layer; before: what was there."""
        layer = self.layer(id)
        if layer is None:
            return
        there = slices(box, NOWHERE)
        after = layer.pixels[there].copy()
        if np.array_equal(before, after):
            return

        def put(array: np.ndarray) -> None:
            layer.pixels[there] = array
            layer.touched()
            self.tell(Box(box.x + layer.x, box.y + layer.y, box.width, box.height))

        self._do(name, lambda: put(after), lambda: put(before), before.nbytes + after.nbytes)

    def blank(self, name: str) -> PaintLayer:
        """A transparent layer as large as the canvas, which is not among the layers yet."""
        taken = {one.name for one in self.layers}
        free = next(n for n in (name, *(f"{name} {i}" for i in range(2, len(taken) + 3))) if n not in taken)
        return PaintLayer(free, self.form.empty(self.width, self.height), painted=True)

    # Selection

    def select(self, mask: np.ndarray | None, name: str = "select") -> None:
        """Select other pixels: (H, W) of the canvas, in bytes; None, or nothing white in it, for none."""
        if mask is not None and not mask.any():
            mask = None
        before = self.selection
        if before is mask or (before is not None and mask is not None and np.array_equal(before, mask)):
            return

        def put(mask: np.ndarray | None) -> None:
            self.selection = mask
            self.tell(NOWHERE)

        self._do(name, lambda: put(mask), lambda: put(before), 0 if mask is None else mask.nbytes)

    @property
    def selected(self) -> Box | None:
        """Around what is selected."""
        if self.selection is None:
            return None
        if self._selected[0] is not self.selection:
            self._selected = self.selection, around(self.selection)
        return self._selected[1]

    def selection_in(self, box: Box) -> np.ndarray | None:
        """The selection in a box."""
        return None if self.selection is None else cut(self.selection, self.canvas, box)

    # Undo

    def undo(self) -> None:
        """Undo the last step."""
        self.history.undo()
        self.tell(NOWHERE)

    def redo(self) -> None:
        """Do the step again that was undone last."""
        self.history.redo()
        self.tell(NOWHERE)

    def _do(self, name: str, redo: Callable[[], object], undo: Callable[[], object], size: int = 0) -> None:
        self.history.do(Change(name, redo, undo, size))
        self.tell(NOWHERE)

    def _arrange(self, layers: list[PaintLayer], name: str, activate: str | None) -> None:
        """Have other layers, or another order of them."""
        before, was_active = list(self.layers), self.active
        changed = list({*before} ^ {*layers}) or layers

        def put(layers: list[PaintLayer], active: str | None) -> None:
            self.layers, self.marked = list(layers), ()
            self.active = active if self.layer(active) else (layers[0].id if layers else None)
            self.tell(union(one.place for one in changed))

        size = sum(one.pixels.nbytes for one in {*before} ^ {*layers})
        self._do(name, lambda: put(layers, activate), lambda: put(before, was_active), size)
