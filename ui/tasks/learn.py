"""Learn: what the source looks like, kept in the library under a name."""

from __future__ import annotations

from sinddm_plugin.client import Learn
from sinddm_ui.host import Host, HostError
from sinddm_ui.tasks import task as t
from sinddm_ui.tasks.scene import Scene
from sinddm_ui.tasks.settings import Number

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
