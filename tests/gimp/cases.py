"""One call of each task's procedure on a small painting, and the request that must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from gimp_app import Agent
from paintings import Kind
from sinddm_plugin.client import (
    Expand,
    Fill,
    Format,
    Generate,
    Harmonize,
    Mask,
    Paint,
    Picture,
    Place,
    Prompt,
    Request,
    Style,
    TextContent,
    Tile,
)

CANVAS = (96, 72)
MEADOW = (12, 9, 72, 54)
"""Where the layer lies that is worked on; it is smaller than the canvas."""
OBJECT = (40, 30, 18, 16)
HOLE = (30, 24, 20, 14)
"""What is selected, in the canvas."""
FEATHER = 3
SEED = 11


@dataclass
class Painting:
    """An image with a background, a meadow, an object above both, and a selection with soft edges."""

    kind: Kind
    image: int
    background: int
    meadow: int
    object: int
    pixels: dict[int, np.ndarray]
    below: np.ndarray
    """What is seen without the object."""
    selection: np.ndarray
    selected: tuple[int, int, int, int]
    """Around what is selected."""

    def picture(self, layer: int) -> Picture:
        """A layer for the backend."""
        return self.kind.picture(self.pixels[layer])

    @property
    def format(self) -> Format:
        """What results are to be."""
        return Format(self.kind.depth, self.kind.layout, self.kind.linear)  # type: ignore[arg-type]

    def hole(self, box: tuple[int, int, int, int]) -> Mask:
        """The selection in a box of the canvas."""
        x, y, width, height = box
        return Mask(self.selection[y : y + height, x : x + width].tobytes(), width, height)


def paint(agent: Agent, kind: Kind) -> Painting:
    """Make it in GIMP."""
    image = agent.new_image(*CANVAS, kind.precision, kind.base)
    pixels = {}

    def layer(name: str, box: tuple[int, int, int, int], seed: int) -> int:
        x, y, width, height = box
        painted = kind.waves(width, height, seed)
        id = agent.add_layer(image, name, width, height, painted.tobytes(), kind.format, x=x, y=y)
        pixels[id] = painted
        return id

    background = layer("Background", (0, 0, *CANVAS), 1)
    meadow = layer("Meadow", MEADOW, 0)
    below = kind.array(agent.picture(image, kind.format), *CANVAS)
    thing = layer("Object", OBJECT, 2)
    agent.select(image, *HOLE, FEATHER)
    selection = np.frombuffer(agent.selection(image, (0, 0, *CANVAS)), np.uint8).reshape(CANVAS[1], CANVAS[0])
    selected = agent.selection_bounds(image)
    return Painting(kind, image, background, meadow, thing, pixels, below, selection, selected)


def index(agent: Agent, painting: Painting, colors: int) -> Painting:
    """Reduce an image of 8 bits to a palette; what its layers are then."""
    agent.convert_to_indexed(painting.image, colors)
    kind = painting.kind
    boxes = {one["id"]: one["box"] for one in agent.layers(painting.image)}
    pixels = {id: kind.array(agent.pixels(id), *boxes[id][2:]) for id in painting.pixels}
    agent.set_visible(painting.object, False)
    below = kind.array(agent.picture(painting.image), *CANVAS)
    agent.set_visible(painting.object, True)
    return replace(painting, pixels=pixels, below=below)


@dataclass(frozen=True)
class Case:
    """A task's procedure, what it is called with, and the request without GIMP that has the same results."""

    name: str
    noun: str
    on: Callable[[Painting], int]
    arguments: Callable[[Painting], dict[str, Any]]
    wish: Callable[[Painting], Request]
    corner: tuple[int, int]
    """Of the job's picture, on the canvas."""
    selects: bool = False
    """Whether it takes the selection; the others are called without one."""
    learns: bool = True
    """Whether it can learn from a texture of the library."""
    sized: bool = False
    """Whether its results may have any size."""


def _meadow(painting: Painting) -> int:
    return painting.meadow


def _shared() -> dict[str, Any]:
    return {"seed": SEED, "count": 2, "quality": "draft"}


