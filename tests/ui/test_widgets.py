"""The parts of the panel, each as an artist uses it: the source, learning, the library, where a part is placed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import LEFT, button, click, grid, named, pick, qtest, shown, words
from hosts import Arrays, waves
from sinddm_plugin.client import Client
from sinddm_ui.host import Box
from sinddm_ui.notice import Notice
from sinddm_ui.panel import Panel
from sinddm_ui.panel.controls import _Map
from sinddm_ui.panel.look import Fold
from sinddm_ui.qt import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QSlider,
    QSpinBox,
    Qt,
    QToolButton,
    QWidget,
)
from sinddm_ui.session import Session
from sinddm_ui.tasks import BY_KEY, TASKS, Source
from waiting import until

KEY = Qt.Key


def picture(panel: Panel) -> bytes:
    """The thumbnail of what is learned from."""
    image = panel._source._picture.pixmap().toImage()
    return image.bits().asstring(image.sizeInBytes())


@pytest.fixture
def shelf(panel: Panel, session: Session) -> Iterator[QListWidget]:
    """The library's list, with one texture in it, which is chosen."""
    work = session.learn("Meadow", 1, Source())
    assert work
    until(lambda: not work.active and bool(session.textures.all))
    assert work.state == "done", work.error
    click(panel, "Library")
    found = named(panel, QListWidget, "Library")
    found.setCurrentRow(0)
    yield found
    client = Client.connect()
    for one in client.textures():
        client.delete_texture(one.name)


def names(session: Session) -> list[str]:
    return sorted(one.name for one in session.textures.all)


def rename(shelf: QListWidget, name: str) -> None:
    """By F2, as in every list."""
    shelf.setFocus()
    qtest.keyClick(shelf, KEY.Key_F2)
    (editor,) = shelf.findChildren(QLineEdit)
    editor.setText(name)
    qtest.keyClick(editor, KEY.Key_Return)


def choose_file(panel: Panel, path: Path) -> None:
    """Answer the dialog that is open."""
    (dialog,) = panel.findChildren(QFileDialog)
    assert not dialog.isModal(), "the artist can paint on"
    dialog.selectFile(str(path))
    dialog.fileSelected.emit(str(path))
    dialog.close()
    until(lambda: not panel.findChildren(QFileDialog))


def test_a_texture_of_the_library_is_used_and_renamed(panel: Panel, session: Session, shelf: QListWidget):
    before = picture(panel)
    click(panel, "Use")
    assert session.source == Source("texture", "Meadow")
    assert named(panel, QComboBox, "Learn from").currentText() == "Texture: Meadow"
    assert re.search(r"Learned for \d+ s", words(panel)), words(panel)
    assert picture(panel) != before
    rename(shelf, "Wiese")
    until(lambda: names(session) == ["Wiese"])
    assert [one.text() for one in shelf.findItems("", Qt.MatchFlag.MatchContains)] == ["Wiese"]


def test_a_name_that_is_taken_is_refused_and_the_list_shows_the_old_one(
    panel: Panel, session: Session, shelf: QListWidget
):
    work = session.learn("Sand", 1, Source())
    assert work
    until(lambda: names(session) == ["Meadow", "Sand"])
    shelf.setCurrentItem(shelf.findItems("Sand", Qt.MatchFlag.MatchExactly)[0])
    rename(shelf, "Meadow")
    until(lambda: session.notice is not None)
    assert "Meadow" in words(panel)
    assert sorted(one.text() for one in shelf.findItems("", Qt.MatchFlag.MatchContains)) == ["Meadow", "Sand"]


def test_a_texture_is_given_away_and_taken_in_under_a_free_name(
    panel: Panel, session: Session, shelf: QListWidget, tmp_path: Path
):
    path = tmp_path / "Meadow.safetensors"
    click(panel, "Export...")
    choose_file(panel, path)
    until(path.exists)
    click(panel, "Import...")
    choose_file(panel, path)
    until(lambda: names(session) == ["Meadow", "Meadow 2"])


