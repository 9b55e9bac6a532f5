"""What steps need: documents with known pixels, the layer docker, the mouse, and files for what is found.

Names that begin with `do_` are generators themselves: `yield from` them.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

from __future__ import annotations

import array
import itertools
import json
import math
import random
import sys
import threading
import time
from typing import Any

import krita
from krita import InfoObject, Krita, Selection

from .running import FOLDER, PLAN, Until, close_documents

if getattr(krita, "qt_major_version", lambda: 5)() == 6:
    from PyQt6.QtCore import QByteArray, QItemSelectionModel, QPoint, QRect, QTimer
    from PyQt6.QtTest import QTest
    from PyQt6.QtWidgets import (
        QApplication,
        QDialogButtonBox,
        QDockWidget,
        QFileDialog,
        QLineEdit,
        QListWidget,
        QMessageBox,
        QPushButton,
        QToolButton,
        QTreeView,
        QWidget,
    )
else:
    from PyQt5.QtCore import QByteArray, QItemSelectionModel, QPoint, QRect, QTimer
    from PyQt5.QtTest import QTest
    from PyQt5.QtWidgets import (
        QApplication,
        QDialogButtonBox,
        QDockWidget,
        QFileDialog,
        QLineEdit,
        QListWidget,
        QMessageBox,
        QPushButton,
        QToolButton,
        QTreeView,
        QWidget,
    )

__all__ = [
    "PLAN",
    "InfoObject",
    "QApplication",
    "QDialogButtonBox",
    "QDockWidget",
    "QFileDialog",
    "QItemSelectionModel",
    "QLineEdit",
    "QListWidget",
    "QMessageBox",
    "QPoint",
    "QPushButton",
    "QRect",
    "QTest",
    "QTimer",
    "QToolButton",
    "QWidget",
    "Until",
    "close_documents",
]

ARGUMENTS = PLAN.arguments
LINEAR = "sRGB-elle-V2-g10.icc"
ENCODED = "sRGB-elle-V2-srgbtrc.icc"
TYPES = {"U8": "B", "U16": "H", "F16": "e", "F32": "f"}
CHANNELS = {"RGBA": 4, "GRAYA": 2, "CMYKA": 5}

_numbers = itertools.count()


# Krita


def app() -> Any:
    """Krita."""
    return Krita.instance()


def window() -> Any:
    """Its window; None while there is none."""
    return app().activeWindow()


def dock(name: str) -> QDockWidget:
    """A dock by its object name."""
    found = window().qwindow().findChild(QDockWidget, name)
    assert found, f"there is no dock {name}"
    return found


def trigger(name: str) -> None:
    """Have an action of Krita's triggered from its event loop, so that a modal dialog does not hold the step up."""
    found = app().action(name)
    assert found, f"there is no action {name}"
    QTimer.singleShot(0, found.trigger)


