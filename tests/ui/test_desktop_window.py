"""The stand-alone window with a real mouse: the view, the tools, the layers."""

# ruff: noqa: F811 - fixtures have the names of what they are imported as

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from desktop_fixtures import LEFT, Desk, desk, make_desk, meadow, near, qtest, seen  # noqa: F401 - fixtures
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QImage, QInputDevice, QPointingDevice, QTabletEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QLineEdit, QMenu
from sinddm_plugin.client import Picture
from sinddm_ui.desktop.brush import Brush
from sinddm_ui.desktop.outline import MOST, outline
from sinddm_ui.host import Box

from sinddm import files as pictures

KEY, HELD, BUTTON = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton


def test_the_picture_is_on_the_screen(desk: Desk) -> None:
    array = np.zeros((90, 120, 4), np.uint8)
    array[:, :60] = (200, 30, 40, 255)
    array[:45, 60:] = (10, 220, 50, 255)
    desk.open(array)
    assert near(seen(desk, (20, 20)), (200, 30, 40))
    assert near(seen(desk, (90, 20)), (10, 220, 50))
    red, green, blue = seen(desk, (90, 70))  # checkers
    assert red == green == blue
    assert "120 x 90, 8 bits" in desk.window._about.text()
    assert desk.window.windowTitle() == "Wiese.png[*] - SinDDM"


