"""An artist's work with the plugin, in a Krita that is used as one uses it."""

from sinddm_plugin.krita.plugin import the_plugin
from sinddm_probe.tools import (
    Pulse,
    QLineEdit,
    QPushButton,
    QTest,
    QToolButton,
    QWidget,
    Until,
    add_layer,
    bounds,
    close_documents,
    composite,
    do_activate,
    do_choose,
    do_close_menu,
    do_open,
    do_right_click,
    do_screenshot,
    do_settle,
    dock,
    keep,
    named,
    names,
    pixels,
    plain,
    plain_text,
    select,
    trigger,
    waves,
)
from sinddm_ui.tasks import BY_KEY, Source

LONG = 60  # seconds for a job on a busy machine


def _session(count=2):
    """The session, with settings that take little time."""
    session = the_plugin().session
    for task in BY_KEY.values():
        session.choose(task, "quality", "draft")
        session.choose(task, "count", count)
    session.choose_seconds(2)
    session.choose_source(Source())
    session.say(None)
    return session


def _done(work):
    assert work is not None, f"it was not begun: {the_plugin().session.notice.words}"
    yield Until(lambda: not work.active, LONG)
    assert work.state == "done", f"{work.state}: {work.error}"


def _layers(document):
    """The uppermost layers, from the bottom; the selection is a node as well."""
    return [node for node in document.topLevelNodes() if not node.type().endswith("mask")]


def _top_is(document, count, start):
    """Wait until there are so many layers on top."""
    yield Until(lambda: len(_layers(document)) == count, LONG)
    yield from do_settle(document)
    found = _layers(document)[-1]
    assert found.name().startswith(start), found.name()
    return found


def _trigger(document, name):
    trigger(name)
    yield 0.3
    yield from do_settle(document)


def the_dock_is_there():
    yield from do_open(96, 64)
    found = dock("sinddm")
    yield Until(found.isVisible, 10)
    assert found.findChild(QWidget, "sinddm_panel").isVisible()
    found.raise_()
    yield 0.5
    yield from do_screenshot("dock.png")
    return [found.windowTitle(), found.width()]


def a_right_click_learns_a_texture():
    session = _session()
    yield from do_open(96, 64, name="Reeds")
    menu = yield from do_right_click("Reeds")
    yield from do_screenshot("menu.png")
    yield from do_choose(menu, "SinDDM", "Learn texture")
    yield Until(lambda: any(one.name == "Reeds" for one in session.textures.all), LONG)
    return [one.name for one in session.textures.all]


def variations_go_in_as_one_step():
    session = _session(3)
    document, _ = yield from do_open(96, 64)
    yield from do_settle(document)
    add_layer(document, "Mine", waves(20, 10), 3, 4, 20, 10)
    yield from do_activate(document, named(document, "Meadow"))
    keep("source.bin", pixels(named(document, "Meadow")))
    work = session.quick("generate")
    yield from _done(work)
    yield Until(lambda: any("3 variations" in name for name in names(document)), LONG)
    yield from do_settle(document)
    group = next(node for node in document.topLevelNodes() if "3 variations" in node.name())
    made = [(node.name(), bounds(node), node.visible(), pixels(node)) for node in group.childNodes()]
    assert [one[1] for one in made] == [(0, 0, 96, 64)] * 3
    assert [one[2] for one in made] == [False, False, True]
    for at, (_, _, _, data) in enumerate(reversed(made)):
        keep(f"variation-{at}.bin", data)
    before = composite(document)
    yield from _trigger(document, "edit_undo")
    assert sorted(names(document)) == ["Meadow", "Mine"]
    yield from _trigger(document, "edit_undo")
    assert names(document) == ["Meadow"], "the artist's own step cannot be undone"
    yield from _trigger(document, "edit_redo")
    yield from _trigger(document, "edit_redo")
    assert composite(document) == before
    again = next(node for node in document.topLevelNodes() if "3 variations" in node.name())
    assert [(node.name(), bounds(node), node.visible(), pixels(node)) for node in again.childNodes()] == made
    return [work.job.id, work.wish.request.seed]


