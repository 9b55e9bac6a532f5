"""The panel where SinDDM is not on the computer yet: it is offered, set up inside Krita, and then works."""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

from sinddm_plugin.krita.plugin import the_plugin
from sinddm_probe.tools import Until, do_click, do_open, do_screenshot, dock, names
from sinddm_ui.panel.setup import SetupView
from sinddm_ui.qt import QPushButton
from sinddm_ui.tasks import BY_KEY

PATIENCE = 300  # seconds, for an installation on a busy machine


def it_is_offered_with_what_it_takes():
    yield from do_open(96, 64)
    shown = dock("sinddm")
    shown.setVisible(True)
    shown.raise_()
    setup = the_plugin().session.setup
    yield lambda: _view().isVisible()
    yield Until(lambda: setup.plan is not None or setup.state == "failed", 60)
    yield 0.3
    yield from do_screenshot("offered.png")
    assert not setup.error, setup.error
    return [label for label in _words(_view()) if label]


def it_is_set_up_inside_krita():
    setup, told, seen = the_plugin().session.setup, [], []
    setup.changed.connect(lambda: seen.append((setup.state, setup.step.words if setup.step else "")))
    setup.finished.connect(told.append)
    yield from do_click(next(one for one in _view().findChildren(QPushButton) if one.isVisible()))
    yield lambda: setup.state == "working"
    yield Until(lambda: (setup.step and setup.step.fraction) or setup.state != "working", PATIENCE)
    yield from do_screenshot("working.png")
    yield Until(lambda: setup.state != "working", PATIENCE)
    yield 0.3
    yield from do_screenshot("done.png")
    assert not setup.error, f"{setup.error} {setup.details}"
    assert not _view().isVisible()
    yield lambda: the_plugin().session.textures.known
    notice = the_plugin().session.notice
    assert notice.words == told[0], notice.words
    return {"steps": list(dict.fromkeys(words for state, words in seen if words)), "told": told}


def then_a_variation_is_made():
    session = the_plugin().session
    document, _ = yield from do_open(96, 64)
    task = BY_KEY["generate"]
    session.choose(task, "quality", "draft")
    session.choose(task, "count", 1)
    work = session.make(task, at_once=True)
    yield Until(lambda: not work.active, 90)
    assert work.state == "done", work.error
    yield lambda: len(names(document)) > 1
    return names(document)


def _view():
    return dock("sinddm").findChild(SetupView)


def _words(view):
    return [one.text() for one in (view._title, view._about, view._told, view._go)]
