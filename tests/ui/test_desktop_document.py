"""The stand-alone window's document, without a window: pixels, order, undo."""

from __future__ import annotations

import numpy as np
import pytest
from desktop_fixtures import meadow
from sinddm_plugin.client import Picture
from sinddm_ui.desktop import brush, editing, shown, strokes
from sinddm_ui.desktop.brush import Brush
from sinddm_ui.desktop.document import Artwork, PaintLayer
from sinddm_ui.desktop.form import DTYPES, Form
from sinddm_ui.desktop.history import Change, History
from sinddm_ui.desktop.host import DesktopHost
from sinddm_ui.host import Box, HostError, Insertion, NewLayer

FORMS = [Form(DTYPES["U8"]), Form(DTYPES["U16"]), Form(DTYPES["F16"], True), Form(DTYPES["F32"], True)]


def artwork(form: Form, width: int = 60, height: int = 40) -> Artwork:
    """A layer over the whole canvas."""
    pixels = meadow(height, width, dtype=form.dtype.name, channels=4)
    return Artwork(form, width, height, [PaintLayer("Ground", pixels)])


def host_of(art: Artwork) -> DesktopHost:
    host = DesktopHost()
    host.open(art)
    return host


def data(picture: Picture) -> bytes:
    return bytes(memoryview(picture.data))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.depth)
def test_the_host_gives_pixels_exactly(form: Form) -> None:
    art = artwork(form)
    host = host_of(art)
    document = host.document()
    assert document is not None
    assert (document.width, document.height, document.format) == (60, 40, form.format)
    assert document.layers[0].box == Box(0, 0, 60, 40)
    picture = host.read(art.id, art.layers[0].id, Box(-5, 10, 20, 40))
    assert (picture.width, picture.height, picture.depth, picture.linear) == (20, 40, form.depth, form.linear)
    found = np.frombuffer(picture.data, form.dtype).reshape(40, 20, 4)
    assert np.array_equal(found[:30, 5:], art.layers[0].pixels[10:, :15])
    assert not found[:, :5].any()
    assert not found[30:].any()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.depth)
def test_results_become_layers_exactly_and_as_one_step(form: Form) -> None:
    art = artwork(form)
    host = host_of(art)
    results = [meadow(20, 30, seed, form.dtype.name, 4) for seed in (1, 2)]
    new = [NewLayer(f"r{i}", form.picture(result), 5 * i, -3) for i, result in enumerate(results)]
    host.insert(Insertion(art.id, new, art.layers[0].id, "set", [False]))
    assert [one.name for one in art.layers] == ["r1", "r0", "Ground"]
    assert [one.visible for one in art.layers] == [True, False, True]
    assert np.array_equal(art.layers[0].pixels, results[1])
    assert (art.layers[0].x, art.layers[0].y, art.layers[0].group) == (5, -3, "set")
    art.undo()
    assert [one.name for one in art.layers] == ["Ground"]
    art.redo()
    assert np.array_equal(art.layers[1].pixels, results[0])


def test_results_of_another_form_are_converted() -> None:
    art = artwork(Form(DTYPES["U16"]))
    gray = np.array([[[0], [255]]], np.uint8)
    host_of(art).insert(Insertion(art.id, [NewLayer("g", Picture(gray.tobytes(), 2, 1, "gray"), 0, 0)]))
    assert art.layers[0].pixels.tolist() == [[[0, 0, 0, 65535], [65535] * 4]]
    blue = np.array([[[255, 0, 0, 128]]], np.uint8)
    host_of(art).insert(Insertion(art.id, [NewLayer("b", Picture(blue.tobytes(), 1, 1, "bgra"), 0, 0)]))
    assert art.layers[0].pixels.tolist() == [[[0, 0, 65535, 128 * 257]]]