def results_wait_in_the_dock_until_one_is_added():
    session = _session(2)
    document, _ = yield from do_open(96, 64)
    work = session.make(BY_KEY["tile"])
    yield from _done(work)
    yield Until(lambda: all(one.thumbnail for one in session.results.of(work)), 20)
    assert names(document) == ["Meadow"]
    result = session.results.of(work)[1]
    session.preview(result)
    yield 0.5
    yield from do_screenshot("preview.png")
    assert names(document) == ["Meadow"], "a preview is no layer"
    session.apply(result)
    found = yield from _top_is(document, 2, "Meadow - tile (seed ")
    assert bounds(found) == (0, 0, 96, 64)
    yield 0.4
    assert document.activeNode().name() == "Meadow", "the active layer is another one"


def a_text_that_is_typed_makes_layers():
    session = _session(2)
    document, _ = yield from do_open(96, 64)
    dock("sinddm").raise_()
    yield 0.3
    panel = dock("sinddm").findChild(QWidget, "sinddm_panel")
    panel.findChild(QToolButton, "task_text").click()
    yield 0.2
    line = next(one for one in panel.findChildren(QLineEdit) if one.accessibleName() == "Words" and one.isVisible())
    line.setFocus()
    QTest.keyClicks(line, "red; blue:0.5")
    next(one for one in panel.findChildren(QPushButton) if one.text() == "Make 2 by text").click()
    work = session.works[-1]
    yield from _done(work)
    assert [tuple(one) for one in work.wish.request.prompts] == [("red", 1.0), ("blue", 0.5)]
    yield Until(lambda: len(session.results.of(work)) == 2, 20)
    session.apply(session.results.of(work)[0])
    found = yield from _top_is(document, 2, "Meadow - by text (seed ")
    assert bounds(found) == (0, 0, 96, 64)
    assert pixels(found) != pixels(named(document, "Meadow"))
    panel.findChild(QToolButton, "task_generate").click()


def a_selection_is_filled_and_nothing_else():
    session = _session(1)
    document, node = yield from do_open(96, 64)
    before = pixels(node)
    select(document, 30, 20, 24, 16)
    yield 0.5
    work = session.quick("fill")
    yield from _done(work)
    found = yield from _top_is(document, 2, "Meadow - fill")
    assert bounds(found) == (30, 20, 24, 16)
    after = composite(document)
    inside = [(y * 96 + x) * 4 for y in range(20, 36) for x in range(30, 54)]
    changed = sum(after[at : at + 3] != before[at : at + 3] for at in inside)
    outside = bytearray(after)
    for at in inside:
        outside[at : at + 4] = before[at : at + 4]
    assert bytes(outside) == before, "something outside has changed"
    assert changed > 200, f"{changed} pixels were filled"
    assert pixels(named(document, "Meadow")) == before
    document.setSelection(None)


def rough_shapes_are_painted():
    session = _session(1)
    document, _meadow = yield from do_open(96, 64)
    shapes = add_layer(document, "Shapes", plain(60, 40, b"\x20\x80\xe0\xff"), 10, 12, 60, 40)
    yield from do_activate(document, shapes)
    yield 0.5
    layer = next(one.id for one in session.host.document().layers if one.name == "Meadow")
    work = session.quick("paint", Source("layer", layer))
    yield from _done(work)
    found = yield from _top_is(document, 3, "Shapes - painted")
    assert bounds(found) == (10, 12, 60, 40)
    assert len(set(pixels(found)[::4])) > 20, "it is still flat"
    assert pixels(named(document, "Shapes")) == plain(60, 40, b"\x20\x80\xe0\xff")


def an_object_is_harmonized():
    session = _session(1)
    document, meadow = yield from do_open(96, 64)
    object = add_layer(document, "Apple", waves(30, 20, seed=9), 40, 30, 30, 20)
    yield from do_activate(document, object)
    yield 0.5
    work = session.quick("harmonize")
    yield from _done(work)
    found = yield from _top_is(document, 3, "Apple - harmonized")
    x, y, width, height = bounds(found)
    assert (x, y) >= (30, 20)
    assert width <= 50
    assert height <= 40
    assert pixels(found, (40, 30, 30, 20)) != waves(30, 20, seed=9)
    assert pixels(named(document, "Apple")) == waves(30, 20, seed=9)
    return len(pixels(meadow))


