"""GIMP as a host of the tasks and of the panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sinddm_plugin.client import Mask, Picture
from sinddm_ui.host import Box, Document, Insertion

from . import images, layers, reading, writing
from .api import Gegl, Gimp

ON_PALETTE = (
    "This picture has a palette: the new layers have the nearest of its colours. "
    "For all of them, choose Image > Mode > RGB and make them again."
)


class GimpHost:
    """The Host of ui/host.py. active: the number of the image that the artist works on, None for none."""

    name = "GIMP"

    def __init__(self, active: Callable[[], int | None]):
        self._active = active
        self._told: set[str] = set()
        Gegl.init(None)

    def document(self) -> Document | None:
        """What the artist works on."""
        id = self._active()
        return None if id is None else layers.snapshot(layers.open_image(str(id)))

    def watch(self, changed: Callable[[], object]) -> None:
        """GIMP tells of no change: who wants to know asks for the document again."""

    def read(self, document: str, layer: str, box: Box) -> Picture:
        """The part of a layer that lies in a box."""
        image = layers.open_image(document)
        return reading.read(image, layers.layer_of(image, layer), box)

    def read_below(self, document: str, layer: str, box: Box) -> Picture:
        """What is seen in a box without the layer and all that lies above it."""
        image = layers.open_image(document)
        return reading.read_below(image, layers.layer_of(image, layer), box)

    def read_selection(self, document: str, box: Box) -> Mask | None:
        """The selection in a box."""
        return reading.read_selection(layers.open_image(document), box)

    def thumbnail(self, document: str, layer: str, side: int) -> Picture:
        """A layer as a small picture."""
        return images.small(layers.layer_of(layers.open_image(document), layer), side)

    def look(self, document: str, side: int) -> Picture:
        """The whole picture as it is seen, as a small one."""
        return images.small(layers.open_image(document), side)

    def insert(self, insertion: Insertion) -> None:
        """Add new layers, as one undo step."""
        self.add(insertion)

    def add(self, insertion: Insertion) -> list[Any]:
        """Add new layers, as one undo step, and return them."""
        image = layers.open_image(insertion.document)
        made = writing.insert(image, insertion)
        if image.get_base_type() == Gimp.ImageBaseType.INDEXED and insertion.document not in self._told:
            self._told.add(insertion.document)
            Gimp.message(ON_PALETTE)
        return made

    def show_preview(self, document: str, picture: Picture, box: Box) -> None:
        """Nothing: the panel shows it beside the image, whose layers and undo steps stay the artist's own."""

    def hide_preview(self) -> None:
        """Nothing, either."""