class Pulse:
    """Sees what holds up the event loop: how long this thread computes between two ticks, and what it waits for. A
    clock on the wall would also count what other programs do with the processor."""

    EVERY = 10  # milliseconds
    WAITING = ("socket.connect", "time.sleep")

    def __init__(self) -> None:
        self.longest, self.ticks = 0.0, 0
        self.waits: list[str] = []
        self.elsewhere = 0  # waits of other threads
        self._thread, self._last = threading.get_ident(), time.thread_time()
        sys.addaudithook(self._audit)
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(self.EVERY)

    def end(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._thread = 0  # hooks stay

    def _tick(self) -> None:
        now = time.thread_time()
        self.longest, self.ticks, self._last = max(self.longest, now - self._last), self.ticks + 1, now

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._thread and event in self.WAITING:
            if threading.get_ident() == self._thread:
                self.waits.append(f"{event} {arguments}")
            else:
                self.elsewhere += 1


def do_settle(document: Any) -> Any:
    """Wait until Krita has nothing to compute for it."""
    yield 0.1
    document.waitForDone()
    document.refreshProjection()
    document.waitForDone()
    yield 0.1


# Documents


def do_open(
    width: int,
    height: int,
    model: str = "RGBA",
    depth: str = "U8",
    profile: str = "",
    name: str = "Meadow",
    seed: int = 0,
) -> Any:
    """A new document in a view, with one layer of waves as large as the canvas; returns both."""
    document = app().createDocument(width, height, name, model, depth, profile, 72.0)
    window().addView(document)
    yield lambda: app().activeDocument() == document
    for old in document.topLevelNodes():
        old.remove()
    node = add_layer(document, name, waves(width, height, model, depth, seed), 0, 0, width, height)
    yield from do_activate(document, node)
    return document, node


def waves(width: int, height: int, model: str = "RGBA", depth: str = "U8", seed: int = 0, opaque: bool = True) -> bytes:
    """Soft crossing waves with some noise, as the bytes of a Krita layer; another seed gives other colours."""
    rng = random.Random(seed)
    channels = CHANNELS[model]
    tints = [0.3 + 0.4 * rng.random() for _ in range(channels)]
    side = min(width, 256), min(height, 256)  # larger ones repeat
    values = array.array("f")
    for y in range(side[1]):
        for x in range(side[0]):
            wave = math.sin(x / 3 + math.sin(y / 7)) * math.cos(y / 5 - x / 11) + 0.3 * rng.random()
            for tint in tints[:-1]:
                values.append(min(1.0, max(0.0, tint + 0.15 * wave)))
            values.append(1.0 if opaque else 0.5 + 0.5 * wave / 2)
    small = encode(values, depth)
    if side == (width, height):
        return small
    row = len(small) // side[1]
    wide = [_repeated(small[y * row : (y + 1) * row], row // side[0] * width) for y in range(side[1])]
    return b"".join(wide[y % side[1]] for y in range(height))


def plain(width: int, height: int, pixel: bytes) -> bytes:
    """One colour."""
    return pixel * (width * height)


def encode(values: Any, depth: str) -> bytes:
    """Numbers from 0 to 1 as a layer's bytes."""
    if depth in ("U8", "U16"):
        top = 255 if depth == "U8" else 65535
        return array.array(TYPES[depth], [round(max(0.0, min(1.0, value)) * top) for value in values]).tobytes()
    if depth == "F32":
        return array.array("f", values).tobytes()
    import struct

    return struct.pack(f"<{len(values)}e", *values)


def _repeated(piece: bytes, length: int) -> bytes:
    return (piece * (length // len(piece) + 1))[:length]


def add_layer(
    document: Any,
    name: str,
    data: bytes | None = None,
    x: int = 0,
    y: int = 0,
    width: int = 0,
    height: int = 0,
    kind: str = "paintlayer",
    parent: Any = None,
    above: Any = None,
) -> Any:
    """A layer with pixels, on top of its siblings unless `above` says which it goes above."""
    node = document.createNode(name, kind)
    if data is not None:
        assert len(data) % (width * height) == 0, "the pixels do not fit the size"
        node.setPixelData(QByteArray(data), x, y, width, height)
    (parent or document.rootNode()).addChildNode(node, above)
    return node


def do_add_mask(document: Any, node: Any, x: int, y: int, width: int, height: int) -> Any:
    """Give a layer a mask through which only a rectangle of it is seen, as the artist does; returns the mask."""
    yield from do_activate(document, node)
    select(document, x, y, width, height)
    trigger("add_new_transparency_mask")
    yield Until(node.childNodes, 10)
    document.setSelection(None)
    yield from do_settle(document)
    return node.childNodes()[0]


def select(document: Any, x: int, y: int, width: int, height: int, feather: int = 0) -> None:
    """Select a rectangle of the canvas."""
    selection = Selection()
    selection.select(x, y, width, height, 255)
    if feather:
        selection.feather(feather)
    document.setSelection(selection)


def do_activate(document: Any, node: Any) -> Any:
    """Make a layer the active one, as the artist's click would."""
    yield from do_settle(document)
    document.setActiveNode(node)
    yield Until(lambda: document.activeNode() == node, 10)


def named(document: Any, name: str) -> Any:
    """The layer of this name; None if there is none."""
    return next((node for node in nodes(document.rootNode()) if node.name() == name), None)


def nodes(parent: Any) -> list[Any]:
    """All that is in a group, in any depth, from the top."""
    return [one for child in reversed(parent.childNodes()) for one in (child, *nodes(child))]


def names(document: Any) -> list[str]:
    """The names of all layers and masks, from the top."""
    return [node.name() for node in nodes(document.rootNode())]


def pixels(node: Any, box: tuple[int, int, int, int] | None = None) -> bytes:
    """What a layer shows, in a box or where it has pixels."""
    bounds = node.bounds()
    return bytes(node.projectionPixelData(*(box or (bounds.x(), bounds.y(), bounds.width(), bounds.height()))))


def bounds(node: Any) -> tuple[int, int, int, int]:
    """Where a layer has pixels."""
    found = node.bounds()
    return found.x(), found.y(), found.width(), found.height()


def composite(document: Any) -> bytes:
    """The picture as it is seen."""
    return bytes(document.pixelData(0, 0, document.width(), document.height()))


def save(document: Any, name: str) -> str:
    """Save to a file of the launch's folder; returns its path."""
    path = FOLDER / name
    document.setBatchmode(True)
    if name.endswith(".kra"):
        assert document.saveAs(str(path))
    else:
        assert document.exportImage(str(path), InfoObject())
    document.setBatchmode(False)
    return str(path)


# Files and hands, outside of Krita


def keep(name: str, data: bytes) -> str:
    """Write bytes for the test; returns the file's name."""
    (FOLDER / name).write_bytes(data)
    return name


def _ask(what: dict[str, Any]) -> Any:
    """Have the test do something, and wait until it has."""
    path = FOLDER / f"hand-{next(_numbers):05d}.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(what))
    part.replace(path)
    yield Until(lambda: not path.exists(), 30)


def do_xdotool(*words: object) -> Any:
    """The mouse and the keyboard, from outside."""
    yield from _ask({"xdotool": [str(word) for word in words]})


def do_screenshot(name: str) -> Any:
    """The screen as a file of the launch's folder."""
    yield from _ask({"screenshot": name})


def do_click(widget: QWidget, point: QPoint | None = None, button: int = 1) -> Any:
    """Click on a widget, in its middle or at a point of it."""
    where = widget.mapToGlobal(point or widget.rect().center())
    yield from do_xdotool("mousemove", where.x(), where.y(), "click", button)


# The layer docker and menus


def layer_tree() -> QTreeView:
    """The list of layers."""
    found = dock("KisLayerBox").findChild(QTreeView, "listLayers")
    assert found, "there is no list of layers"
    return found


def _rows(tree: QTreeView, parent: Any = None) -> list[Any]:
    """All rows of the list."""
    model = tree.model()
    of = [parent] if parent else []
    parents = [model.index(row, 0, *of) for row in range(model.rowCount(*of))]
    return [one for index in parents for one in (index, *_rows(tree, index))]


def row_of(name: str) -> Any:
    """The row of a layer; None while it has none."""
    tree = layer_tree()
    return next((index for index in _rows(tree) if index.data() == name), None)


def do_right_click(name: str) -> Any:
    """Right click on a layer in the list; returns the menu that opens."""
    index = yield lambda: row_of(name)
    tree = layer_tree()
    tree.expandAll()
    tree.scrollTo(index)
    yield 0.2
    yield from do_click(tree.viewport(), tree.visualRect(row_of(name)).center(), 3)
    return (yield Until(QApplication.activePopupWidget, 10))


def do_choose(menu: Any, *texts: str) -> Any:
    """Click on an entry of a menu, and then of its submenus."""
    for text in texts:
        found = {plain_text(one): one for one in menu.actions()}
        assert text in found, f"there is no {text!r} among {list(found)}"
        action = found[text]
        inner = None if text == texts[-1] else action.menu()  # asked now: the last click ends the menu's life
        yield from do_click(menu, menu.actionGeometry(action).center())
        if inner is not None:
            menu = inner
            yield Until(menu.isVisible, 10)


def plain_text(action: Any) -> str:
    """An entry's text, without the mark of its key."""
    return action.text().replace("&", "")


def do_close_menu() -> Any:
    """Close what has popped up."""
    while QApplication.activePopupWidget() is not None:
        QApplication.activePopupWidget().close()
        yield 0.05
