"""Paint in this style: rough shapes on the active layer, rendered in the look of the source."""

from __future__ import annotations

from sinddm_plugin.client import Paint
from sinddm_ui.host import Host
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import COUNT, ENGINE, SHARED, Slider

NOUN, NOUNS = "painted", "painted versions"


def _check(scene: Scene) -> None:
    assert scene.painted
    t.check_other(scene)


def _ask(host: Host, scene: Scene, values: t.Values) -> t.Wish:
    _check(scene)
    layer = scene.painted
    request = Paint(
        source=t.source(host, scene),
        picture=host.read(scene.document.id, layer.id, layer.box),
        strength=values["strength"],
        **t.shared(host, scene, values),
    )
    return t.Wish(request, NOUN, scene.document.id, layer.id, layer.name, layer.box.x, layer.box.y, nouns=NOUNS)


PAINT = t.Task(
    key="paint",
    title="Paint in this style",
    short="Paint",
    noun=NOUN,
    tip="Renders rough shapes in the look of a texture",
    takes="Paint rough shapes on a layer of their own and keep it active; choose above what they are to look like.",
    verb="Render the shapes",
    verbs="Render them in {} ways",
    settings=(
        COUNT,
        Slider(
            key="strength",
            label="Freedom",
            tip="How far the result may leave the painted shapes",
            usual=0.5,
            low="Close",
            high="Free",
        ),
        *SHARED,
        ENGINE,
    ),
    source="other",
    check=_check,
    ask=_ask,
)
