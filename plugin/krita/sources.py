"""What the entries of the menus learn from. Needs no Krita."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sinddm_ui.host import Document
from sinddm_ui.tasks import Source

from .entries import Entry

TOGETHER = {"learn", "generate", "tile"}  # what learns all marked layers


class Choice(NamedTuple):
    """Something that can be learned from."""

    text: str
    source: Source


def usual_source(entry: Entry, document: Document | None) -> Source:
    """The layer that was clicked, or all that are marked."""
    several = document is not None and len(document.selected) > 1
    return Source("selected") if several and entry.task in TOGETHER else Source("active")


def choices(entry: Entry, document: Document | None, textures: Iterable[str]) -> tuple[list[Choice], list[Choice]]:
    """The textures and the layers that an entry offers."""
    offered = entry.sources.split()
    named = [Choice(name, Source("texture", name)) for name in textures] if "textures" in offered else []
    layers = list(_others(document)) if document is not None and "layers" in offered else []
    return named, layers


def _others(document: Document) -> Iterator[Choice]:
    """All layers with pixels but the active one."""
    for layer in document.layers:
        if layer.id != document.active and not layer.box.empty:
            yield Choice(layer.name, Source("layer", layer.id))
