"""Each task from its own button to a new layer, with real pixels."""

import numpy as np
import pytest
from driving import click, grid, pick, qtest, shown, words
from hosts import Arrays, waves
from sinddm_plugin.client import Picture
from sinddm_ui.host import Box
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QPushButton, Qt, QToolButton
from sinddm_ui.session import Session
from waiting import until

DISC = (np.hypot(*(np.mgrid[:30, :40] - np.array([15, 20])[:, None, None])) < 13).astype(np.uint8)


def array(picture: Picture) -> np.ndarray:
    """Its pixels: blue, green, red, alpha."""
    return np.frombuffer(bytes(picture.data), np.uint8).reshape(picture.height, picture.width, 4)


def make(panel: Panel, session: Session, host: Arrays, key: str) -> tuple[np.ndarray, int, int]:
    """Press the task's buttons and add the first result by its own; its pixels and its corner."""
    task = panel.findChild(QToolButton, f"task_{key}")
    assert task
    task.click()
    if key in ("paint", "style"):
        pick(panel, "Learn from", "Layer: Meadow")
    (start,) = [one for one in shown(panel, QPushButton) if one.isEnabled()]
    start.click()
    assert session.works, words(panel)
    work = session.works[-1]
    until(lambda: not work.active and all(one.thumbnail for one in session.results))
    assert work.state == "done", work.error
    grid(panel).setFocus()
    grid(panel).setCurrentRow(0)
    click(panel, "Add as layer")
    until(lambda: host.inserted)
    (layer,) = host.inserted[0].layers
    return array(layer.picture), layer.x, layer.y


@pytest.fixture
def apple(host: Arrays) -> np.ndarray:
    """A round red thing on a layer of its own."""
    pixels = np.dstack([*(DISC * value for value in (30, 30, 200)), DISC * 255])
    host.add("apple", "Apple", pixels, 30, 20)
    return pixels


def test_harmonize_changes_the_look_and_keeps_the_place(panel: Panel, session: Session, host: Arrays, apple):
    made, x, y = make(panel, session, host, "harmonize")
    canvas = np.zeros((90, 120, 4), np.uint8)
    canvas[y : y + made.shape[0], x : x + made.shape[1]] = made
    inside, core = canvas[20:50, 30:70], DISC.astype(bool)
    assert (inside[core][:, 3] > 200).mean() > 0.9
    assert not np.array_equal(inside[core][:, :3], apple[core][:, :3])
    assert not canvas[:10].any(), "nothing far from the object is covered"


@pytest.mark.parametrize("key", ["paint", "style"])
def test_rough_shapes_get_the_look_of_another_layer(panel: Panel, session: Session, host: Arrays, apple, key):
    made, x, y = make(panel, session, host, key)
    assert (made.shape, x, y) == ((30, 40, 4), 30, 20)
    core = DISC.astype(bool)
    assert made[core][:, 3].min() > 0
    flat, lively = apple[core][:, :3].std(axis=0).sum(), made[core][:, :3].std(axis=0).sum()
    assert lively > flat + 3, "a flat disc has become a texture"


def test_expand_keeps_what_was_there(panel: Panel, session: Session, host: Arrays):
    made, x, y = make(panel, session, host, "expand")
    assert (x, y) == (-128, -128)
    kept = made[128:218, 128:248]
    assert np.array_equal(kept[8:-8, 8:-8], waves()[8:-8, 8:-8]), "but for a soft rim"
    assert (made[..., 3] == 255).all()


def test_place_makes_a_picture_with_the_part_in_it(panel: Panel, session: Session, host: Arrays):
    pixels = waves()
    pixels[30:48, 40:64, :3] = (20, 20, 240)
    host.layers["meadow"] = ("Meadow", pixels, 0, 0)
    host.selection = Box(40, 30, 24, 18)
    host.tell()
    made, x, y = make(panel, session, host, "place")
    assert (made.shape, x, y) == ((90, 120, 4), 0, 0)
    red = made[..., 2].astype(int) - made[..., 0]
    assert red[40:50, 54:66].mean() > red[:15].mean() + 40


def test_results_are_walked_added_and_thrown_away_by_keys(panel: Panel, session: Session, host: Arrays):
    click(panel, "Make 2 variations")
    until(lambda: len(session.results) == 2 and all(one.thumbnail for one in session.results))
    view = grid(panel)
    view.setFocus()
    view.setCurrentRow(0)
    qtest.keyClick(view, Qt.Key.Key_Right)
    qtest.keyClick(view, Qt.Key.Key_Left)
    qtest.keyClick(view, Qt.Key.Key_Enter)
    first, second = session.results
    until(lambda: first.applied)
    assert not second.applied
    qtest.keyClick(view, Qt.Key.Key_Space)
    assert host.shown is not None
    qtest.keyClick(view, Qt.Key.Key_Delete)
    assert list(session.results) == [second]
    assert host.shown is None
