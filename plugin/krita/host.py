"""Krita as a host of the panel."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from sinddm_plugin.client import Mask, Picture
from sinddm_ui.host import Box, Document, HostError, Insertion
from sinddm_ui.qt import QApplication, QImage, QObject, QSize, Qt, QTimer

from . import nodes, reading, writing
from .api import Krita
from .overlay import Overlay

POLL = 300  # milliseconds: Krita tells of none of what a document is about
SOON = 20  # milliseconds after which Krita has made a new layer the active one
TRIES = 10
AT_ONCE = 0.01  # seconds that an insertion takes before the editor gets its turn
ROWS = 2  # of a layer for each of its thumbnail's


class KritaHost(QObject):
    """The Host of ui/host.py. It lives as long as Krita."""

    name = "Krita"

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._overlay = Overlay(self)
        self._changed: list[Callable[[], object]] = []
        self._seen: Document | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    def document(self) -> Document | None:
        """What the artist works on."""
        return nodes.snapshot()

    def watch(self, changed: Callable[[], object]) -> None:
        """Have `changed` called soon after document() would answer differently."""
        self._changed.append(changed)
        if self._timer.isActive():
            return
        self._seen = self.document()
        self._timer.start(POLL)
        notifier = Krita.instance().notifier()
        notifier.setActive(True)
        for told in (notifier.imageCreated, notifier.imageClosed, notifier.imageSaved, notifier.viewCreated):
            told.connect(self._look_soon)
        notifier.viewClosed.connect(self._look_soon)

    def read(self, document: str, layer: str, box: Box) -> Picture:
        """The part of a layer that lies in a box."""
        return reading.read(nodes.open_document(document), layer, box)

    def read_below(self, document: str, layer: str, box: Box) -> Picture:
        """What is seen in a box without the layer and all that lies above it."""
        return reading.read_below(nodes.open_document(document), layer, box)

    def read_selection(self, document: str, box: Box) -> Mask | None:
        """The selection in a box."""
        return reading.read_selection(nodes.open_document(document), box)

    def thumbnail(self, document: str, layer: str, side: int) -> Picture:
        """A layer as a small picture."""
        opened = nodes.open_document(document)
        data, width, height = reading.read_rows(opened, layer, ROWS * side)
        image = QImage(data, width, height, width * 4, QImage.Format.Format_ARGB32)
        box = nodes.box_of(nodes.layer_of(opened, layer))
        scale = min(1.0, side / max(box.width, box.height, 1))
        size = QSize(max(1, round(box.width * scale)), max(1, round(box.height * scale)))
        image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # so that hidden colours stay hidden
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        image = image.convertToFormat(QImage.Format.Format_RGBA8888)
        bits: Any = image.constBits()
        bits.setsize(image.width() * 4 * image.height())  # such rows have no gaps
        return Picture(bytes(bits), image.width(), image.height())

    def insert(self, insertion: Insertion) -> None:
        """Add new layers, as one undo step. The active layer stays the active one. What takes longer goes on a moment
        later, when the editor has had its turn."""
        document = nodes.open_document(insertion.document)
        self.hide_preview()
        self._go_on(document, writing.insert(document, insertion))

    def show_preview(self, document: str, picture: Picture, box: Box) -> None:
        """Show a picture over the canvas."""
        self._overlay.show_picture(document, picture, box)

    def hide_preview(self) -> None:
        """Show the canvas as it is."""
        self._overlay.hide_picture()

    def close(self) -> None:
        """Krita ends."""
        self._timer.stop()
        self._changed.clear()
        self._overlay.hide_picture()

    def _go_on(self, document: Any, pieces: Iterator[Any]) -> None:
        """Some of the work of an insertion. It waits for the end of a stroke, which attaching a layer would cut off."""
        end = time.monotonic() + AT_ONCE
        before = document.activeNode()
        for whole in pieces:
            if whole is not None:
                self._look_soon()
                if before is not None:
                    self._stay(document, before, whole, TRIES)
            if time.monotonic() > end or _painting():
                QTimer.singleShot(0, lambda: self._go_on_later(document, pieces))
                return

    def _go_on_later(self, document: Any, pieces: Iterator[Any]) -> None:
        if _painting():
            QTimer.singleShot(POLL, lambda: self._go_on_later(document, pieces))
            return
        try:
            self._go_on(document, pieces)
        except HostError as error:
            nodes.say(str(error))
        except RuntimeError:
            pass  # the document was closed meanwhile

    def _stay(self, document: Any, before: Any, whole: Any, tries: int) -> None:
        """Krita makes a new layer the active one a little later: go back to the artist's own then."""

        def back() -> None:
            with suppress(RuntimeError, HostError):  # closed meanwhile
                active = document.activeNode()
                if active is not None and active.uniqueId() == before.uniqueId():
                    if tries > 0:
                        self._stay(document, before, whole, tries - 1)
                elif active is not None and active.uniqueId() == whole.uniqueId():
                    document.setActiveNode(before)

        QTimer.singleShot(SOON, back)

    def _look_soon(self, *_: object) -> None:
        QTimer.singleShot(0, self._look)

    def _look(self) -> None:
        """Tell of what has changed, but never in the middle of a stroke."""
        if not self._changed or _painting():
            return
        found = self.document()
        if found != self._seen:
            self._seen = found
            for changed in list(self._changed):
                changed()


def _painting() -> bool:
    """Whether the artist is in the middle of a stroke."""
    return QApplication.mouseButtons() != Qt.MouseButton.NoButton
