"""Place: variations with the selected part where it is wanted."""

from __future__ import annotations

from sinddm_plugin.client import Place
from sinddm_ui.host import Box, Host, HostError
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import COUNT, SHARED, Size, Target

NOUN, NOUNS = "placed", "placements"


def _part(scene: Scene) -> Box:
    """The selected part of the layer that is learned from."""
    if scene.source.kind == "texture":
        raise HostError("A texture of the library has no selection: choose a layer above.")
    part = scene.selection.within(scene.learned[0].box)
    if part.empty:
        raise HostError(f"The selection is beside the layer {scene.learned[0].name}: select a part of it.")
    return part


def _ask(host: Host, scene: Scene, values: t.Values) -> t.Wish:
    part, layer = _part(scene), scene.learned[0]
    width, height = t.size(scene, values["size"])
    x, y = t.corner(scene, values["size"])
    left = round(values["target"]["x"] * width - part.width / 2)
    top = round(values["target"]["y"] * height - part.height / 2)
    source = (part.x - layer.box.x, part.y - layer.box.y, part.width, part.height)
    target = (
        max(0, min(left, width - part.width)),
        max(0, min(top, height - part.height)),
        min(part.width, width),
        min(part.height, height),
    )
    request = Place(
        source=t.source(host, Scene(scene.document, scene.source, only_selection=False)),
        width=width,
        height=height,
        format=t.transparent(scene.document.format),
        regions=[(source, target)],
        **t.shared(host, scene, values),
    )
    return t.Wish(request, NOUN, scene.document.id, t.anchor(scene), scene.name, x, y, nouns=NOUNS)


PLACE = t.Task(
    key="place",
    title="Place",
    short="Place",
    noun=NOUN,
    tip="Variations with a part of the layer where you want it",
    takes="Select a part of the layer and choose where it is to be.",
    verb="Place the part",
    verbs="Place it in {} ways",
    settings=(
        Size(key="size", label="Size", tip="As large as the canvas, as the layer, or of any size"),
        Target(key="target", label="Where", tip="Where the middle of the selected part is to be"),
        COUNT,
        *SHARED,
    ),
    source="any",
    check=_part,
    ask=_ask,
)
