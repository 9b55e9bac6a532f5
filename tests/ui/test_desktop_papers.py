"""The stand-alone window and its files: dropped, opened, saved, and asked for before it closes."""

# ruff: noqa: F811 - fixtures have the names of what they are imported as

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desktop_fixtures import LEFT, Desk, desk, make_desk, meadow, qtest  # noqa: F401 - fixtures
from PIL import Image
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication
from sinddm_ui.desktop import files
from test_desktop_files import broken_files

from sinddm import files as pictures

KEY, HELD, BUTTON = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton


def drop(desk: Desk, *paths: Path) -> None:
    """Drop files on the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    actions, where = Qt.DropAction.CopyAction, QPoint(300, 300)
    enter = QDragEnterEvent(where, actions, data, LEFT, HELD.NoModifier)
    QApplication.sendEvent(desk.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(desk.window, QDropEvent(QPointF(where), actions, data, LEFT, HELD.NoModifier))


def test_files_are_dropped(desk: Desk) -> None:
    first, second = desk.folder / "ein Bild.png", desk.folder / "zwei.jpg"
    pictures.write(first, pictures.Picture(meadow()))
    Image.fromarray(meadow(20, 30, 1)).save(second)
    drop(desk, first)
    assert desk.art.path == first
    drop(desk, second, desk.folder / "nothing.png")
    assert [one.name for one in desk.art.layers] == ["zwei", "ein Bild"]
    assert "nothing.png does not exist" in desk.said
    assert desk.window.papers.recent == [str(first)]


def test_further_pictures_become_layers(desk: Desk) -> None:
    for i in range(3):
        pictures.write(desk.folder / f"{i}.png", pictures.Picture(meadow(seed=i)))
    desk.window.open_paths([desk.folder / f"{i}.png" for i in range(3)])
    assert [one.name for one in desk.art.layers] == ["2", "1", "0"]
    assert desk.art.name == "0.png"


def test_files_that_cannot_be_opened_lose_nothing(desk: Desk) -> None:
    desk.open(meadow())
    desk.choose("New layer")
    before = desk.art
    desk.answers.leave = "discard"
    for path in broken_files(desk.folder):
        desk.window.message.clear()
        desk.window.open_paths([path])
        assert path.name in desk.said
        assert desk.art is before
        drop(desk, path)
        assert desk.art is before
        assert len(before.layers) == 2


def test_saving(desk: Desk) -> None:
    array = meadow(dtype="uint16")
    path = desk.open(array)
    assert not desk.window.isWindowModified()
    desk.choose("New layer")
    assert desk.window.isWindowModified()
    desk.answers.saved = desk.folder / "Wiese 画.ora"
    desk.choose("Save")  # a PNG cannot hold the layers: a name is asked for
    assert desk.answers.asked == [str(path.with_suffix(".ora"))]
    assert not desk.window.isWindowModified()
    assert desk.art.path == desk.answers.saved
    desk.choose("All")
    desk.choose("Save")
    assert len(desk.answers.asked) == 1
    assert not desk.art.changed
    assert len(files.open_document(desk.art.path).layers) == 2
    desk.window.layers.list.rename()
    desk.art.rename(desk.art.active, "Sky")
    desk.answers.saved = desk.folder / "flat.png"
    desk.choose("Save as")
    assert "layers are kept only in an OpenRaster file" in desk.said
    assert desk.art.changed
    assert np.array_equal(pictures.read(desk.folder / "flat.png").array, array)
    desk.answers.saved = desk.folder / "no such folder" / "x.ora"
    desk.choose("Save as")
    assert "could not be written" in desk.said
    assert desk.art.changed
    assert np.array_equal(pictures.read(path).array, array)


def test_a_window_with_unsaved_work_asks_before_it_closes(desk: Desk) -> None:
    desk.open(meadow())
    desk.choose("New layer")
    desk.window.close()
    assert desk.window.isVisible()
    desk.answers.leave = "save"
    desk.answers.saved = None
    desk.window.close()
    assert desk.window.isVisible()
    desk.answers.saved = desk.folder / "saved.ora"
    desk.window.close()
    assert not desk.window.isVisible()
    assert len(files.open_document(desk.folder / "saved.ora").layers) == 2


def test_the_window_is_as_it_was(make_desk: Callable[[], Desk]) -> None:
    first = make_desk()
    first.window.docks[0].hide()
    path = first.open(meadow())
    first.window.close()
    second = make_desk()
    assert second.window.docks[0].isHidden()
    assert second.window.papers.recent == [str(path)]
    second.window.open_recent(str(path))
    assert second.art.path == path


def test_long_names_break_rather_than_widen_the_window(desk: Desk) -> None:
    width = desk.window.width()
    path = desk.folder / ("ein sehr langer Name " * 9 + "x" * 60 + ".png")
    pictures.write(path, pictures.Picture(meadow()))
    desk.window.open_paths([path])
    assert desk.art.layers[0].name == path.stem
    desk.window.message.say(f"{path} cannot be read.")
    qtest.qWait(10)
    assert desk.window.width() == width


def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **variables}
    line = [sys.executable, "-m", "sinddm.cli", "app", *arguments]
    return subprocess.run(line, capture_output=True, text=True, env=env, check=False, timeout=60)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_the_command_says_so() -> None:
    for variables in ({}, {"DISPLAY": ":4711"}, {"QT_QPA_PLATFORM": "nonsense"}):
        done = command(**variables)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert "desktop session" in done.stderr


def test_without_pyqt_the_command_says_so() -> None:
    hide = "import sys; sys.modules['PyQt6'] = None; import importlib.util as u; f = u.find_spec\n"
    hide += "u.find_spec = lambda name, *a: None if name == 'PyQt6' else f(name, *a)\n"
    hide += "from sinddm.cli import main; sys.exit(main(['app']))"
    done = subprocess.run([sys.executable, "-c", hide], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "The window needs PyQt6, which is not here: install it with pip install PyQt6.\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no such names")
def test_names_in_no_encoding_work(desk: Desk) -> None:
    path = Path(os.fsdecode(os.fsencode(desk.folder) + b"/W\xff\xe4ld.png"))
    pictures.write(path, pictures.Picture(meadow()))
    desk.window.open_paths([path])
    assert desk.art.path == path
    assert desk.window.layers.list.count() == 1
    desk.choose("New layer")
    desk.answers.saved = path.with_suffix(".ora")
    desk.choose("Save")
    assert not desk.art.changed, desk.said
    assert len(files.open_document(path.with_suffix(".ora")).layers) == 2
    desk.window.open_paths([path.with_name(path.name + ".gone.png")])
    assert "does not exist" in desk.said
