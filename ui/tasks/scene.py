"""What a task starts from: the picture that is open, and what is to be learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sinddm_ui.host import Box, Document, HostError, Layer


@dataclass(frozen=True)
class Source:
    """What is learned from: the active layer, the selected ones, one that was chosen, or a texture of the library."""

    kind: Literal["active", "selected", "layer", "texture"] = "active"
    name: str = ""
    """The id of the layer that was chosen, or the texture's name."""


@dataclass(frozen=True)
class Scene:
    """A document with a source. Raises HostError with what to do, where something is missing."""

    document: Document
    source: Source = Source()
    only_selection: bool = True
    """Whether layers are learned only where they are selected, if anything is."""

    @property
    def active(self) -> Layer:
        """The layer that the artist works on."""
        layer = self.document.layer(self.document.active)
        if layer is None:
            raise HostError("No layer is chosen: click on one in the list of layers.")
        return layer

    @property
    def painted(self) -> Layer:
        """The active layer, if it has pixels."""
        layer = self.active
        if layer.box.empty:
            raise HostError(f"The layer {layer.name} is empty: choose one with something on it.")
        return layer

    @property
    def selection(self) -> Box:
        """Around what is selected."""
        box = self.document.selection
        if box is None or box.empty:
            raise HostError("Nothing is selected: select the area first.")
        return box

    @property
    def learned(self) -> tuple[Layer, ...]:
        """The layers that are learned from, those with pixels; none if it is a texture."""
        if self.source.kind == "texture":
            return ()
        if self.source.kind == "selected":
            chosen = [self.document.layer(id) for id in self.document.selected] or [self.active]
            found = tuple(one for one in chosen if one is not None and not one.box.empty)
            if not found:
                raise HostError("The selected layers are empty: choose some with something on them.")
            return found
        if self.source.kind == "layer":
            layer = self.document.layer(self.source.name)
            if layer is None:
                raise HostError("The layer to learn from is gone: choose another one above.")
            if layer.box.empty:
                raise HostError(f"The layer {layer.name} is empty: choose one with something on it.")
            return (layer,)
        return (self.painted,)

    @property
    def name(self) -> str:
        """What results are named after."""
        return self.source.name if self.source.kind == "texture" else self.learned[0].name
