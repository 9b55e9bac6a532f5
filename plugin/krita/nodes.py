"""Krita's documents and their nodes, as the panel knows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sinddm_ui.host import Box, Document, HostError, Layer
from sinddm_ui.qt import QIcon

from .api import Krita
from .pixels import Space

MESSAGE = 4000  # milliseconds that a message stays over the canvas
MEDIUM = 1  # how important it is, as Krita counts
KINDS = {
    "paintlayer": "paint",
    "grouplayer": "group",
    "vectorlayer": "vector",
    "clonelayer": "clone",
    "filllayer": "fill",
    "filelayer": "file",
    "filterlayer": "filter",
}
"""What nodes are layers; all others are masks."""


def active_document() -> Any:
    """The one that the artist works on, or None."""
    krita = Krita.instance()
    document = krita.activeDocument()
    return document if document is not None and document.rootNode() is not None else None


def active_view() -> Any:
    """The view that the artist looks at, or None."""
    window = Krita.instance().activeWindow()
    return None if window is None else window.activeView()


def say(words: str) -> None:
    """A message over the canvas."""
    view = active_view()
    if view is not None:
        view.showFloatingMessage(words, QIcon(), MESSAGE, MEDIUM)


def id_of(document: Any) -> str:
    """Documents have no name of their own while they are open, but their root has."""
    return document.rootNode().uniqueId().toString()


def open_document(id: str) -> Any:
    """Raises HostError."""
    document = active_document()
    if document is not None and id_of(document) == id:
        return document
    for document in Krita.instance().documents():
        if document.rootNode() is not None and id_of(document) == id:
            return document
    raise HostError("The picture is closed: open it again.")


def walk(node: Any) -> Iterator[Any]:
    """The layers in a node, from the top, a group before what is in it."""
    for child in reversed(node.childNodes()):
        if child.type() in KINDS:
            yield child
            yield from walk(child)


def find(document: Any, id: str | None) -> Any:
    """A layer, or None."""
    return next((node for node in walk(document.rootNode()) if node.uniqueId().toString() == id), None)


def layer_of(document: Any, id: str) -> Any:
    """A layer. Raises HostError."""
    node = find(document, id)
    if node is None:
        raise HostError("The layer is gone: choose another one.")
    return node


def space_of_node(node: Any) -> Space:
    """The colour space of a layer, or of a document."""
    return Space(node.colorModel(), node.colorDepth(), node.colorProfile())


def canvas_of(document: Any) -> Box:
    """All that is seen of a document."""
    return Box(0, 0, document.width(), document.height())


def box_of(node: Any) -> Box:
    """Where a layer has pixels."""
    if KINDS[node.type()] == "filter":
        return Box(0, 0, 0, 0)
    bounds = node.bounds()
    return Box(bounds.x(), bounds.y(), max(0, bounds.width()), max(0, bounds.height()))


def snapshot() -> Document | None:
    """What the artist works on, without pixels."""
    document = active_document()
    if document is None:
        return None
    id, path, canvas = id_of(document), document.fileName(), canvas_of(document)
    layers = tuple(
        Layer(node.uniqueId().toString(), node.name(), box_of(node), node.visible(), KINDS[node.type()])
        for node in walk(document.rootNode())
    )
    active = _layer_id(document.activeNode())
    marked = {_layer_id(node) for node in _marked()} | {active}
    known = [layer.id for layer in layers]
    return Document(
        id=id,
        key=path or id,
        name=Path(path).name if path else document.name(),
        width=canvas.width,
        height=canvas.height,
        format=space_of_node(document).working().format,
        layers=layers,
        active=active if active in known else None,
        selected=tuple(one for one in known if one in marked),
        selection=selected_box(document),
    )


def selected_box(document: Any) -> Box | None:
    """Around what is selected of the canvas."""
    selection = document.selection()
    if selection is None:
        return None
    box = Box(selection.x(), selection.y(), selection.width(), selection.height())
    box = box.within(canvas_of(document))
    return None if box.empty else box


def _marked() -> list[Any]:
    """The nodes that are marked in the list of layers."""
    view = active_view()
    return [] if view is None else view.selectedNodes()


def _layer_id(node: Any) -> str | None:
    """The id of a layer, or of the one that a mask is on."""
    while node is not None and node.type() not in KINDS:
        node = node.parentNode()
    return None if node is None else node.uniqueId().toString()
