"""Style: the active layer in the style of the source."""

from __future__ import annotations

from sinddm_plugin.client import Style
from sinddm_ui.host import Host
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import COUNT, SHARED, Slider

NOUN, NOUNS = "styled", "styled versions"


def _check(scene: Scene) -> None:
    assert scene.painted
    t.check_other(scene)


def _ask(host: Host, scene: Scene, values: t.Values) -> t.Wish:
    _check(scene)
    layer = scene.painted
    request = Style(
        source=t.source(host, scene),
        picture=host.read(scene.document.id, layer.id, layer.box),
        strength=values["strength"],
        **t.shared(host, scene, values),
    )
    return t.Wish(request, NOUN, scene.document.id, layer.id, layer.name, layer.box.x, layer.box.y, nouns=NOUNS)


STYLE = t.Task(
    key="style",
    title="Style",
    short="Style",
    noun=NOUN,
    tip="Redraws the active layer in the style of a texture",
    takes="Takes the active layer and keeps its forms; choose above whose style it is to have.",
    verb="Change the style",
    verbs="Change it in {} ways",
    settings=(
        COUNT,
        Slider(
            key="strength",
            label="Strength",
            tip="A little keeps the details, a lot only the large forms",
            usual=0.5,
            low="A little",
            high="A lot",
        ),
        *SHARED,
    ),
    source="other",
    check=_check,
    ask=_ask,
)
