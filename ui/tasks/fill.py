"""Fill selection: what is selected is filled from what surrounds it, or from another source."""

from __future__ import annotations

from sinddm_plugin.client import Fill
from sinddm_ui.host import Host, HostError
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import COUNT, SHARED

NOUN, NOUNS = "fill", "fills"


def _check(scene: Scene) -> None:
    t.area_of_selection(scene)
    assert scene.name


def _ask(host: Host, scene: Scene, values: t.Values) -> t.Wish:
    area = t.area_of_selection(scene)
    mask = host.read_selection(scene.document.id, area)
    if mask is None:
        raise HostError("Nothing is selected: select the area first.")
    picture = host.read(scene.document.id, scene.active.id, area)
    learned = [t.masked(picture, without=mask)] if scene.source.kind == "active" else t.source(host, scene)
    request = Fill(source=learned, picture=picture, mask=mask, cut=True, **t.shared(host, scene, values))
    return t.Wish(request, NOUN, scene.document.id, scene.active.id, scene.active.name, area.x, area.y, nouns=NOUNS)


FILL = t.Task(
    key="fill",
    title="Fill selection",
    short="Fill",
    noun=NOUN,
    tip="Fills what is selected from what surrounds it",
    takes="Select the area to fill on the active layer. Nothing outside of it changes.",
    verb="Fill the selection",
    verbs="Fill it in {} ways",
    settings=(COUNT, *SHARED),
    source="any",
    check=_check,
    ask=_ask,
)
