"""What the panel asks of the program that holds the layers, and gives to it: Krita, GIMP, the window of its own.

Standard library only. Coordinates are pixels of the document, x to the right and y down from the canvas's corner;
layers may lie outside of it. All calls are for the main thread, and short.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sinddm_plugin.client import Format, Mask, Picture


class HostError(Exception):
    """Something of the artist's cannot be read or written; `str` of it is one sentence to show."""


class Box(NamedTuple):
    """A rectangle."""

    x: int
    y: int
    width: int
    height: int

    @property
    def empty(self) -> bool:
        """Whether no pixel is in it."""
        return self.width <= 0 or self.height <= 0

    def grown(self, by: int) -> Box:
        """With so many pixels more on each side."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def within(self, other: Box) -> Box:
        """The part of it that lies in the other; without width and height if there is none."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Box(x, y, max(0, right - x), max(0, bottom - y))


@dataclass(frozen=True)
class Layer:
    """A layer as it is now, without its pixels."""

    id: str
    name: str
    box: Box
    """Where it has pixels; empty for an empty layer."""
    visible: bool = True
    kind: str = "paint"
    """paint, group, vector, clone, fill, file or filter: filter layers have no pixels of their own."""


@dataclass(frozen=True)
class Document:
    """The picture that the artist works on, as it is now. Two are equal if nothing of it matters to the panel."""

    id: str
    """While it is open."""
    key: str
    """By which its settings are remembered: the path of its file, if it has one."""
    name: str
    width: int
    height: int
    format: Format
    """What results are to be, so that they are exact when they become layers."""
    layers: tuple[Layer, ...] = ()
    """All that have pixels, also those in groups, from the top."""
    active: str | None = None
    """The id of a layer of `layers`."""
    selected: tuple[str, ...] = ()
    """The ids of the layers that are marked, from the top, the active one among them."""
    selection: Box | None = None
    """Around what is selected of the canvas; None where nothing is."""

    @property
    def canvas(self) -> Box:
        """All of it."""
        return Box(0, 0, self.width, self.height)

    def layer(self, id: str | None) -> Layer | None:
        """One of its layers."""
        return next((one for one in self.layers if one.id == id), None)


@dataclass(frozen=True, eq=False)
class NewLayer:
    """A result that is to become a layer."""

    name: str
    picture: Picture
    x: int
    y: int


@dataclass(frozen=True, eq=False)
class Insertion:
    """Layers that go in as one undo step."""

    document: str
    layers: Sequence[NewLayer]
    """From the bottom."""
    above: str | None = None
    """The layer that they go above; the top where it is None or gone."""
    group: str | None = None
    """The name of a group around them; None for none."""
    show: Sequence[bool] = field(default=())
    """Which of them are visible; all that it does not say."""


class Host(Protocol):
    """The program that holds the layers. Every call may raise HostError."""

    name: str
    """Shown, and told to the backend: Krita."""

    def document(self) -> Document | None:
        """What the artist works on; None if nothing is open. Costs no pixels."""
        ...

    def watch(self, changed: Callable[[], object]) -> None:
        """Have `changed` called soon after document() would answer differently."""
        ...

    def read(self, document: str, layer: str, box: Box) -> Picture:
        """The part of a layer that lies in a box, exactly as large as the box, transparent where it has no pixels. As
        the layer is seen, with its masks and with what is in it, but for its own opacity and visibility."""
        ...

    def read_below(self, document: str, layer: str, box: Box) -> Picture:
        """What is seen in a box without the layer and all that lies above it."""
        ...

    def read_selection(self, document: str, box: Box) -> Mask | None:
        """The selection in a box, 8 bits deep; None if nothing is selected."""
        ...

    def thumbnail(self, document: str, layer: str, side: int) -> Picture:
        """A layer as a small RGBA picture of 8 bits, its larger side at most `side`."""
        ...

    def insert(self, insertion: Insertion) -> None:
        """Add new layers, as one undo step. Nothing that is there changes."""
        ...

    def show_preview(self, document: str, picture: Picture, box: Box) -> None:
        """Show an RGBA picture of 8 bits over the canvas, scaled into a box. It is no layer: it is never saved, never
        read, and nothing that can be undone. It replaces the one that is shown."""
        ...

    def hide_preview(self) -> None:
        """Show the canvas as it is."""
        ...
