"""The stand-alone window with the real backend: from a picture to a saved file with its results."""

# ruff: noqa: F811 - fixtures have the names of what they are imported as

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from desktop_fixtures import Desk, desk, make_desk, qtest  # noqa: F401 - fixtures
from PyQt6.QtWidgets import QMenu
from sinddm_plugin.client import Client, ClientError
from sinddm_ui.desktop import files
from sinddm_ui.desktop.brush import Brush
from sinddm_ui.tasks import BY_KEY
from skimage import data

PATIENCE = 150.0  # seconds for anything to happen, on a busy machine


def until(holds: Callable[[], Any], desk: Desk) -> Any:
    """Let the window live until something holds."""
    end = time.monotonic() + PATIENCE
    while not (found := holds()):
        notice = desk.session.notice
        assert not (notice and notice.error), notice.words + notice.details
        assert time.monotonic() < end, [one.job for one in desk.session.works]
        qtest.qWait(20)
    return found


@pytest.fixture
def working(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A window with a backend of its own, which ends with it."""
    yield desk
    desk.end()
    with suppress(ClientError):  # none was started
        Client.connect(start=False).stop()


def drafts(desk: Desk, task: str, count: int) -> None:
    """Choose quick work."""
    desk.session.choose(BY_KEY[task], "count", count)
    desk.session.choose(BY_KEY[task], "quality", "draft")
    desk.session.choose(BY_KEY[task], "seed", {"value": 7, "locked": True})


def picture(array: np.ndarray) -> np.ndarray:
    """Small enough to be quick."""
    return np.ascontiguousarray(array[100:228, 100:260])


def test_from_a_picture_to_a_saved_file_with_results(working: Desk) -> None:
    array = picture(data.coffee())
    working.open(array, "Kaffee.png")
    drafts(working, "generate", 2)
    work = working.session.make(BY_KEY["generate"])
    assert work, working.session.notice
    assert until(lambda: work.state == "done" and len(working.session.results) == 2, working)
    second = list(working.session.results)[1]
    assert len(working.art.layers) == 1
    working.session.preview(second)
    assert working.window.canvas.preview is not None or second.thumbnail is None
    working.session.apply(second)
    until(lambda: len(working.art.layers) == 2, working)
    assert working.window.canvas.preview is None
    made = working.art.layers[0]
    assert made.name == "Kaffee - variation (seed 8)"
    assert made.pixels.shape == (128, 160, 4)
    assert np.array_equal(working.art.layers[1].pixels[..., :3], array)
    assert not np.array_equal(made.pixels[..., :3], array)
    pixels = made.pixels.copy()
    working.choose("Undo")
    assert len(working.art.layers) == 1
    working.choose("Redo")
    assert np.array_equal(working.art.layers[0].pixels, pixels)
    working.answers.saved = working.folder / "Kaffee.ora"
    working.choose("Save")
    assert not working.art.changed
    again = files.open_document(working.answers.saved)
    assert [one.name for one in again.layers] == ["Kaffee - variation (seed 8)", "Kaffee"]
    assert np.array_equal(again.layers[0].pixels, pixels)

    # from the layer's menu a set goes in at once, as one step
    working.art.activate(working.art.layers[1].id)
    rows: Any = working.window.layers.list
    rows.open_menu(rows.visualItemRect(rows.item(1)).center())
    menu = rows.findChild(QMenu)
    next(one for one in menu.actions() if one.text() == "Variations").trigger()
    menu.close()
    until(lambda: len(working.art.layers) == 4, working)
    assert [one.visible for one in working.art.layers] == [True, True, False, True]
    assert len({one.group for one in working.art.layers if one.group}) == 1
    same = next(one for one in working.art.layers if one.group and "seed 8" in one.name)
    assert np.array_equal(same.pixels, pixels)
    working.choose("Undo")
    assert len(working.art.layers) == 2


def test_shapes_are_painted_a_hole_is_filled_and_an_object_harmonized(working: Desk) -> None:
    array = picture(data.coffee())
    working.open(array, "Kaffee.png")
    canvas = working.window.canvas

    canvas.choose("rectangle")
    working.drag((60, 40), (90, 70))
    box = working.art.selected
    drafts(working, "fill", 1)
    assert working.session.quick("fill"), working.session.notice
    until(lambda: len(working.art.layers) == 2, working)
    seen = working.art.seen(working.art.canvas)[..., :3]
    outside = np.ones(array.shape[:2], bool)
    outside[box.y : box.y + box.height, box.x : box.x + box.width] = False
    assert np.array_equal(seen[outside], array[outside])
    assert not np.array_equal(seen[~outside], array[~outside])
    working.choose("Undo")
    working.choose("Nothing")

    canvas.choose("paint")
    canvas.take_brush(Brush(size=40))
    working.drag((20, 20), (140, 100))
    shapes = working.art.layers[0]
    drafts(working, "harmonize", 1)
    assert working.session.quick("harmonize"), working.session.notice
    until(lambda: len(working.art.layers) == 3, working)
    result = working.art.layers[0]
    assert result.name.startswith("Shapes - harmonized")
    seen = working.art.seen(working.art.canvas)
    far = np.ones(array.shape[:2], bool)
    far[shapes.pixels[..., 3] > 0] = False
    far[:, 10:150] = False
    assert np.array_equal(seen[far][..., :3], array[far])
