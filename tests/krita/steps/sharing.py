"""One of two Kritas at work."""

from sinddm_plugin.krita.plugin import the_plugin
from sinddm_probe.tools import Until, do_open
from sinddm_ui.tasks import BY_KEY


def a_variation_is_made():
    session = the_plugin().session
    yield from do_open(96, 64)
    task = BY_KEY["generate"]
    session.choose(task, "quality", "draft")
    session.choose(task, "count", 1)
    work = session.make(task)
    yield Until(lambda: not work.active, 90)
    assert work.state == "done", work.error
    return session.link.health.pid
