"""The window's document as the panel's host."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sinddm_plugin.client import Mask, Picture
from sinddm_ui import host
from sinddm_ui.desktop import shown
from sinddm_ui.desktop.boxes import NOWHERE, cut
from sinddm_ui.desktop.document import Artwork, PaintLayer
from sinddm_ui.desktop.form import mask_of
from sinddm_ui.host import Box, HostError, Insertion


class DesktopHost:
    """What the panel sees of the document that is open, if one is."""

    name = "SinDDM"

    def __init__(self) -> None:
        self.edited: Artwork | None = None
        self._watchers: list[Callable[[], object]] = []
        self._preview: Callable[[Picture | None, Box], object] = lambda picture, box: None

    def open(self, edited: Artwork | None) -> None:
        """Work on another document from now on, or on none."""
        if self.edited is not None:
            self.edited.watchers.remove(self._changed)
        self.edited = edited
        if edited is not None:
            edited.watchers.append(self._changed)
        self.hide_preview()
        self._changed()

    def shows_previews(self, show: Callable[[Picture | None, Box], object]) -> None:
        """show: called with what is to be shown over the canvas, and where; with None for nothing."""
        self._preview = show

    def document(self) -> host.Document | None:
        """What is open."""
        edited = self.edited
        if edited is None:
            return None
        selected = None if edited.selection is None else edited.selected
        return host.Document(
            id=edited.id,
            key=str(edited.path) if edited.path else "",
            name=edited.name,
            width=edited.width,
            height=edited.height,
            format=edited.form.format,
            layers=tuple(host.Layer(one.id, one.name, one.box, one.visible) for one in edited.layers),
            active=edited.active,
            selected=edited.marked or ((edited.active,) if edited.active else ()),
            selection=selected,
        )

    def watch(self, changed: Callable[[], object]) -> None:
        """Have it called after every change."""
        self._watchers.append(changed)

    def read(self, document: str, layer: str, box: Box) -> Picture:
        """The pixels of a layer in a box."""
        edited, found = self._layer(document, layer)
        return edited.form.picture(cut(found.pixels, found.place, box))

    def read_below(self, document: str, layer: str, box: Box) -> Picture:
        """What is seen in a box below a layer."""
        edited, found = self._layer(document, layer)
        return edited.form.picture(edited.seen(box, below=found.id))

    def read_selection(self, document: str, box: Box) -> Mask | None:
        """The selection in a box."""
        mask = self._edited(document).selection_in(box)
        return None if mask is None else mask_of(mask)

    def thumbnail(self, document: str, layer: str, side: int) -> Picture:
        """A layer, small."""
        edited, found = self._layer(document, layer)
        small = shown.thumbnail(found, edited.form, side)
        return Picture(np.ascontiguousarray(small).data.cast("B"), small.shape[1], small.shape[0])

    def insert(self, insertion: Insertion) -> None:
        """Add results as layers."""
        edited = self._edited(insertion.document)
        show = [*insertion.show, *[True] * (len(insertion.layers) - len(insertion.show))]
        layers = [
            PaintLayer(new.name, edited.form.array(new.picture), new.x, new.y, visible, group=insertion.group or "")
            for new, visible in zip(insertion.layers, show, strict=False)
        ]
        if layers:
            edited.insert(layers[::-1], insertion.above, "add result" if len(layers) == 1 else "add results")

    def show_preview(self, document: str, picture: Picture, box: Box) -> None:
        """Show a picture over the canvas."""
        self._edited(document)
        self._preview(picture, box)

    def hide_preview(self) -> None:
        """Show the canvas as it is."""
        self._preview(None, NOWHERE)

    def _edited(self, document: str) -> Artwork:
        if self.edited is None or self.edited.id != document:
            raise HostError("The picture that this belongs to was closed: open it and try again.")
        return self.edited

    def _layer(self, document: str, layer: str) -> tuple[Artwork, PaintLayer]:
        edited = self._edited(document)
        found = edited.layer(layer)
        if found is None:
            raise HostError("The layer is gone: choose another one.")
        return edited, found

    def _changed(self) -> None:
        for watcher in list(self._watchers):
            watcher()
