"""Harmonize: a pasted object on the active layer made to belong to the picture beneath."""

from __future__ import annotations

from sinddm_plugin.client import Harmonize
from sinddm_ui.host import Box, Host, HostError
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import COUNT, SHARED, Slider

NOUN, NOUNS = "harmonized", "harmonized versions"


def _area(scene: Scene) -> Box:
    """The canvas, or of a huge one what lies around the object."""
    layer, canvas = scene.painted, scene.document.canvas
    seen = layer.box.within(canvas)
    if seen.empty:
        raise HostError(f"The layer {layer.name} lies beside the canvas: move the object onto the picture.")
    return t.nearby(seen, canvas)


def _ask(host: Host, scene: Scene, values: t.Values) -> t.Wish:
    area, layer = _area(scene), scene.painted
    below = host.read_below(scene.document.id, layer.id, area)
    request = Harmonize(
        source=[below],
        picture=host.read(scene.document.id, layer.id, area),
        over=below,
        cut=True,
        strength=values["strength"],
        **t.shared(host, scene, values),
    )
    return t.Wish(request, NOUN, scene.document.id, layer.id, layer.name, area.x, area.y, nouns=NOUNS)


HARMONIZE = t.Task(
    key="harmonize",
    title="Harmonize",
    short="Harmonize",
    noun=NOUN,
    tip="Makes a pasted object belong to the picture beneath it",
    takes="Takes the active layer as the object and what lies beneath it as the picture.",
    verb="Harmonize the object",
    verbs="Harmonize it in {} ways",
    settings=(
        Slider(
            key="strength",
            label="Strength",
            tip="How much of the picture's light and strokes the object takes on",
            usual=0.6,
            low="A little",
            high="A lot",
        ),
        COUNT.usually(1),
        *SHARED,
    ),
    source="below",
    check=_area,
    ask=_ask,
)
