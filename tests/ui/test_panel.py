"""The panel as the artist sees and uses it, with real mouse and key events."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from driving import LEFT, button, click, grid, qtest, shown, words
from hosts import Arrays
from sinddm_ui.host import Box
from sinddm_ui.notice import Notice
from sinddm_ui.panel import Panel
from sinddm_ui.qt import (
    QAbstractButton,
    QComboBox,
    QListWidget,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    Qt,
    QToolButton,
    QWidget,
)
from sinddm_ui.session import Session
from waiting import until


def test_in_a_low_dock_what_was_started_comes_into_sight(panel: Panel, session: Session):
    panel.resize(340, 480)
    until(lambda: panel.height() == 480)
    assert not grid(panel).isVisible()
    click(panel, "Make 2 variations")
    until(lambda: grid(panel).isVisible() and not grid(panel).visibleRegion().isEmpty())
    until(lambda: len(session.results) == 2)
    assert grid(panel).visibleRegion().boundingRect().height() > 60
    session.quick("tile")  # what a menu starts leaves the panel where it is
    scroll = panel.findChild(QScrollArea)
    assert scroll
    bar = scroll.verticalScrollBar()
    assert bar
    bar.setValue(0)
    until(lambda: not any(one.active for one in session.works))
    assert bar.value() == 0


def test_two_clicks_lead_from_a_picture_to_a_new_layer(panel: Panel, session: Session, host: Arrays):
    click(panel, "Make 2 variations")
    until(lambda: len(session.results) == 2 and all(one.thumbnail for one in session.results))
    assert "Results   2" in words(panel)
    item = grid(panel).item(0)
    qtest.mouseClick(grid(panel).viewport(), LEFT, pos=grid(panel).visualItemRect(item).center())
    click(panel, "Add as layer")
    until(lambda: host.inserted)
    assert host.inserted[0].above == "meadow"


def test_hovering_shows_a_result_on_the_canvas_and_leaving_hides_it(panel: Panel, session: Session, host: Arrays):
    click(panel, "Make 2 variations")
    until(lambda: len(session.results) == 2 and all(one.thumbnail for one in session.results))
    view: Any = grid(panel).viewport()
    qtest.mouseMove(view, grid(panel).visualItemRect(grid(panel).item(1)).center())
    until(lambda: host.shown is not None, 5)
    qtest.mouseMove(view, view.rect().bottomRight())
    until(lambda: host.shown is None, 5)


def test_results_are_used_by_keyboard_alone(panel: Panel, session: Session, host: Arrays):
    click(panel, "Make 2 variations")
    until(lambda: len(session.results) == 2 and all(one.thumbnail for one in session.results))
    view = grid(panel)
    view.setFocus()
    view.setCurrentRow(0)
    qtest.keyClick(view, Qt.Key.Key_Right)
    qtest.keyClick(view, Qt.Key.Key_Return)
    until(lambda: host.inserted)
    assert session.results.all[1].applied
    qtest.keyClick(view, Qt.Key.Key_Delete)
    assert len(session.results) == 1


def test_a_job_shows_how_far_it_is_and_can_be_cancelled(panel: Panel, session: Session):
    session.choose(session_task(session), "count", 16)
    session.choose(session_task(session), "quality", "best")
    panel.choose_task(0)
    click(panel, "Make 16 variations")
    until(lambda: any(bar.value() > 0 for bar in shown(panel, QProgressBar)))
    assert "of 16" in words(panel)
    click(panel, "Cancel")
    assert not shown(panel, QProgressBar)


def session_task(session: Session) -> Any:
    from sinddm_ui.tasks import VARIATIONS

    return VARIATIONS


@pytest.mark.parametrize(
    ("at", "sentence"),
    [(2, "Nothing is selected"), (4, "Choose above what it is to look like"), (7, "Nothing is selected")],
)
def test_a_task_that_lacks_something_says_so_and_cannot_be_started(panel: Panel, at, sentence):
    panel.choose_task(at)
    assert sentence in words(panel)
    start = next(one for one in shown(panel, QPushButton))
    assert not start.isEnabled()


def test_a_selection_makes_fill_ready(panel: Panel, host: Arrays):
    panel.choose_task(2)
    host.selection = Box(10, 10, 20, 20)
    host.tell()
    assert button(panel, "Fill it in 2 ways").isEnabled()


def test_what_does_not_apply_is_not_there(panel: Panel, session: Session):
    panel.choose_task(3)
    names = [one.accessibleName() for one in shown(panel, QSpinBox)]
    assert {"Left", "Right", "Top", "Bottom"} <= set(names)
    far = next(one for one in shown(panel, QComboBox) if one.accessibleName() == "How far")
    far.setCurrentIndex(1)
    far.activated.emit(1)
    assert not {"Left", "Right"} & {one.accessibleName() for one in shown(panel, QSpinBox)}


def test_without_a_picture_it_says_what_to_do(panel: Panel, host: Arrays):
    host.open = False
    host.tell()
    assert "Open a picture first" in words(panel)


def test_an_error_says_what_to_do_next_with_details_for_who_wants_them(panel: Panel, session: Session):
    helped = []
    session.say(
        Notice("It broke: run it again.", details="ValueError", button="Run again", help=lambda: helped.append(1))
    )
    assert "It broke: run it again." in words(panel)
    assert "ValueError" not in words(panel)
    click(panel, "Details")
    assert "ValueError" in words(panel)
    click(panel, "Run again")
    assert helped == [1]
    assert "It broke" not in words(panel)


def test_learning_is_paused_and_stopped_keeping_what_was_learned(panel: Panel, session: Session):
    click(panel, "Learn...")
    session.choose_seconds(600)
    assert session.learn("Meadow", 600)
    until(lambda: any(one.text() == "Pause" for one in shown(panel, QToolButton)))
    until(lambda: session.works[-1].job is not None and session.works[-1].job.fraction > 0)
    click(panel, "Pause")
    until(lambda: any(one.text() == "Go on" for one in shown(panel, QToolButton)))
    click(panel, "Go on")
    until(lambda: any(one.text() == "Stop and keep" for one in shown(panel, QToolButton)))
    until(lambda: session.works[-1].state == "running")
    click(panel, "Stop and keep")
    until(lambda: any(one.name == "Meadow" for one in session.textures.all))


def test_every_control_has_a_name_and_a_tooltip(panel: Panel):
    nameless = []
    for at in range(8):
        panel.choose_task(at)
        for kind in (QAbstractButton, QComboBox, QSlider, QSpinBox, QListWidget):
            for one in shown(panel, kind):
                if one.objectName().startswith("qt_") or isinstance(one.parent(), QSpinBox | QComboBox):
                    continue
                if not (one.accessibleName() and one.toolTip()):
                    nameless.append((at, type(one).__name__, one.accessibleName(), one.toolTip()))
    assert not nameless


@pytest.mark.parametrize("width", [280, 340, 900])
def test_it_fits_its_width(panel: Panel, width):
    panel.resize(width, 800)
    for at in range(8):
        panel.choose_task(at)
        qtest.qWait(20)
        assert panel.width() == width
        for one in shown(panel, QWidget):
            if isinstance(one, QAbstractButton | QSlider | QComboBox | QSpinBox):
                right = one.mapTo(panel, one.rect().topRight()).x()
                assert right <= width, f"{one.accessibleName()} ends at {right}"


def test_it_is_built_and_driven_under_pyqt5_as_in_krita_5(tmp_path):
    python = Path("/usr/bin/python3")
    there = python.exists() and subprocess.run([python, "-c", "import PyQt5"], capture_output=True, check=False)
    if not there or there.returncode:
        assert not os.environ.get("CI"), "PyQt5 is missing: apt-get install python3-pyqt5"
        pytest.skip("PyQt5 is missing: apt-get install python3-pyqt5")
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root / ".pyright"), "QT_QPA_PLATFORM": "offscreen"}
    environment |= {"SINDDM_STATE": str(tmp_path / "state"), "SINDDM_LIBRARY": str(tmp_path / "library")}
    environment["SINDDM_BACKEND"] = f"{Path(sys.executable).parent / 'sinddm'}"
    script = Path(__file__).with_name("under_pyqt5.py")
    done = subprocess.run([python, script], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["5", "2", "Meadow"], done.stderr