def test_a_file_that_is_no_texture_is_told(panel: Panel, session: Session, shelf: QListWidget, tmp_path: Path):
    path = tmp_path / "letter.safetensors"
    path.write_bytes(b"Dear Sir or Madam" * 9)
    click(panel, "Import...")
    choose_file(panel, path)
    until(lambda: session.notice is not None)
    assert session.notice
    assert session.notice.error
    assert names(session) == ["Meadow"]


def test_a_texture_is_removed_only_when_it_is_meant(panel: Panel, session: Session, shelf: QListWidget):
    click(panel, "Use")
    click(panel, "Remove")
    assert "Remove Meadow from the library? It cannot be brought back." in words(panel)
    click(panel, "Leave it")
    assert names(session) == ["Meadow"]
    click(panel, "Remove")
    click(panel, "Remove it")
    until(lambda: not session.textures.all)
    assert session.source == Source()
    assert "Nothing is learned yet" in words(panel)


def test_the_source_is_chosen_from_the_list_and_its_picture_follows(panel: Panel, session: Session, host: Arrays):
    host.add("sand", "Sand", waves(9))
    seen = [picture(panel)]
    pick(panel, "Learn from", "Layer: Meadow")
    assert session.source == Source("layer", "meadow")
    seen.append(picture(panel))
    assert seen[0] != seen[1]
    host.selected = ("sand", "meadow")
    host.tell()
    pick(panel, "Learn from", "The 2 selected layers")
    assert session.source == Source("selected")
    pick(panel, "Learn from", "This layer: Sand")
    assert picture(panel) == seen[0]
    host.active = "meadow"
    host.tell()
    assert picture(panel) == seen[1]


def test_the_list_of_sources_is_as_wide_as_a_narrow_dock(panel: Panel):
    panel.resize(280, 800)
    qtest.qWait(20)
    assert named(panel, QComboBox, "Learn from").width() >= 260


def test_learning_is_begun_in_the_form_seen_paused_and_kept(panel: Panel, session: Session):
    click(panel, "Learn...")
    assert named(panel, QLineEdit, "Name of the texture").text() == "Meadow"
    assert not [one for one in shown(panel, QSpinBox) if one.accessibleName() == "Seconds"]
    pick(panel, "How long", "As long as I say")
    named(panel, QComboBox, "How long").activated.emit(named(panel, QComboBox, "How long").currentIndex())
    named(panel, QSpinBox, "Seconds").setValue(600)
    named(panel, QLineEdit, "Name of the texture").setText("Grass")
    click(panel, "Start learning")
    assert not [one for one in shown(panel, QLineEdit) if one.accessibleName() == "Name of the texture"]
    assert session.learn_seconds == 600
    (work,) = session.works
    until(lambda: work.preview is not None and work.state == "running")
    click(panel, "Pause")
    until(lambda: "Paused" in words(panel))
    click(panel, "Go on")
    until(lambda: work.state == "running" and work.job is not None and work.job.fraction > 0)
    click(panel, "Stop and keep")
    until(lambda: names(session) == ["Grass"])
    assert session.source == Source("texture", "Grass")
    session.textures.delete("Grass")
    until(lambda: not session.textures.all)


def test_learning_that_is_cancelled_leaves_nothing(panel: Panel, session: Session):
    click(panel, "Learn...")
    click(panel, "Start learning")
    (work,) = session.works
    until(lambda: work.state == "running")
    click(panel, "Cancel")
    assert not shown(panel, QProgressBar)
    until(lambda: work.job is not None and work.job.over)
    assert not session.textures.all
    assert session.source == Source()