def test_what_lies_below_is_what_is_seen_there() -> None:
    art = artwork(Form())
    half = np.zeros((40, 60, 4), np.uint8)
    half[:20] = (255, 0, 0, 128)
    art.insert([PaintLayer("half", half)])
    art.insert([PaintLayer("top", meadow(40, 60, 3, channels=4))])
    ground = art.layers[2].pixels
    host = host_of(art)
    below = np.frombuffer(host.read_below(art.id, art.layers[0].id, art.canvas).data, np.uint8).reshape(40, 60, 4)
    assert np.array_equal(below[20:], ground[20:])
    expected = ground[:20, :, :3] * (127 / 255) + np.array([255, 0, 0]) * (128 / 255)
    assert np.abs(below[:20, :, :3] - expected).max() <= 0.51
    assert (below[..., 3] == 255).all()
    lowest = np.frombuffer(host.read_below(art.id, art.layers[2].id, art.canvas).data, np.uint8)
    assert not lowest.any()
    art.show([art.layers[1].id], False)
    below = np.frombuffer(host.read_below(art.id, art.layers[0].id, art.canvas).data, np.uint8).reshape(40, 60, 4)
    assert np.array_equal(below, ground)


def test_the_box_of_a_layer_is_where_it_is_not_transparent() -> None:
    art = artwork(Form())
    layer = art.blank("Shapes")
    art.insert([layer])
    host = host_of(art)
    document = host.document()
    assert document is not None
    assert document.layers[0].box.empty
    stroke = strokes.paint(art, Brush(size=10), art.form.color(1, 0, 0))
    stroke.to(30, 20, 1)
    stroke.finish()
    document = host.document()
    assert document is not None
    box = document.layers[0].box
    assert box.x in (24, 25)
    assert box.width in range(10, 13)
    picture = host.thumbnail(art.id, layer.id, 8)
    assert max(picture.width, picture.height) <= 8


def test_every_step_can_be_undone_and_done_again() -> None:
    art = artwork(Form())
    ground = art.layers[0]
    original = ground.pixels.copy()

    def paint() -> None:
        stroke = strokes.paint(art, Brush(size=12), art.form.color(0, 0, 1))
        stroke.to(5, 5, 1)
        stroke.to(50, 30, 0.5)
        stroke.finish()

    def erase() -> None:
        stroke = strokes.erase(art, Brush(size=8))
        assert stroke
        stroke.to(10, 10, 1)
        stroke.to(40, 10, 1)
        stroke.finish()

    def select() -> None:
        stroke = strokes.SelectStroke(art, Brush(size=20), False)
        stroke.to(20, 20, 1)
        stroke.finish()

    def state() -> tuple:
        layers = [(one.id, one.name, one.x, one.y, one.pixels.tobytes(), one.painted) for one in art.layers]
        return layers, None if art.selection is None else art.selection.tobytes()

    changes = [
        paint,
        paint,
        erase,
        select,
        lambda: editing.select_inverse(art),
        lambda: editing.soften_selection(art),
        paint,
        lambda: editing.clear_selected(art),
        lambda: art.rename(art.layers[0].id, "  Sky  "),
        lambda: art.move(art.layers[0].id, 1),
        lambda: art.shift(ground.id, -7, 3),
        lambda: editing.scale(art, 0.5),
        lambda: art.insert([art.blank("More"), art.blank("Even more")], ground.id),
        lambda: art.remove([ground.id]),
        lambda: art.select(None),
    ]
    states = [state()]
    for change in changes:
        change()
        states.append(state())
        assert states[-1] != states[-2], change
    for expected in states[-2::-1]:
        art.undo()
        assert state() == expected
    assert np.array_equal(ground.pixels, original)
    assert art.history.undoes is None
    art.undo()
    for expected in states[1:]:
        art.redo()
        assert state() == expected
    assert art.history.redoes is None


def test_what_is_not_saved_is_known() -> None:
    art = artwork(Form())
    assert not art.changed
    art.rename(art.layers[0].id, "Sky")
    assert art.changed
    art.undo()
    assert not art.changed
    art.redo()
    art.history.saved()
    assert not art.changed
    art.undo()
    assert art.changed
    art.rename(art.layers[0].id, "Sea")  # what was saved cannot be reached any more
    art.undo()
    assert art.changed
    art.history.saved()
    art.show([art.layers[0].id], False)
    assert art.changed


def test_old_steps_make_room() -> None:
    history, done = History(), []
    for i in range(5):
        history.do(Change(str(i), lambda i=i: done.append(i), done.pop, 300 << 20))
    assert done == [0, 1, 2, 3, 4]
    while history.undoes:
        history.undo()
    assert done == [0, 1, 2]
    assert history.changed


