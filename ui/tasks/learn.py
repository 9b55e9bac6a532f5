"""Learn: what the source looks like, kept in the library under a name."""

from __future__ import annotations

from collections.abc import Iterable

from sinddm_plugin.client import Learn
from sinddm_ui.host import Host, HostError
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import Number

WORST = set('<>:"/\\|?*')  # no file's name may have these on every system
LONGEST_NAME = 60  # letters
SECONDS = Number(
    key="seconds",
    label="For",
    tip="How long to learn. A minute gives usable results, five minutes better ones",
    least=1,
    most=24 * 3600,
    usual=60,
    unit="s",
)


def missing(scene: Scene) -> str | None:
    """What to do before it can be learned; None if it can."""
    try:
        assert scene.name
    except HostError as error:
        return str(error)
    if scene.source.kind == "texture":
        return "This texture is learned already: choose a layer to learn another one."
    return None


def ask(host: Host, scene: Scene, name: str, seconds: float) -> t.Wish:
    """The job that learns. Raises HostError. It goes on when the editor is closed: the library keeps its outcome."""
    if why := missing(scene):
        raise HostError(why)
    request = Learn(source=t.source(host, scene), title=name, client=host.name, name=name, seconds=float(seconds))
    return t.Wish(request, "texture", scene.document.id, None, name)


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A name that a texture can have, after what a layer or a file is called."""
    plain = "".join(" " if letter in WORST or not letter.isprintable() else letter for letter in wanted)
    plain = " ".join(plain.split()).strip(". ")[:LONGEST_NAME].strip(". ") or "Texture"
    have, name, number = {one.casefold() for one in taken}, plain, 1
    while name.casefold() in have:
        number += 1
        name = f"{plain} {number}"
    return name
