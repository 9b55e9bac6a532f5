"""What every task is: what it needs, what can be chosen, and how it becomes a job for the backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sinddm_plugin.client import Format, Mask, Picture, Request
from sinddm_ui.host import Box, Host, HostError
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import LONGEST_SIDE, Setting

Values = Mapping[str, Any]
SMALLEST = 8  # pixels of a result's side
MOST_LAYERS = 16  # that are learned from together
NEARBY = 4 << 20  # pixels of a layer up to which all of it is used


@dataclass(frozen=True, eq=False)
class Wish:
    """A job, and where its results belong."""

    request: Request
    noun: str
    """What one of its results is called."""
    document: str
    above: str | None
    """The layer that results go above."""
    name: str
    """What they are named after."""
    x: int = 0
    """Where the corner of the job's picture is."""
    y: int = 0
    nouns: str = ""
    """What several of its results are called."""

    def layer_name(self, seed: int) -> str:
        """What a result is called as a layer."""
        return f"{self.name} - {self.noun} (seed {seed})"

    def group_name(self, count: int) -> str | None:
        """What so many results are called as a group; None for one, which needs none."""
        return f"{self.name} - {count} {self.nouns}" if count > 1 else None


@dataclass(frozen=True)
class Task:
    """Something to make."""

    key: str
    title: str
    """In menus and as a heading."""
    short: str
    """On its button."""
    noun: str
    """What one of its results is called."""
    tip: str
    """What it does."""
    takes: str
    """What it takes from the layers and the selection."""
    verb: str
    """On the button that starts it, for one result."""
    verbs: str
    """For several; {} is how many."""
    settings: tuple[Setting, ...]
    source: str
    """What it can learn from: "any", "other" (not the active layer) or "below" (always the picture beneath)."""
    check: Callable[[Scene], object]
    """Raises HostError with what is missing."""
    ask: Callable[[Host, Scene, Values], Wish]
    """Reads the pixels and makes the job. Raises HostError. For the main thread."""

    def missing(self, scene: Scene) -> str | None:
        """What to do before it can be started; None if it can."""
        try:
            self.check(scene)
        except HostError as error:
            return str(error)
        return None

    def defaults(self) -> dict[str, Any]:
        """A value for each setting."""
        return {one.key: one.default for one in self.settings}

    def label(self, values: Values) -> str:
        """What the button that starts it says."""
        count = values.get("count", 1)
        return self.verb if count == 1 else self.verbs.format(count)


def source(host: Host, scene: Scene, without: bool = False) -> Sequence[Picture] | str:
    """The pixels to learn from, or the texture's name. without: whether what is selected is left out, rather than alone
    used."""
    if scene.source.kind == "texture":
        return scene.source.name
    layers = scene.learned
    if len(layers) > MOST_LAYERS:
        raise HostError(f"{len(layers)} layers are selected: choose at most {MOST_LAYERS} to learn from together.")
    return [_layer(host, scene, one.id, one.box, without) for one in layers]


def _layer(host: Host, scene: Scene, id: str, box: Box, without: bool) -> Picture:
    document, selection = scene.document, scene.document.selection
    if selection is None or selection.within(box).empty or not (without or scene.only_selection):
        return host.read(document.id, id, box)
    if not without:
        box = box.within(selection)
    mask = host.read_selection(document.id, box)
    picture = host.read(document.id, id, box)
    return masked(picture, without=mask) if without else masked(picture, only=mask)


def masked(picture: Picture, only: Mask | None = None, without: Mask | None = None) -> Picture:
    """A picture of which only a part is learned."""
    return Picture(
        picture.data,
        picture.width,
        picture.height,
        picture.layout,
        picture.depth,
        picture.linear,
        picture.icc,
        only,
        without,
    )


def nearby(around: Box, layer: Box) -> Box:
    """Of a layer, what matters to a place in it: all, or of a huge one what lies around."""
    if layer.width * layer.height <= NEARBY:
        return layer
    return around.grown(max(512, around.width, around.height)).within(layer)


def area_of_selection(scene: Scene) -> Box:
    """What is read to change what is selected: the selection, and what of the layer matters to it."""
    layer, selection = scene.painted.box, scene.selection.within(scene.document.canvas)
    if selection.within(layer.grown(1)).empty:
        raise HostError(f"The selection is beside the layer {scene.active.name}: choose the layer to fill.")
    near = nearby(selection, layer)
    x, y = min(near.x, selection.x), min(near.y, selection.y)
    right = max(near.x + near.width, selection.x + selection.width)
    bottom = max(near.y + near.height, selection.y + selection.height)
    return Box(x, y, right - x, bottom - y)


def shared(host: Host, scene: Scene, values: Values) -> dict[str, Any]:
    """What the requests of all tasks have."""
    engine = values.get("engine", "auto")
    return {
        "title": scene.document.name,
        "client": host.name,
        "attached": True,
        "seed": values["seed"]["value"],
        "count": values.get("count", 1),
        "quality": values.get("quality", "normal"),
        "engine": None if engine == "auto" else engine,
    }


def size(scene: Scene, value: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height of a result."""
    if value["as"] == "custom":
        return value["width"], value["height"]
    if value["as"] == "layer" and scene.source.kind != "texture":
        width, height = scene.learned[0].box[2:]
    else:
        width, height = scene.document.width, scene.document.height
    if min(width, height) < SMALLEST:
        raise HostError(f"{width} x {height} pixels are too small to make anything: choose a larger size or layer.")
    return min(width, LONGEST_SIDE), min(height, LONGEST_SIDE)


def corner(scene: Scene, value: Mapping[str, Any]) -> tuple[int, int]:
    """Where a result of that size belongs: where the layer is, or at the canvas's corner."""
    if value["as"] == "canvas" or scene.source.kind == "texture":
        return 0, 0
    box = scene.learned[0].box
    return box.x, box.y


def anchor(scene: Scene) -> str | None:
    """The layer that results go above: what was learned from, or the active one."""
    learned = scene.learned
    return learned[0].id if learned else scene.document.active


def check_other(scene: Scene) -> None:
    """Raise HostError if what is learned from is the very layer that is worked on."""
    if scene.source.kind == "active" or any(one.id == scene.document.active for one in scene.learned):
        raise HostError("Choose above what it is to look like: another layer, or a texture of the library.")


def transparent(format: Format) -> Format:
    """The format with alpha, as layers have it."""
    layout = {"gray": "graya", "rgb": "rgba", "bgr": "bgra"}.get(format.layout, format.layout)
    return Format(format.dtype, layout, format.linear)  # pyright: ignore[reportArgumentType]
