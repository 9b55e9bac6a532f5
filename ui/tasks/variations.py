"""Variations: new pictures like the source, at any size."""

from __future__ import annotations

from sinddm_plugin.client import Generate
from sinddm_ui.host import Host
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import COUNT, ENGINE, SHARED, Size, Slider

NOUN, NOUNS = "variation", "variations"


def _check(scene: Scene) -> None:
    assert scene.name


def _ask(host: Host, scene: Scene, values: t.Values) -> t.Wish:
    width, height = t.size(scene, values["size"])
    x, y = t.corner(scene, values["size"])
    request = Generate(
        source=t.source(host, scene),
        width=width,
        height=height,
        format=t.transparent(scene.document.format),
        closeness=values["closeness"],
        keep_layout=values["keep_layout"],
        **t.shared(host, scene, values),
    )
    return t.Wish(request, NOUN, scene.document.id, t.anchor(scene), scene.name, x, y, nouns=NOUNS)


VARIATIONS = t.Task(
    key="generate",
    title="Variations",
    short="Vary",
    noun=NOUN,
    tip="New pictures like this one, at any size",
    takes="Learns from the layer above and rearranges it.",
    verb="Make a variation",
    verbs="Make {} variations",
    settings=(
        Size(key="size", label="Size", tip="As large as the canvas, as the layer, or of any size"),
        COUNT,
        Slider(
            key="closeness",
            label="Closeness",
            tip="Free rearranges small pieces; close keeps large ones together",
            usual=0.5,
            low="Free",
            high="Close",
        ),
        Slider(
            key="keep_layout",
            label="Layout",
            tip="Whether things may go anywhere or stay where they were",
            usual=0.0,
            low="New",
            high="Kept",
        ),
        *SHARED,
        ENGINE,
    ),
    source="any",
    check=_check,
    ask=_ask,
)
