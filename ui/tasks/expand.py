"""Expand: the layer continued beyond its edges."""

from __future__ import annotations

from sinddm_plugin.client import Expand
from sinddm_ui.host import Host, HostError
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import COUNT, SHARED, Choice, Number

NOUN, NOUNS = "expanded", "expanded pictures"
SIDES = ("left", "right", "top", "bottom")


def _check(scene: Scene) -> None:
    assert scene.painted
    assert scene.name


def _sides(scene: Scene, values: t.Values) -> dict[str, int]:
    """How many pixels on each side."""
    if values["to"] == "sides":
        sides: dict[str, int] = {side: values[side] for side in SIDES}
    else:
        box, document = scene.painted.box, scene.document
        right, bottom = document.width - box.x - box.width, document.height - box.y - box.height
        room = (box.x, right, box.y, bottom)
        sides = {side: max(0, one) for side, one in zip(SIDES, room, strict=True)}
    if not any(sides.values()):
        raise HostError("The layer fills the canvas already: choose how far to expand on each side.")
    return sides


def _ask(host: Host, scene: Scene, values: t.Values) -> t.Wish:
    sides, layer = _sides(scene, values), scene.painted
    picture = host.read(scene.document.id, layer.id, layer.box)
    learned = [picture] if scene.source.kind == "active" else t.source(host, scene)
    request = Expand(source=learned, picture=picture, **sides, **t.shared(host, scene, values))
    return t.Wish(request, NOUN, scene.document.id, layer.id, layer.name, layer.box.x, layer.box.y, nouns=NOUNS)


EXPAND = t.Task(
    key="expand",
    title="Expand",
    short="Expand",
    noun=NOUN,
    tip="Continues the layer beyond its edges",
    takes="Takes the active layer and continues it on its sides, or to the edges of the canvas.",
    verb="Expand the layer",
    verbs="Expand it in {} ways",
    settings=(
        Choice(
            key="to",
            label="How far",
            tip="So many pixels on each side, or to the edges of the canvas",
            options=(("sides", "On each side"), ("canvas", "To the canvas")),
        ),
        *(
            Number(
                key=side,
                label=side.capitalize(),
                tip=f"Pixels to add at the {side}",
                least=0,
                most=4096,
                usual=128,
                unit="px",
                only=("to", ("sides",)),
            )
            for side in SIDES
        ),
        COUNT,
        *SHARED,
    ),
    source="any",
    check=_check,
    ask=_ask,
)
