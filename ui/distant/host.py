"""The program at the other end of the line, as the panel's host."""

from __future__ import annotations

import itertools
import queue
import socket
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from sinddm_plugin.client import VERSION, Mask, Picture
from sinddm_ui.distant.preview import Preview
from sinddm_ui.distant.values import WireError, built, flat
from sinddm_ui.distant.wire import ADDRESS, Line, Message, send, signature
from sinddm_ui.host import Box, Document, HostError, Insertion
from sinddm_ui.qt import QObject, Qt, Signal

PATIENCE = 20.0  # seconds for an answer
PATIENCE_OF_INSERT = 60.0  # many large layers
LOOK = 768  # pixels of the picture in which a preview is shown


class DistantHost(QObject):
    """The Host of ui/host.py. What the artist works on is what the other end pushed last; for the rest it is asked.

    Raises HostError where nobody answers.
    """

    gone = Signal()
    """The other end has hung up: it has ended, or wants no panel any more."""
    wanted = Signal()
    """The panel was asked for once more."""
    _pushed = Signal(object)

    def __init__(self, port: int, token: str, patience: float = PATIENCE, parent: QObject | None = None):
        super().__init__(parent)
        self.name, self.dark, self._patience = "the program", False, patience
        self._document: Document | None = None
        self._changed: list[Callable[[], object]] = []
        self._numbers, self._lock, self._over = itertools.count(1), threading.Lock(), False
        self._waiting: dict[int, queue.SimpleQueue[Message | None]] = {}
        self._welcomed: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._looked: tuple[str, Picture] | None = None
        self.preview = Preview()
        self._pushed.connect(self._take, Qt.ConnectionType.QueuedConnection)  # pyright: ignore[reportCallIssue]
        try:
            opened = socket.create_connection((ADDRESS, port), timeout=patience)
            send(opened, {"token": token, "version": VERSION})
        except OSError as error:
            raise HostError(f"Nobody answers there ({error.strerror or error}): open the panel anew.") from error
        self._line = Line(opened, self._received, self._ended)
        self._line.open()
        self._welcome()

    def document(self) -> Document | None:
        """What the artist works on."""
        return self._document

    def watch(self, changed: Callable[[], object]) -> None:
        """Have `changed` called soon after document() would answer differently."""
        self._changed.append(changed)

    def read(self, document: str, layer: str, box: Box) -> Picture:
        """The part of a layer that lies in a box."""
        return self._call("read", document, layer, box)

    def read_below(self, document: str, layer: str, box: Box) -> Picture:
        """What is seen in a box without the layer and all that lies above it."""
        return self._call("read_below", document, layer, box)

    def read_selection(self, document: str, box: Box) -> Mask | None:
        """The selection in a box."""
        return self._call("read_selection", document, box)

    def thumbnail(self, document: str, layer: str, side: int) -> Picture:
        """A layer as a small picture."""
        return self._call("thumbnail", document, layer, side)

    def look(self, document: str, side: int) -> Picture:
        """The whole picture as it is seen, small."""
        return self._call("look", document, side)

    def insert(self, insertion: Insertion) -> None:
        """Add new layers, as one undo step."""
        self._call("insert", insertion, patience=max(self._patience, PATIENCE_OF_INSERT))

    def show_preview(self, document: str, picture: Picture, box: Box) -> None:
        """Show a picture where it would be, in a window at this end.

        GIMP cannot draw over its canvas, and a layer for it would be in the artist's file, in what is undone and in
        what is learned from. So nothing is done at the other end: it only gives a small copy of the picture."""
        if self._document is None or self._document.id != document:
            self.hide_preview()
            return
        if self._looked is None or self._looked[0] != document or not self.preview.shown:
            self._looked = document, self.look(document, LOOK)  # once for several results that are looked at in turn
        self.preview.show_picture(self._looked[1], self._document.canvas, picture, box)

    def hide_preview(self) -> None:
        """Show the picture as it is."""
        self.preview.hide_picture()

    def be_watched(self, watched: bool) -> None:
        """Whether anybody sees what the other end pushes. While nobody does it need not look for changes."""
        self._line.send({"tell": "watch", "value": watched})

    def close(self) -> None:
        """Hang up."""
        self.preview.hide_picture(at_once=True)
        self._changed.clear()
        self._line.close()

    # In the main thread

    def _welcome(self) -> None:
        """Wait for the first message, which says who is there."""
        try:
            message = self._welcomed.get(timeout=self._patience)
        except queue.Empty:
            self._line.close()
            raise HostError("The program does not answer: open the panel from its menu once more.") from None
        if message is None:
            raise HostError("The program wants no panel now: open it from its menu once more.")
        header = message.header
        if header.get("version") != VERSION:
            self._line.close()
            _differ()
        self.name, self.dark = str(header.get("name", "")), bool(header.get("dark"))
        self._document = self._built(Document | None, message)

    def _take(self, message: Message) -> None:
        """What the other end says unasked."""
        if message.header["push"] == "raise":
            self.wanted.emit()
        elif message.header["push"] == "document":
            self._document = self._built(Document | None, message)
            for changed in list(self._changed):
                changed()
        elif message.header["push"] == "gone":
            self.gone.emit()

    def _call(self, call: str, *values: Any, patience: float = 0.0) -> Any:
        patience = patience or self._patience
        blocks: list[Any] = []
        header = {"call": call, "values": [flat(one, blocks) for one in values], "patience": patience}
        number, answer = next(self._numbers), queue.SimpleQueue()
        with self._lock:
            if self._over:
                self._is_gone()
            self._waiting[number] = answer
        self._line.send({**header, "id": number}, blocks)
        try:
            message = answer.get(timeout=patience)
        except queue.Empty:
            raise HostError(
                f"{self.name} does not answer: wait until it is done with what it does, then try again."
            ) from None
        finally:
            with self._lock:
                self._waiting.pop(number, None)
        if message is None:
            self._is_gone()
        if (why := message.header.get("error")) is not None:
            raise HostError(str(why))
        return self._built(signature(call).answer, message)

    def _built(self, kind: Any, message: Message) -> Any:
        try:
            return built(kind, message.header.get("value"), message.blocks)
        except WireError:
            _differ()

    def _is_gone(self) -> NoReturn:
        raise HostError(f"{self.name} has ended: start it again, then open the panel there.")

    # In the thread that reads

    def _received(self, message: Message) -> None:
        header = message.header
        if header.get("push") == "welcome":
            self._welcomed.put(message)
        elif "push" in header:
            self._pushed.emit(message)
        else:
            with self._lock:
                waiting = self._waiting.get(header.get("answer", 0))
            if waiting is not None:  # otherwise nobody waits for it any more
                waiting.put(message)

    def _ended(self) -> None:
        with self._lock:
            self._over = True
            waiting = list(self._waiting.values())
        for one in [*waiting, self._welcomed]:
            one.put(None)
        self._pushed.emit(Message({"push": "gone"}, []))


def _differ() -> NoReturn:
    raise HostError("The plug-in and SinDDM are of different versions: install both again, then start GIMP anew.")