def _sized(painting: Painting) -> dict[str, Any]:
    return {"width": 80, "height": 60, "format": painting.format, **_shared()}


def _custom() -> dict[str, Any]:
    return {"size": "custom", "width": 80, "height": 60}


def _below(painting: Painting) -> Picture:
    """What is seen without the object."""
    return painting.kind.picture(painting.below)


def _alone(painting: Painting) -> Picture:
    """The object on nothing, as large as the canvas."""
    seen = np.zeros((CANVAS[1], CANVAS[0], painting.kind.channels), painting.pixels[painting.object].dtype)
    x, y, width, height = OBJECT
    seen[y : y + height, x : x + width] = painting.pixels[painting.object]
    return painting.kind.picture(seen)


def _fill(painting: Painting) -> Request:
    picture, mask = painting.picture(painting.meadow), painting.hole(MEADOW)
    known = Picture(
        picture.data, picture.width, picture.height, picture.layout, picture.depth, picture.linear, without=mask
    )
    return Fill(source=[known], picture=picture, mask=mask, cut=True, **_shared())


def _place(painting: Painting) -> Request:
    x, y, width, height = painting.selected
    part = (x - MEADOW[0], y - MEADOW[1], width, height)
    target = (round(0.25 * 80 - width / 2), round(0.5 * 60 - height / 2), width, height)
    return Place(source=[painting.picture(painting.meadow)], regions=[(part, target)], **_sized(painting))


CASES = (
    Case(
        "variations",
        "variation",
        _meadow,
        lambda _: {"closeness": 0.25, "keep_layout": 0.5, **_custom()},
        lambda p: Generate(source=[p.picture(p.meadow)], closeness=0.25, keep_layout=0.5, **_sized(p)),
        MEADOW[:2],
        sized=True,
    ),
    Case(
        "tile",
        "tile",
        _meadow,
        lambda _: {"axis": "x", **_custom()},
        lambda p: Tile(source=[p.picture(p.meadow)], axis="x", **_sized(p)),
        MEADOW[:2],
        sized=True,
    ),
    Case("fill", "fill", _meadow, lambda _: {}, _fill, MEADOW[:2], selects=True),
    Case(
        "expand",
        "expanded",
        _meadow,
        lambda _: {"to": "sides", "left": 8, "right": 0, "top": 12, "bottom": 4},
        lambda p: Expand(
            source=[p.picture(p.meadow)], picture=p.picture(p.meadow), left=8, right=0, top=12, bottom=4, **_shared()
        ),
        MEADOW[:2],
    ),
    Case(
        "paint",
        "painted",
        _meadow,
        lambda p: {"strength": 0.75, "source": p.background},
        lambda p: Paint(source=[p.picture(p.background)], picture=p.picture(p.meadow), strength=0.75, **_shared()),
        MEADOW[:2],
    ),
    Case(
        "style",
        "styled",
        _meadow,
        lambda p: {"strength": 0.25, "source": p.background},
        lambda p: Style(source=[p.picture(p.background)], picture=p.picture(p.meadow), strength=0.25, **_shared()),
        MEADOW[:2],
    ),
    Case(
        "text",
        "by text",
        _meadow,
        lambda _: {"wanted": "red; blue:0.5", "avoid": "green", "share": 0.75, **_custom()},
        lambda p: TextContent(
            source=[p.picture(p.meadow)],
            prompts=[Prompt("red"), Prompt("blue", 0.5), Prompt("green", -1.0)],
            strength=0.8,
            share=0.75,
            **_sized(p),
        ),
        MEADOW[:2],
        sized=True,
    ),
    Case(
        "harmonize",
        "harmonized",
        lambda p: p.object,
        lambda _: {"strength": 0.5},
        lambda p: Harmonize(source=[_below(p)], picture=_alone(p), over=_below(p), cut=True, strength=0.5, **_shared()),
        (0, 0),
        learns=False,
    ),
    Case(
        "place",
        "placed",
        _meadow,
        lambda _: {"target_x": 0.25, "target_y": 0.5, **_custom()},
        _place,
        MEADOW[:2],
        selects=True,
        learns=False,
    ),
)
