"""Text: what is made is drawn towards words."""

from __future__ import annotations

from typing import Any

from sinddm_plugin.client import TextContent, TextRegion, TextRestyle, TextStyle
from sinddm_ui.host import Host, HostError
from sinddm_ui.tasks import prompts
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import COUNT, ENGINE, SHARED, Choice, Size, Slider, Words

NOUN, NOUNS = "by text", "by text"
CONTENT, STYLE, RESTYLE, REGION = "content", "style", "restyle", "region"
NEW = (CONTENT, STYLE)  # of any size


def _check(scene: Scene) -> None:
    assert scene.name


def _ask(host: Host, scene: Scene, values: t.Values) -> t.Wish:
    _check(scene)
    said = {"prompts": prompts.read(values["wanted"], values["avoid"]), "strength": values["strength"]}
    if values["mode"] in NEW:
        return _new(host, scene, values, said)
    return (_restyle if values["mode"] == RESTYLE else _region)(host, scene, values, said)


def _new(host: Host, scene: Scene, values: t.Values, said: dict[str, Any]) -> t.Wish:
    width, height = t.size(scene, values["size"])
    x, y = t.corner(scene, values["size"])
    shared = {
        "source": t.source(host, scene),
        "width": width,
        "height": height,
        "format": t.transparent(scene.document.format),
        **said,
        **t.shared(host, scene, values),
    }
    request = TextStyle(**shared) if values["mode"] == STYLE else TextContent(share=values["share"], **shared)
    return t.Wish(request, NOUN, scene.document.id, t.anchor(scene), scene.name, x, y, nouns=NOUNS)


def _restyle(host: Host, scene: Scene, values: t.Values, said: dict[str, Any]) -> t.Wish:
    layer = scene.painted
    picture = host.read(scene.document.id, layer.id, layer.box)
    learned = [picture] if scene.source.kind == "active" else t.source(host, scene)
    request = TextRestyle(source=learned, picture=picture, **said, **t.shared(host, scene, values))
    return t.Wish(request, NOUN, scene.document.id, layer.id, layer.name, layer.box.x, layer.box.y, nouns=NOUNS)


def _region(host: Host, scene: Scene, values: t.Values, said: dict[str, Any]) -> t.Wish:
    area = t.area_of_selection(scene)
    mask = host.read_selection(scene.document.id, area)
    if mask is None:
        raise HostError("Nothing is selected: select the area first.")
    picture = host.read(scene.document.id, scene.active.id, area)
    learned = [picture] if scene.source.kind == "active" else t.source(host, scene)
    shared = t.shared(host, scene, values)
    request = TextRegion(source=learned, picture=picture, mask=mask, cut=True, **said, **shared)
    return t.Wish(request, NOUN, scene.document.id, scene.active.id, scene.active.name, area.x, area.y, nouns=NOUNS)


TEXT = t.Task(
    key="text",
    title="Text",
    short="Text",
    noun=NOUN,
    tip="Bends what is made towards your words",
    takes="Learns from the layer above. What is made stays of the same pieces, and follows your words.",
    verb="Make it by text",
    verbs="Make {} by text",
    settings=(
        Words(
            key="wanted",
            label="Words",
            tip="What it is to become. Several with a semicolon between them, and a weight behind a colon",
            hint="red flowers; evening light:0.5",
        ),
        Choice(
            key="mode",
            label="Used for",
            tip="New content in new pictures, new pictures in another look, this layer in another look, or what is "
            "selected of it",
            options=(
                (CONTENT, "New content"),
                (STYLE, "A new look"),
                (RESTYLE, "This layer's look"),
                (REGION, "What is selected"),
            ),
        ),
        Size(
            key="size",
            label="Size",
            tip="As large as the canvas, as the layer, or of any size",
            only=("mode", NEW),
        ),
        COUNT,
        Slider(
            key="strength",
            label="Strength",
            tip="How much the words count",
            usual=0.8,
            low="A little",
            high="A lot",
        ),
        Slider(
            key="share",
            label="Part",
            tip="How much of each picture may change",
            usual=0.5,
            low="Nothing",
            high="All",
            only=("mode", (CONTENT,)),
        ),
        Words(
            key="avoid",
            label="Avoid",
            tip="What it is not to become, as under Words",
            hint="people; snow",
            folded=True,
        ),
        *SHARED,
        ENGINE,
    ),
    source="any",
    check=_check,
    ask=_ask,
)