def test_the_wheel_zooms_where_the_pointer_is(desk: Desk) -> None:
    desk.open(meadow(400, 600))
    canvas = desk.window.canvas
    at = QPointF(300, 200)
    before, zoom = canvas.view.point(at), canvas.view.zoom
    wheel = QWheelEvent(
        at, at, QPoint(), QPoint(0, 240), BUTTON.NoButton, HELD.NoModifier, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(canvas, wheel)
    assert canvas.view.zoom == pytest.approx(zoom * 1.25**2)
    assert canvas.view.point(at) == pytest.approx(before)


def test_space_and_the_middle_button_move_the_view(desk: Desk) -> None:
    desk.open(meadow())
    canvas = desk.window.canvas
    canvas.choose("paint")
    corner = QPointF(canvas.view.corner)
    qtest.mousePress(canvas, BUTTON.MiddleButton, HELD.NoModifier, QPoint(100, 100))
    qtest.mouseMove(canvas, QPoint(130, 90))
    qtest.mouseRelease(canvas, BUTTON.MiddleButton, HELD.NoModifier, QPoint(130, 90))
    assert canvas.view.corner - corner == QPointF(30, -10)
    qtest.keyPress(canvas, KEY.Key_Space)
    qtest.mousePress(canvas, LEFT, HELD.NoModifier, QPoint(100, 100))
    qtest.mouseMove(canvas, QPoint(90, 100))
    qtest.mouseRelease(canvas, LEFT, HELD.NoModifier, QPoint(90, 100))
    qtest.keyRelease(canvas, KEY.Key_Space)
    assert canvas.view.corner - corner == QPointF(20, -10)
    assert len(desk.art.layers) == 1
    assert not desk.art.changed


def test_a_brush_paints_shapes_on_a_new_layer(desk: Desk) -> None:
    array = meadow()
    desk.open(array)
    canvas = desk.window.canvas
    qtest.keyClick(desk.window, KEY.Key_B)
    assert canvas.tool.key == "paint"
    canvas.take_brush(Brush(size=20, hardness=1.0))
    desk.window.options.color.click()  # answered with a green
    desk.drag((40, 60), (120, 60))
    assert [one.name for one in desk.art.layers] == ["Shapes", "Wiese"]
    shapes = desk.art.layers[0]
    assert shapes.pixels[60, 80].tolist() == [10, 200, 30, 255]
    assert shapes.pixels[75, 80, 3] == 0
    assert np.array_equal(desk.art.layers[1].pixels[..., :3], array)
    assert near(seen(desk, (80, 60)), (10, 200, 30))
    desk.drag((40, 20), (120, 20))
    assert len(desk.art.layers) == 2
    qtest.keyClick(desk.window, KEY.Key_Z, HELD.ControlModifier)
    assert shapes.pixels[20, 80, 3] == 0
    assert shapes.pixels[60, 80, 3] == 255
    assert near(seen(desk, (80, 20)), tuple(array[20, 80].tolist()), 8)
    qtest.keyClick(desk.window, KEY.Key_Z, HELD.ControlModifier)
    assert len(desk.art.layers) == 1
    qtest.keyClick(desk.window, KEY.Key_Z, HELD.ControlModifier | HELD.ShiftModifier)
    qtest.keyClick(desk.window, KEY.Key_Y, HELD.ControlModifier)
    assert desk.art.layers[0].pixels[20, 80].tolist() == [10, 200, 30, 255]


def test_alt_and_a_click_take_a_colour_from_the_picture(desk: Desk) -> None:
    array = meadow()
    desk.open(array)
    desk.window.canvas.choose("paint")
    desk.drag((33, 44), held=HELD.AltModifier)
    color = desk.window.canvas.color
    assert [color.red(), color.green(), color.blue()] == array[44, 33].tolist()
    assert not desk.art.changed


def test_a_pen_that_is_pressed_less_paints_thinner(desk: Desk) -> None:
    desk.open(meadow())
    canvas = desk.window.canvas
    canvas.choose("paint")
    canvas.take_brush(Brush(size=30, hardness=1.0))
    pen = QPointingDevice(
        "pen",
        1,
        QInputDevice.DeviceType.Stylus,
        QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
        1,
        1,
    )

    def touch(kind: QEvent.Type, pressure: float, y: int) -> None:
        at = QPointF(desk.screen((80, y)))
        still = HELD.NoModifier, LEFT, BUTTON.LeftButton
        event = QTabletEvent(kind, pen, at, at, pressure, 0, 0, 0, 0, 0, *still)
        QApplication.sendEvent(canvas, event)
        assert event.isAccepted()

    heights = []
    for pressure, y in ((1.0, 30), (0.3, 90)):
        touch(QEvent.Type.TabletPress, pressure, y)
        touch(QEvent.Type.TabletRelease, 0.0, y)
        heights.append(int((desk.art.layers[0].pixels[y - 20 : y + 20, 80, 3] > 128).sum()))
    assert heights[0] in (30, 31)
    assert heights[1] in range(8, 11)


def test_rectangles_select_add_and_take_away(desk: Desk) -> None:
    desk.open(meadow())
    desk.window.canvas.choose("rectangle")
    desk.drag((20, 30), (60, 70))
    box = desk.art.selected
    assert box is not None
    assert max(abs(a - b) for a, b in zip(box, (20, 30, 40, 40), strict=True)) <= 1
    inside = int(desk.art.selection.astype(bool).sum())
    desk.drag((100, 30), (120, 50), held=HELD.ShiftModifier)
    assert int(desk.art.selection.astype(bool).sum()) > inside
    desk.drag((0, 0), (159, 50), held=HELD.AltModifier)
    assert desk.art.selected.y >= 49
    desk.drag((5, 5))
    assert desk.art.selection is None
    desk.art.undo()
    assert desk.art.selected.y >= 49


def test_a_brush_selects_and_its_tint_is_seen(desk: Desk) -> None:
    desk.open(np.full((100, 100, 3), 128, np.uint8))
    canvas = desk.window.canvas
    canvas.choose("select")
    canvas.take_brush(Brush(size=30, hardness=1.0))
    desk.drag((30, 50), (70, 50))
    assert desk.art.selection[50, 50] == 255
    assert desk.art.selection[50, 95] == 0
    assert desk.art.layers[0].pixels[50, 50].tolist() == [128, 128, 128, 255]
    red, green, _ = seen(desk, (50, 50))
    assert red > green + 20
    desk.drag((50, 50), button=BUTTON.RightButton)
    assert desk.art.selection[50, 50] == 0
    assert desk.art.selection[50, 30] == 255
    document = desk.window.host.document()
    assert document is not None
    mask = desk.window.host.read_selection(document.id, Box(30, 50, 1, 1))
    assert mask is not None
    assert bytes(mask.data) == b"\xff"


def test_the_select_menu(desk: Desk) -> None:
    array = meadow(channels=4)
    array[:, :100, 3] = 0
    desk.open(array)
    assert not desk.window.menus.actions["Nothing"].isEnabled()
    desk.choose("All")
    assert (desk.art.selection == 255).all()
    desk.choose("What the layer covers")
    assert desk.art.selected == (100, 0, 60, 120)
    desk.choose("Invert")
    assert desk.art.selected == (0, 0, 100, 120)
    desk.choose("Soften the edge")
    edge = desk.art.selection[60, 85:115].astype(int)
    assert (np.diff(edge) <= 0).all()
    assert set(edge) > {0, 255} or len(set(edge)) > 5
    desk.choose("Nothing")
    assert desk.art.selection is None


def test_layers_are_hidden_renamed_moved_and_removed(desk: Desk) -> None:
    desk.open(np.full((50, 60, 3), 200, np.uint8))
    over = np.full((50, 60, 3), 10, np.uint8)
    desk.answers.opened = [desk.folder / "über.png"]
    pictures.write(desk.folder / "über.png", pictures.Picture(over))
    desk.choose("Add as layer")
    rows: Any = desk.window.layers.list
    assert [rows.item(i).text() for i in range(2)] == ["über", "Wiese"]
    assert near(seen(desk, (30, 25)), (10, 10, 10))
    qtest.mouseClick(rows.viewport(), LEFT, HELD.NoModifier, rows.eye(0))
    assert not desk.art.layers[0].visible
    assert near(seen(desk, (30, 25)), (200, 200, 200))
    qtest.mouseClick(rows.viewport(), LEFT, HELD.NoModifier, rows.eye(0))
    qtest.mouseClick(rows.viewport(), LEFT, HELD.NoModifier, rows.visualItemRect(rows.item(1)).center())
    assert desk.art.active == desk.art.layers[1].id
    desk.choose("Rename")
    (editor,) = [one for one in rows.findChildren(QLineEdit) if one.isVisible()]
    editor.setText("  Ground   floor ")
    qtest.keyClick(editor, KEY.Key_Return)
    qtest.qWait(1)
    assert desk.art.layers[1].name == rows.item(1).text() == "Ground floor"
    desk.window.layers.up.click()
    assert [one.name for one in desk.art.layers] == ["Ground floor", "über"]
    assert near(seen(desk, (30, 25)), (200, 200, 200))
    rows.drop(0, 2)
    assert [one.name for one in desk.art.layers] == ["über", "Ground floor"]
    rows.drop(1, 0)
    assert [one.name for one in desk.art.layers] == ["Ground floor", "über"]
    rows.selectAll()
    assert len(desk.art.marked) == 2
    desk.window.layers.bin.click()
    assert desk.art.layers == []
    assert rows.count() == 0
    assert desk.art.active is None
    desk.choose("Undo")
    assert [rows.item(i).text() for i in range(2)] == ["Ground floor", "über"]


def test_the_menu_of_a_layer_has_what_the_panel_can_do(desk: Desk) -> None:
    desk.open(meadow())
    desk.choose("New layer")
    rows: Any = desk.window.layers.list
    rows.open_menu(rows.visualItemRect(rows.item(0)).center())
    menu = rows.findChild(QMenu)
    assert menu is not None
    words = [one.text() for one in menu.actions()]
    assert words == [
        "Learn texture",
        "Variations",
        "Seamless tile",
        "Paint in the style of",
        "Harmonize into the picture below",
        "Style from",
        "Fill selection",
    ]
    inner = menu.actions()[3].menu()
    assert inner is not None
    assert [one.text() for one in inner.actions()] == ["The layer Wiese"]
    menu.actions()[1].trigger()  # the new layer is empty
    assert desk.session.notice is not None
    assert "empty" in desk.session.notice.words
    menu.close()


def test_a_picture_is_pasted_moved_scaled_and_copied(desk: Desk) -> None:
    desk.open(np.full((100, 120, 3), 50, np.uint8))
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    clipboard.setImage(image)
    desk.choose("Paste as new layer")
    layer = desk.art.layers[0]
    assert (layer.name, layer.box) == ("Pasted", Box(50, 45, 20, 10))
    assert near(seen(desk, (60, 50)), (255, 0, 0))
    assert desk.window.canvas.tool.key == "layer"
    desk.drag((60, 50), (80, 30))
    x, y = layer.x, layer.y
    assert abs(x - 70) <= 1
    assert abs(y - 25) <= 1
    assert near(seen(desk, (60, 50)), (50, 50, 50))
    desk.answers.size = 200
    desk.choose("Scale")
    assert layer.box == Box(x - 10, y - 5, 40, 20)
    assert (layer.pixels == [255, 0, 0, 255]).all()
    desk.choose("Copy")
    desk.choose("Paste as new layer")
    assert np.array_equal(desk.art.layers[0].pixels, layer.pixels)
    for _ in range(4):
        desk.choose("Undo")
    assert len(desk.art.layers) == 1
    clipboard.setText("no picture")
    desk.choose("Paste as new layer")
    assert "no picture to paste" in desk.said


def test_what_is_selected_is_copied_and_cleared(desk: Desk) -> None:
    array = meadow()
    desk.open(array)
    desk.window.canvas.choose("rectangle")
    desk.drag((20, 30), (60, 70))
    box = desk.art.selected
    desk.choose("Copy")
    desk.choose("Clear what is selected")
    assert not desk.art.layers[0].pixels[40, 40, 3]
    desk.choose("Undo")
    desk.choose("Close picture")
    assert desk.window.art is not None  # not saved, and the artist thought better of it
    desk.answers.leave = "discard"
    desk.choose("Close picture")
    assert desk.window.art is None
    desk.choose("Paste as new layer")
    part = array[box.y : box.y + box.height, box.x : box.x + box.width]
    assert np.array_equal(desk.art.layers[0].pixels[..., :3], part)
    assert desk.art.changed


def test_a_preview_is_shown_and_is_no_part_of_the_picture(desk: Desk) -> None:
    desk.open(np.full((100, 120, 3), 50, np.uint8))
    blue = np.full((5, 6, 4), (0, 0, 255, 255), np.uint8)
    host = desk.window.host
    host.show_preview(desk.art.id, Picture(blue.tobytes(), 6, 5), Box(10, 10, 60, 50))
    assert near(seen(desk, (40, 35)), (0, 0, 255))
    assert near(seen(desk, (100, 90)), (50, 50, 50))
    assert (desk.art.seen(desk.art.canvas)[..., :3] == 50).all()
    assert not desk.art.changed
    host.hide_preview()
    assert near(seen(desk, (40, 35)), (50, 50, 50))


@pytest.mark.parametrize(("name", "dtype"), [("t.png", "uint16"), ("t.exr", "float32"), ("t.exr", "float16")])
def test_deep_pictures_are_shown_and_painted_on(desk: Desk, name: str, dtype: str) -> None:
    desk.open(meadow(dtype=dtype), name, linear=dtype.startswith("f"))
    desk.window.canvas.choose("paint")
    desk.window.canvas.take_brush(Brush(size=20, hardness=1.0))
    desk.drag((80, 60))
    color = desk.window.canvas.color
    assert near(seen(desk, (80, 60)), (color.red(), color.green(), color.blue()))
    assert desk.art.layers[0].pixels.dtype == dtype


def test_nothing_is_undone_in_the_middle_of_a_stroke(desk: Desk) -> None:
    desk.open(meadow())
    canvas = desk.window.canvas
    canvas.choose("paint")
    desk.drag((40, 40), (60, 40))
    qtest.mousePress(canvas, LEFT, HELD.NoModifier, desk.screen((20, 80)))
    desk.choose("Undo")
    qtest.mouseMove(canvas, desk.screen((100, 80)))
    qtest.mouseRelease(canvas, LEFT, HELD.NoModifier, desk.screen((100, 80)))
    shapes = desk.art.layers[0]
    assert shapes.pixels[80, 60, 3]
    desk.choose("Undo")
    assert not shapes.pixels[80, 60, 3]
    assert shapes.pixels[40, 50, 3]


def test_the_keys_of_the_list_are_its_own(desk: Desk) -> None:
    desk.open(meadow())
    desk.choose("New layer")
    desk.choose("All")
    rows = desk.window.layers.list
    rows.setFocus()
    qtest.keyClick(rows, KEY.Key_Space)
    assert not desk.art.layers[0].visible
    qtest.keyClick(rows, KEY.Key_Delete)
    assert [one.name for one in desk.art.layers] == ["Wiese"]
    assert desk.art.layers[0].pixels[..., 3].all()


def test_a_selection_of_specks_is_shown_too(desk: Desk) -> None:
    desk.open(meadow(700, 900))
    noise = np.random.default_rng(0).integers(0, 2, (700, 900)).astype(np.uint8) * 255
    desk.art.select(noise)
    assert outline(noise).elementCount() <= 2 * MOST
    whole = outline(np.full((7, 9), 255, np.uint8))
    assert (whole.elementCount(), whole.boundingRect().getRect()) == (8, (0, 0, 9, 7))
    assert desk.window.canvas.grab().width() > 0


def test_a_huge_picture_can_be_worked_on(desk: Desk) -> None:
    side = 4096
    array = np.broadcast_to(np.arange(side, dtype=np.uint16).astype(np.uint8)[:, None, None], (side, side, 3)).copy()
    desk.open(array)
    canvas = desk.window.canvas
    canvas.choose("paint")
    canvas.take_brush(Brush(size=300))
    desk.drag((1000, 1000), (3000, 2000), (1000, 3000))
    assert desk.art.layers[0].pixels[1000, 1000, 3] == 255
    assert near(seen(desk, (1000, 1000)), (canvas.color.red(), canvas.color.green(), canvas.color.blue()))
    desk.choose("Undo")
    assert len(desk.art.layers) == 1