def test_learning_from_a_menu_leaves_the_panel_as_it_is(panel: Panel, session: Session, host: Arrays):
    host.add("sand", "Sand", waves(9))
    pick(panel, "Learn from", "Layer: Meadow")
    session.choose_seconds(1)
    work = session.quick("learn")
    assert work
    until(lambda: not work.active and names(session) == ["Sand"])
    assert session.source == Source("layer", "meadow")
    session.textures.delete("Sand")
    until(lambda: not session.textures.all)


def test_where_a_part_is_placed_is_chosen_by_mouse_and_by_keys(panel: Panel, session: Session, host: Arrays):
    host.selection = Box(40, 30, 24, 18)
    host.tell()
    panel.choose_task(list(BY_KEY).index("place"))
    qtest.qWait(20)
    (there,) = shown(panel, _Map)
    task = BY_KEY["place"]
    frame = there._frame()
    qtest.mouseClick(there, LEFT, pos=(frame.topLeft() + (frame.bottomRight() - frame.topLeft()) * 0.25).toPoint())
    assert session.values(task)["target"]["x"] == pytest.approx(0.25, abs=0.02)
    assert session.values(task)["target"]["y"] == pytest.approx(0.25, abs=0.02)
    before = session.values(task)["target"]
    there.setFocus()
    qtest.keyClick(there, KEY.Key_Right)
    qtest.keyClick(there, KEY.Key_Up)
    after = session.values(task)["target"]
    assert after["x"] == pytest.approx(before["x"] + 0.05)
    assert after["y"] == pytest.approx(before["y"] - 0.05)
    for _ in range(30):
        qtest.keyClick(there, KEY.Key_Down)
    assert session.values(task)["target"]["y"] == 1
    assert (there.part.width, there.part.height) == (24, 18)


def test_tasks_are_chosen_by_the_arrow_keys(panel: Panel):
    first = panel.findChild(QToolButton, f"task_{TASKS[0].key}")
    assert first
    panel.activateWindow()
    qtest.qWaitForWindowActive(panel)
    first.setFocus()
    qtest.keyClick(first, KEY.Key_Right)
    second = panel.findChild(QToolButton, f"task_{TASKS[1].key}")
    assert second
    assert second.isChecked()
    assert button(panel, "Make 2 tiles")


CONTROLS = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QProgressBar, QSlider, QSpinBox, _Map)


def nameless(panel: Panel) -> list[str]:
    """The controls that say nothing to who cannot see them, or nothing about themselves."""
    inner = QSpinBox | QComboBox  # their parts are spoken of as one
    return [
        f"{type(one).__name__} {one.accessibleName()!r} {one.toolTip()!r}"
        for one in panel.findChildren(QWidget)
        if isinstance(one, CONTROLS) and one.isVisibleTo(panel) and not one.objectName().startswith("qt_")
        if not isinstance(one.parent(), inner) and not type(one.parent()).__name__.startswith("QComboBox")
        if not (one.accessibleName() and one.toolTip())
    ]


def test_every_control_has_a_name_and_a_tooltip_in_every_state(panel: Panel, session: Session, shelf: QListWidget):
    for at in range(len(TASKS)):
        panel.choose_task(at)
        for fold in (one for one in shown(panel, Fold) if one.text() == "More"):
            fold.setChecked(True)
        assert not nameless(panel)
    panel.choose_task(0)
    click(panel, "Remove")
    click(panel, "Learn...")
    session.say(Notice("It broke: run it again.", details="ValueError", button="Run again"))
    assert not nameless(panel)
    assert session.learn("Sand", 600)
    (learning,) = [one for one in session.works if one.active]
    until(lambda: learning.state == "running")
    assert not nameless(panel)
    click(panel, "Pause")
    until(lambda: learning.state == "paused")
    assert not nameless(panel)
    click(panel, "Cancel")
    click(panel, "Make 2 variations")
    until(lambda: len(session.results) == 2)
    grid(panel).setCurrentRow(0)
    assert not nameless(panel)
    assert "Meadow" in "".join(one.text() for one in shown(panel, QLabel))
