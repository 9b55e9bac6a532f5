"""What docs/krita.md shows: the plugin in use. Each step returns the part of the screen that matters."""

from pathlib import Path

from sinddm_plugin.krita.plugin import the_plugin
from sinddm_plugin.krita.view import active_canvas, image_to_canvas
from sinddm_probe.tools import (
    ARGUMENTS,
    QListWidget,
    QPoint,
    QRect,
    Until,
    add_layer,
    app,
    do_activate,
    do_choose,
    do_close_menu,
    do_right_click,
    do_screenshot,
    do_settle,
    do_xdotool,
    dock,
    layer_tree,
    named,
    names,
    trigger,
    window,
)
from sinddm_ui.qt import Qt
from sinddm_ui.tasks import BY_KEY, Source

SEED = 4
LONG = 300  # seconds for a job on a busy machine
WINDOW = (1100, 940)
LAYERS = 190  # pixels of the list of layers' height
EDGE = 12  # pixels around what matters
AWAY = (500, 5)  # where the mouse shows no brush


def _do_open(name, count=3):
    """A picture of the list, as large as the window has room for, and settings that show much."""
    main = window().qwindow()
    main.setGeometry(0, 0, *WINDOW)
    yield from do_xdotool("mousemove", *AWAY)
    yield 0.3
    document = app().openDocument(ARGUMENTS[name])
    window().addView(document)
    yield lambda: app().activeDocument() == document
    layer = document.topLevelNodes()[0]
    layer.setName(name.capitalize())
    yield from do_activate(document, layer)
    main.resizeDocks([dock("KisLayerBox")], [LAYERS], Qt.Orientation.Vertical)
    trigger("zoom_to_100pct")
    session = the_plugin().session
    for task in BY_KEY.values():
        session.choose(task, "count", count)
        session.choose(task, "seed", {"value": SEED, "locked": True})
    session.choose_source(Source())
    session.discard_all()
    for one in list(session.works):
        session.dismiss(one)
    session.say(None)
    yield 1.0
    return session, document


def _do_finish(work):
    yield Until(lambda: not work.active, LONG)
    assert work.state == "done", work.error


def _around(*widgets):
    """The part of the screen with these, and a little more."""
    found = QRect()
    for widget in widgets:
        found = found.united(QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size()))
    found = found.adjusted(-EDGE, -EDGE, EDGE, EDGE).intersected(QRect(0, 0, 1600, 1000))
    return [found.x(), found.y(), found.right(), found.bottom()]


def menu():
    yield from _do_open("meadow")
    opened = yield from do_right_click("Meadow")
    yield from do_choose(opened, "SinDDM")
    inner = next(action.menu() for action in opened.actions() if action.text() == "SinDDM")
    yield Until(inner.isVisible, 10)
    yield 0.5
    yield from do_screenshot("menu.png")
    box = _around(opened, inner, layer_tree())
    yield from do_close_menu()
    return box


def variations():
    _session, document = yield from _do_open("pebbles")
    opened = yield from do_right_click("Pebbles")
    yield from do_choose(opened, "SinDDM", "Variations")
    yield Until(lambda: any("3 variations" in name for name in names(document)), LONG)
    yield from do_settle(document)
    yield from do_xdotool("mousemove", *AWAY)
    layer_tree().expandAll()
    layer_tree().scrollToTop()
    yield 1.0
    yield from do_screenshot("variations.png")
    return _around_canvas(document, dock("KisLayerBox"))


def panel():
    session, document = yield from _do_open("meadow", 4)
    work = session.make(BY_KEY["generate"])
    yield from _do_finish(work)
    yield Until(lambda: all(one.thumbnail for one in session.results.of(work)), 20)
    yield 1.0
    grid = next(one for one in dock("sinddm").findChildren(QListWidget) if one.accessibleName() == "Results")
    grid.setCurrentRow(1)
    session.preview(session.results.of(work)[1])
    yield 0.5
    yield from do_screenshot("panel.png")
    session.preview(None)
    return _around_canvas(document, dock("sinddm"))


def _canvas(document):
    """The picture on the canvas."""
    canvas = active_canvas()
    at = image_to_canvas().mapRect(QRect(0, 0, document.width(), document.height()))
    found = QRect(canvas.mapToGlobal(at.topLeft()), at.size()).intersected(QRect(0, 0, *WINDOW))
    return [found.x(), found.y(), found.right() + 1, found.bottom() + 1]


def _around_canvas(document, widget):
    """The picture on the canvas with a dock beside it."""
    left, top, right, bottom = _canvas(document)
    beside = _around(widget)
    return [left - EDGE, min(top, beside[1]), max(right, beside[2]), max(bottom, beside[3])]


def _do_task(name, picture, key, layer, before, source=None):
    """The canvas before and after a task from the menu, on a layer of pixels that lies above the picture."""
    session, document = yield from _do_open(picture, 1)
    width, height = document.width(), document.height()
    above = add_layer(document, name, Path(ARGUMENTS[layer]).read_bytes(), 0, 0, width, height)
    yield from do_activate(document, above)
    yield 0.5
    yield from do_screenshot(before)
    other = next(one.id for one in session.host.document().layers if one.name == picture.capitalize())
    work = session.quick(key, Source("layer", other) if source else None)
    yield from _do_finish(work)
    yield Until(lambda: len(names(document)) == 3, LONG)
    named(document, name).setVisible(False)
    yield from do_settle(document)
    yield 0.5
    return document


def paint():
    document = yield from _do_task("Shapes", "meadow", "paint", "shapes", "paint-before.png", True)
    yield from do_screenshot("paint.png")
    return _canvas(document)


def harmonize():
    document = yield from _do_task("Balloon", "meadow", "harmonize", "balloon", "harmonize-before.png")
    yield from do_screenshot("harmonize.png")
    return _canvas(document)
