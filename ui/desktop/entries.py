"""What can be asked for with a right click on a layer, without the panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sinddm_ui.host import Document
from sinddm_ui.qt import QMenu
from sinddm_ui.session import Session
from sinddm_ui.tasks import Source


class Entry(NamedTuple):
    """An entry of the menu."""

    task: str
    """What the session calls it."""
    text: str
    tip: str
    textures: bool = False
    """Whether a texture of the library is chosen for it."""
    layers: bool = False
    """Whether another layer can be chosen for it."""


ENTRIES = (
    Entry("learn", "Learn texture", "Learn the marked layers, and keep what was learned in the library"),
    Entry("generate", "Variations", "Add new layers with variations of this one"),
    Entry("tile", "Seamless tile", "Add new layers that repeat without a seam"),
    Entry("paint", "Paint in the style of", "Render the rough shapes of this layer in the look of a texture", True),
    Entry("harmonize", "Harmonize into the picture below", "Make what is on this layer belong to what is below it"),
    Entry("style", "Style from", "Show this layer in the look of a texture or of another layer", True, True),
    Entry("fill", "Fill selection", "Fill the selected area with the texture of this layer"),
)


def add_entries(menu: QMenu, session: Session) -> None:
    """Add them to a menu, for what is active now."""
    menu.setToolTipsVisible(True)
    for entry in ENTRIES:
        if not (entry.textures or entry.layers):
            _add(menu, entry.text, entry.tip, _asks(session, entry, _marked(session, entry)))
            continue
        inner = menu.addMenu(entry.text)
        assert inner is not None
        inner.setToolTipsVisible(True)
        _add_sources(inner, entry, session)


def _add_sources(menu: QMenu, entry: Entry, session: Session) -> None:
    """The textures of the library, and the other layers."""
    document = session.document
    others = _others(document) if entry.layers or entry.task == "paint" else []
    for texture in session.textures.all:
        _add(menu, texture.name, entry.tip, _asks(session, entry, Source("texture", texture.name)))
    if session.textures.all and others:
        menu.addSeparator()
    for id, name in others:
        _add(menu, f"The layer {name}", entry.tip, _asks(session, entry, Source("layer", id)))
    if not session.textures.all and not others:
        action = _add(menu, "The library is empty: learn a texture first", entry.tip, lambda: None)
        action.setEnabled(False)


def _others(document: Document | None) -> list[tuple[str, str]]:
    """The layers that can be learned from for the active one."""
    if document is None:
        return []
    return [(one.id, one.name) for one in document.layers if one.id != document.active and not one.box.empty]


def _marked(session: Session, entry: Entry) -> Source | None:
    """Several marked layers are learned together."""
    several = session.document is not None and len(session.document.selected) > 1
    return Source("selected") if several and entry.task in ("learn", "generate", "tile") else Source()


def _asks(session: Session, entry: Entry, source: Source | None) -> Callable[[], object]:
    return lambda: session.quick(entry.task, source)


def _add(menu: QMenu, text: str, tip: str, call: Callable[[], object]):
    action = menu.addAction(text.replace("&", "&&"))
    assert action is not None
    action.setToolTip(tip)
    action.triggered.connect(lambda _=False: call())
    return action
