"""Results become layers, as one undo step each, and a preview becomes none."""

import zipfile

from common import make_host
from sinddm_plugin.client import Picture
from sinddm_probe.tools import (
    add_layer,
    app,
    bounds,
    close_documents,
    composite,
    do_activate,
    do_open,
    do_screenshot,
    do_settle,
    named,
    names,
    pixels,
    plain,
    save,
    trigger,
    waves,
)
from sinddm_ui.host import Box, Insertion, NewLayer


def _picture(width, height, seed=5):
    return Picture(waves(width, height, seed=seed), width, height, "bgra")


def _insert(host, layers, **more):
    host.insert(Insertion(host.document().id, layers, **more))


def _undo(document, name="edit_undo"):
    trigger(name)
    yield 0.3
    yield from do_settle(document)


def a_result_goes_above_its_layer():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    add_layer(document, "Top", waves(20, 20), 0, 0, 20, 20)
    yield from do_settle(document)
    meadow = next(one.id for one in host.document().layers if one.name == "Meadow")
    _insert(host, [NewLayer("Result", _picture(40, 30), -7, 11)], above=meadow)
    yield from do_settle(document)
    assert names(document) == ["Top", "Result", "Meadow"]
    node = named(document, "Result")
    assert bounds(node) == (-7, 11, 40, 30)
    assert pixels(node) == waves(40, 30, seed=5)


def a_result_without_a_place_goes_to_the_top():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    _insert(host, [NewLayer("Result", _picture(40, 30), 0, 0)], above="gone")
    yield from do_settle(document)
    assert names(document) == ["Result", "Meadow"]


def a_result_goes_above_a_layer_in_a_group():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    group = add_layer(document, "Things", kind="grouplayer")
    inner = add_layer(document, "Inner", waves(20, 20), 0, 0, 20, 20, parent=group)
    yield from do_activate(document, inner)
    _insert(host, [NewLayer("Result", _picture(40, 30), 0, 0)], above=host.document().active)
    yield from do_settle(document)
    assert names(document) == ["Things", "Result", "Inner", "Meadow"]


def a_group_of_results_is_one_undo_step():
    host = make_host()
    document, _meadow = yield from do_open(96, 64)
    add_layer(document, "Mine", waves(20, 20, seed=2), 1, 2, 20, 20)
    yield from do_activate(document, named(document, "Mine"))
    results = [NewLayer(f"Result {k}", _picture(96, 64, k + 10), 0, 0) for k in range(3)]
    _insert(host, results, above=host.document().active, group="Variations", show=(False, False, True))
    yield from do_settle(document)
    everything = ["Variations", "Result 2", "Result 1", "Result 0", "Mine", "Meadow"]
    assert names(document) == everything, names(document)
    assert [named(document, f"Result {k}").visible() for k in range(3)] == [False, False, True]
    seen = composite(document)
    yield from _undo(document)
    assert names(document) == ["Mine", "Meadow"], names(document)
    yield from _undo(document)
    assert names(document) == ["Meadow"], "the artist's own step is not undone"
    yield from _undo(document, "edit_redo")
    yield from _undo(document, "edit_redo")
    assert names(document) == everything, names(document)
    for k in range(3):
        assert pixels(named(document, f"Result {k}")) == waves(96, 64, seed=k + 10), "pixels are lost"
    assert composite(document) == seen
    assert pixels(named(document, "Mine")) == waves(20, 20, seed=2)


def several_results_without_a_group_are_one_undo_step():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    _insert(host, [NewLayer("One", _picture(20, 20), 0, 0)])
    yield from do_settle(document)
    yield from _undo(document)
    assert names(document) == ["Meadow"]
    yield from _undo(document, "edit_redo")
    assert names(document) == ["One", "Meadow"]
    assert pixels(named(document, "One")) == waves(20, 20, seed=5)


def results_of_another_depth_are_converted():
    host = make_host()
    document, _ = yield from do_open(64, 48, "RGBA", "U16", "sRGB-elle-V2-g10.icc")
    _insert(host, [NewLayer("Result", _picture(64, 48), 0, 0)])
    yield from do_settle(document)
    node = named(document, "Result")
    assert (node.colorModel(), node.colorDepth()) == ("RGBA", "U16")
    node.setColorSpace("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
    worst = max(abs(a - b) for a, b in zip(pixels(node, (0, 0, 64, 48)), waves(64, 48, seed=5), strict=False))
    assert worst <= 1, f"colours are off by up to {worst}"


def a_closed_document_is_said():
    host = make_host()
    yield from do_open(64, 48)
    id = host.document().id
    close_documents()
    yield lambda: host.document() is None
    from sinddm_ui.host import HostError

    try:
        host.insert(Insertion(id, [NewLayer("Late", _picture(20, 20), 0, 0)]))
    except HostError as error:
        return str(error)
    raise AssertionError("a result went nowhere, and nothing was said")


def a_document_in_the_background_gets_its_results():
    host = make_host()
    document, _ = yield from do_open(64, 48)
    id = host.document().id
    yield from do_open(96, 64, name="Second")
    host.insert(Insertion(id, [NewLayer("Late", _picture(20, 20), 0, 0)]))
    yield from do_settle(document)
    assert names(document) == ["Late", "Meadow"]


def a_preview_is_seen_and_leaves_no_trace():
    host = make_host()
    document, _meadow = yield from do_open(96, 64)
    yield from do_settle(document)
    document.setModified(False)
    before = names(document), composite(document)
    yield from do_screenshot("without.png")
    picture = Picture(plain(48, 32, b"\xff\x00\xff\xff"), 48, 32, "rgba")
    host.show_preview(host.document().id, picture, Box(0, 0, 96, 64))
    yield 0.6
    yield from do_screenshot("with.png")
    assert (names(document), composite(document)) == before
    assert [one.name for one in host.document().layers] == ["Meadow"]
    assert not document.modified()
    path = save(document, "preview.kra")
    with zipfile.ZipFile(path) as archive:
        assert sum(name.count("/layers/layer") for name in archive.namelist() if name.endswith(("2", "3"))) <= 1
        merged = archive.read("mergedimage.png")
    host.hide_preview()
    yield 0.6
    yield from do_screenshot("after.png")
    again = save(document, "plain.kra")
    with zipfile.ZipFile(again) as archive:
        assert archive.read("mergedimage.png") == merged
    add_layer(document, "Mine", waves(20, 20), 0, 0, 20, 20)
    yield from do_settle(document)
    host.show_preview(host.document().id, picture, Box(0, 0, 96, 64))
    yield 0.3
    yield from _undo(document)
    assert names(document) == ["Meadow"], "a preview stands between the artist and the step before"
    host.hide_preview()


def a_preview_follows_the_view():
    host = make_host()
    _document, _ = yield from do_open(96, 64)
    picture = Picture(plain(48, 32, b"\xff\x00\xff\xff"), 48, 32, "rgba")
    host.show_preview(host.document().id, picture, Box(0, 0, 96, 64))
    yield 0.4
    app().activeWindow().activeView().canvas().setZoomLevel(1.0)
    yield 0.6
    yield from do_screenshot("zoomed.png")
    host.hide_preview()
    yield 0.3
