"""A host whose layers are arrays: what the panel does with layers, without an editor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from sinddm_plugin.client import Format, Mask, Picture
from sinddm_ui.host import Box, Document, HostError, Insertion, Layer

WIDTH, HEIGHT = 120, 90


def waves(seed: int = 0, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Soft coloured waves, uint8 (height, width, 4), opaque."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    wave = np.sin(x / 5 + np.sin(y / 9)) * np.cos(y / 7 - x / 13)
    tint = rng.uniform(0.3, 0.7, 3)
    colour = tint + 0.2 * wave[..., None] * rng.uniform(0.5, 1, 3) + 0.05 * rng.normal(size=(height, width, 3))
    return np.dstack([(colour.clip(0, 1) * 255), np.full((height, width), 255)]).astype(np.uint8)


@dataclass
class Arrays:
    """Layers from the top: id, name, BGRA uint8, corner."""

    layers: dict[str, tuple[str, np.ndarray, int, int]] = field(default_factory=dict)
    active: str | None = None
    selected: tuple[str, ...] = ()
    selection: Box | None = None
    key: str = "a picture"
    name: str = "Test"
    open: bool = True
    inserted: list[Insertion] = field(default_factory=list)
    shown: tuple[Picture, Box] | None = None
    changed: list[Callable[[], object]] = field(default_factory=list)

    def add(self, id: str, name: str, pixels: np.ndarray, x: int = 0, y: int = 0) -> None:
        """A layer on top, which becomes the active one."""
        self.layers = {id: (name, pixels, x, y), **self.layers}
        self.active = id
        self.tell()

    def tell(self) -> None:
        """Something has changed."""
        for one in self.changed:
            one()

    def document(self) -> Document | None:
        if not self.open:
            return None
        layers = tuple(
            Layer(id, name, Box(x, y, pixels.shape[1], pixels.shape[0]) if pixels.size else Box(0, 0, 0, 0))
            for id, (name, pixels, x, y) in self.layers.items()
        )
        chosen = self.selected or ((self.active,) if self.active else ())
        form = Format("U8", "bgra", False)
        return Document(
            self.key, self.key, "Test.png", WIDTH, HEIGHT, form, layers, self.active, chosen, self.selection
        )

    def watch(self, changed: Callable[[], object]) -> None:
        self.changed.append(changed)

    def read(self, document: str, layer: str, box: Box) -> Picture:
        self._check(document)
        found = np.zeros((box.height, box.width, 4), np.uint8)
        _, pixels, x, y = self.layers[layer]
        part = Box(x, y, pixels.shape[1], pixels.shape[0]).within(box)
        rows, columns = slice(part.y - y, part.y - y + part.height), slice(part.x - x, part.x - x + part.width)
        into = found[part.y - box.y : part.y - box.y + part.height, part.x - box.x : part.x - box.x + part.width]
        into[:] = pixels[rows, columns]
        return Picture(found.tobytes(), box.width, box.height, "bgra")

    def read_below(self, document: str, layer: str, box: Box) -> Picture:
        return self.read(document, list(self.layers)[-1], box)

    def read_selection(self, document: str, box: Box) -> Mask | None:
        if self.selection is None:
            return None
        found = np.zeros((box.height, box.width), np.uint8)
        part = self.selection.within(box)
        found[part.y - box.y : part.y - box.y + part.height, part.x - box.x : part.x - box.x + part.width] = 255
        return Mask(found.tobytes(), box.width, box.height)

    def thumbnail(self, document: str, layer: str, side: int) -> Picture:
        _, pixels, _, _ = self.layers[layer]
        step = max(1, -(-max(pixels.shape[:2]) // side))
        small = pixels[::step, ::step]
        return Picture(small[..., [2, 1, 0, 3]].tobytes(), small.shape[1], small.shape[0])

    def insert(self, insertion: Insertion) -> None:
        self._check(insertion.document)
        self.inserted.append(insertion)

    def show_preview(self, document: str, picture: Picture, box: Box) -> None:
        self.shown = picture, box

    def hide_preview(self) -> None:
        self.shown = None

    def _check(self, document: str) -> None:
        if not self.open or document != self.key:
            raise HostError("The picture is closed: open it again.")