def other_depths_and_models_work():
    session, found = _session(1), {}
    for model, depth in (("RGBA", "U16"), ("RGBA", "F16"), ("RGBA", "F32"), ("GRAYA", "U8"), ("CMYKA", "U8")):
        document, _ = yield from do_open(64, 48, model, depth)
        yield 0.5
        work = session.quick("generate")
        yield from _done(work)
        made = yield from _top_is(document, 2, "Meadow - variation")
        assert (made.colorModel(), made.colorDepth()) == (model, depth)
        assert bounds(made) == (0, 0, 64, 48)
        data = pixels(made)
        assert len(set(data)) > 20
        found[f"{model} {depth}"] = len(data)
        close_documents()
        yield 0.3
    return found


def what_cannot_be_done_is_said():
    session = _session(1)
    document, _ = yield from do_open(96, 64)
    empty = add_layer(document, "Nothing")
    yield from do_activate(document, empty)
    yield 0.5
    said = {}
    for task in ("generate", "fill", "harmonize", "learn"):
        assert session.quick(task) is None
        said[task] = session.notice.words
    dot = add_layer(document, "Dot", b"\x00\x00\xff\xff", 5, 5, 1, 1)
    yield from do_activate(document, dot)
    yield 0.5
    assert session.quick("tile") is None
    said["dot"] = session.notice.words
    return said


def several_layers_are_learned_together():
    session = _session(1)
    document, _ = yield from do_open(96, 64)
    add_layer(document, "Second", waves(96, 64, seed=4), 0, 0, 96, 64)
    yield from do_activate(document, named(document, "Second"))
    trigger("select_all_layers")
    yield Until(lambda: len(session.host.document().selected) == 2, 10)
    work = session.quick("generate", Source("selected"))
    assert len(work.wish.request.source) == 2
    yield from _done(work)
    yield from _top_is(document, 3, "Second - variation")


def the_menu_offers_the_library():
    session = _session()
    _document, _ = yield from do_open(96, 64)
    session.textures.refresh()
    yield Until(lambda: session.textures.all, 20)
    menu = yield from do_right_click("Meadow")
    inner = next(action.menu() for action in menu.actions() if plain_text(action) == "SinDDM")
    yield from do_choose(menu, "SinDDM", "Style from")
    style = next(action.menu() for action in inner.actions() if plain_text(action) == "Style from")
    yield Until(style.isVisible, 10)
    found = [plain_text(action) for action in style.actions()]
    yield from do_close_menu()
    return found


def krita_stays_alive_while_a_large_layer_is_worked_on():
    session = _session(1)
    document, _ = yield from do_open(2048, 2048)
    yield 1.0
    # no selection: drawing its moving outline without a graphics card takes Krita a tenth of a second each time
    pulse = Pulse()
    work = session.make(BY_KEY["generate"])
    yield from _done(work)
    yield Until(lambda: all(one.thumbnail for one in session.results.of(work)), 20)
    session.apply(session.results.of(work)[0])
    yield Until(lambda: len(_layers(document)) == 2, 20)
    yield 0.1
    pulse.end()
    return [pulse.longest, pulse.ticks, pulse.waits, pulse.elsewhere]


def a_killed_backend_is_told_and_comes_back():
    import os
    import signal

    session = _session(1)
    document, _ = yield from do_open(256, 256)
    session.choose(BY_KEY["generate"], "quality", "best")
    session.choose(BY_KEY["generate"], "count", 16)
    work = session.make(BY_KEY["generate"])
    yield Until(lambda: work.job is not None and work.job.state == "running", LONG)
    os.kill(session.link.health.pid, signal.SIGKILL)
    yield Until(lambda: session.notice is not None, 20)
    said = [session.notice.words]
    yield Until(lambda: not work.active, LONG)
    said.append(work.error)
    yield Until(lambda: session.status.kind in ("ready", "working"), LONG)
    again = _session(1).quick("tile")
    yield from _done(again)
    yield from _top_is(document, 2, "Meadow - tile")
    return said