def test_painting_goes_on_a_layer_of_its_own_and_erasing_on_the_chosen_one() -> None:
    art = artwork(Form())
    ground = art.layers[0].pixels.copy()
    stroke = strokes.paint(art, Brush(size=6, hardness=1.0), art.form.color(0, 1, 0))
    stroke.to(10.5, 10.5, 1)
    stroke.finish()
    assert len(art.layers) == 2
    assert art.active == art.layers[0].id
    assert art.layers[0].pixels[10, 10].tolist() == [0, 255, 0, 255]
    assert np.array_equal(art.layers[1].pixels, ground)
    again = strokes.paint(art, Brush(size=6), art.form.color(0, 1, 0))
    again.to(30, 30, 1)
    again.finish()
    assert len(art.layers) == 2
    eraser = strokes.erase(art, Brush(size=40, hardness=1.0))
    assert eraser
    eraser.to(20, 20, 1)
    eraser.finish()
    assert art.layers[0].box.empty
    assert np.array_equal(art.layers[1].pixels, ground)


def test_painting_stays_in_the_selection() -> None:
    art = artwork(Form())
    mask = np.zeros((40, 60), np.uint8)
    mask[:, :30] = 255
    art.select(mask)
    stroke = strokes.paint(art, Brush(size=20), art.form.color(1, 1, 1))
    stroke.to(30, 20, 1)
    stroke.finish()
    assert art.layers[0].box.x + art.layers[0].box.width == 30


def test_crossing_a_stroke_does_not_paint_twice() -> None:
    stroke = brush.Stroke(Brush(size=20, hardness=0.0), 60, 60)
    for point in ((10, 30), (50, 30), (10, 30), (30, 10), (30, 50)):
        stroke.to(*point)
    assert stroke.coverage.max() <= 1
    once = brush.Stroke(Brush(size=20, hardness=0.0), 60, 60)
    once.to(10, 30)
    once.to(50, 30)
    assert abs(float(stroke.coverage[35, 20] - once.coverage[35, 20])) < 0.1


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.depth)
def test_the_picture_is_shown_as_srgb(form: Form) -> None:
    art = Artwork(form, 3, 1, [PaintLayer("l", form.empty(3, 1))])
    art.layers[0].pixels[0, 0] = form.color(1, 0, 0.5)
    art.layers[0].pixels[0, 1] = form.color(0.25, 0.25, 0.25)
    found = shown.Shown(art).levels[0]
    assert np.abs(found[0].astype(int) - [[255, 0, 128, 255], [64, 64, 64, 255], [0, 0, 0, 0]]).max() <= 1


def test_smaller_levels_are_kept_up_to_date() -> None:
    art = Artwork(Form(), 1001, 601, [PaintLayer("l", meadow(601, 1001, channels=4))])
    kept = shown.Shown(art)
    art.painters.append(kept.update)
    stroke = strokes.paint(art, Brush(size=33), art.form.color(1, 0, 0))
    stroke.to(1000, 600, 1)
    stroke.to(333, 77, 1)
    stroke.finish()
    fresh = shown.Shown(art)
    assert len(kept.levels) == 3
    assert all(np.array_equal(a, b) for a, b in zip(kept.levels, fresh.levels, strict=True))


def test_what_is_gone_is_said_in_words() -> None:
    art = artwork(Form())
    host = host_of(art)
    with pytest.raises(HostError, match="gone"):
        host.read(art.id, "nothing", art.canvas)
    host.open(None)
    assert host.document() is None
    with pytest.raises(HostError, match="closed"):
        host.insert(Insertion(art.id, []))


def test_the_host_tells_of_changes() -> None:
    art = artwork(Form())
    host = host_of(art)
    seen = []
    host.watch(lambda: seen.append(host.document()))
    editing.select_all(art)
    assert seen[-1].selection == art.canvas
    art.insert([art.blank("x")])
    assert len(seen[-1].layers) == 2
    art.activate(art.layers[1].id, [art.layers[0].id])
    assert seen[-1].active == art.layers[1].id
    assert seen[-1].selected == (art.layers[0].id, art.layers[1].id)
    host.open(None)
    assert seen[-1] is None
