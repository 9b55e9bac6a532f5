"""What the tests build upon: that the harness sees what happens, and that what goes wrong fails."""

from sinddm_probe.tools import (
    QTimer,
    app,
    bounds,
    do_close_menu,
    do_open,
    do_right_click,
    do_screenshot,
    keep,
    names,
    pixels,
    plain_text,
    window,
)


def opens_a_document():
    document, node = yield from do_open(96, 64)
    assert names(document) == ["Meadow"], names(document)
    assert bounds(node) == (0, 0, 96, 64)
    keep("meadow.bin", pixels(node))
    return app().version()


def the_menu_of_a_layer_opens():
    yield from do_open(96, 64)
    menu = yield from do_right_click("Meadow")
    yield from do_screenshot("menu.png")
    found = [plain_text(action) for action in menu.actions()]
    yield from do_close_menu()
    return found


def an_assertion_fails():
    yield 0.01
    assert window() is None, "there is a window"


def an_exception_in_a_slot_fails():
    QTimer.singleShot(0, lambda: 1 / 0)
    yield 0.2


def what_does_not_happen_fails():
    from sinddm_probe.tools import Until

    yield Until(lambda: False, 0.3)


def documents_of_before_are_closed():
    yield 0.05
    return len(app().documents())
