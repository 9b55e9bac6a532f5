"""Seamless tile: a picture like the source that repeats without a seam."""

from __future__ import annotations

from sinddm_plugin.client import Tile
from sinddm_ui.host import Host
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import COUNT, SHARED, Choice, Size

NOUN, NOUNS = "tile", "tiles"


def _check(scene: Scene) -> None:
    assert scene.name


def _ask(host: Host, scene: Scene, values: t.Values) -> t.Wish:
    width, height = t.size(scene, values["size"])
    x, y = t.corner(scene, values["size"])
    request = Tile(
        source=t.source(host, scene),
        width=width,
        height=height,
        format=t.transparent(scene.document.format),
        axis=values["axis"],
        **t.shared(host, scene, values),
    )
    return t.Wish(request, NOUN, scene.document.id, t.anchor(scene), scene.name, x, y, nouns=NOUNS)


TILE = t.Task(
    key="tile",
    title="Seamless tile",
    short="Tile",
    noun=NOUN,
    tip="A picture like this one that repeats without a seam",
    takes="Learns from the layer above and makes its borders fit each other.",
    verb="Make a tile",
    verbs="Make {} tiles",
    settings=(
        Size(key="size", label="Size", tip="As large as the canvas, as the layer, or of any size", usual="layer"),
        COUNT,
        Choice(
            key="axis",
            label="Repeats",
            tip="In which directions the tile can be repeated",
            options=(("xy", "Both ways"), ("x", "Sideways"), ("y", "Up and down")),
        ),
        *SHARED,
    ),
    source="any",
    check=_check,
    ask=_ask,
)
