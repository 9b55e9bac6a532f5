"""What the tests of the stand-alone window share: a real window over real files, its dialogs answered by the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PyQt6 import QtTest
from PyQt6.QtCore import QPoint, QSettings, Qt
from PyQt6.QtWidgets import QApplication, QWidget
from sinddm_ui.desktop.dialogs import Dialogs
from sinddm_ui.desktop.host import DesktopHost
from sinddm_ui.desktop.window import Window
from sinddm_ui.qt import QColor
from sinddm_ui.session import Session
from sinddm_ui.settings import Settings

from sinddm import files

qtest: Any = QtTest.QTest  # PyQt6's stubs take its functions for methods
LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier
Point = tuple[float, float]


class Answers(Dialogs):
    """Answers in the artist's place."""

    def __init__(self) -> None:
        self.opened: list[Path] = []
        self.saved: Path | None = None
        self.leave: Literal["save", "discard", "cancel"] = "cancel"
        self.asked: list[str] = []
        self.size: int | None = None

    def open(self, parent: QWidget, title: str, folder: str) -> list[Path]:
        self.asked.append(title)
        return self.opened

    def save(self, parent: QWidget, proposed: str) -> Path | None:
        self.asked.append(proposed)
        return self.saved

    def unsaved(self, parent: QWidget, name: str) -> Literal["save", "discard", "cancel"]:
        self.asked.append(name)
        return self.leave

    def percent(self, parent: QWidget) -> int | None:
        return self.size

    def color(self, parent: QWidget, color: QColor) -> QColor | None:
        return QColor(10, 200, 30)


class Desk:
    """A window and what a test does with it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._ended = False
        self.answers = Answers()
        self.settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        host = DesktopHost()
        self.session = Session(host, Settings(folder / "panel.json"))
        self.window = Window(host, self.session, QWidget(), self.settings, self.answers)
        self.window.resize(1100, 700)
        self.window.show()
        qtest.qWait(20)

    @property
    def art(self) -> Any:
        """The document that is open."""
        assert self.window.art is not None, self.window.message.words
        return self.window.art

    @property
    def said(self) -> str:
        """What the window says."""
        return self.window.message.words

    def open(self, array: np.ndarray, name: str = "Wiese.png", **about) -> Path:
        """Write a picture and open it."""
        path = self.folder / name
        files.write(path, files.Picture(array, **about))
        self.window.open_paths([path])
        return path

    def screen(self, point: Point) -> QPoint:
        """Where the middle of a pixel is on the screen."""
        there = self.window.canvas.view.seen(point[0] + 0.5, point[1] + 0.5)
        return QPoint(int(there.x()), int(there.y()))

    def drag(self, *points: Point, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = PLAIN) -> None:
        """Draw with the mouse from pixel to pixel."""
        canvas = self.window.canvas
        qtest.mousePress(canvas, button, held, self.screen(points[0]))
        for point in points[1:]:
            qtest.mouseMove(canvas, self.screen(point))
        qtest.mouseRelease(canvas, button, held, self.screen(points[-1]))

    def choose(self, *words: str) -> None:
        """Choose entries of the menus."""
        for one in words:
            action = self.window.menus.actions[one]
            assert action.isEnabled(), one
            action.trigger()

    def end(self) -> None:
        """Close it without a question."""
        if self._ended:
            return
        self._ended = True
        self.answers.leave = "discard"
        self.window.close()
        self.window.deleteLater()
        qtest.qWait(1)


@pytest.fixture
def make_desk(qt: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Desk]]:
    """Makes windows with folders of their own."""
    monkeypatch.setenv("SINDDM_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SINDDM_LIBRARY", str(tmp_path / "library"))
    made: list[Desk] = []

    def make() -> Desk:
        made.append(Desk(tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def desk(make_desk: Callable[[], Desk]) -> Desk:
    """A window on which nothing is open."""
    return make_desk()


def meadow(height: int = 120, width: int = 160, seed: int = 0, dtype: str = "uint8", channels: int = 3) -> np.ndarray:
    """A picture with something on it, opaque."""
    values = np.random.default_rng(seed).random((height, width, channels), np.float32)
    values += np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    values /= 2
    if channels in (2, 4):
        values[..., -1] = 1
    if np.dtype(dtype).kind == "f":
        return values.astype(dtype)
    return np.rint(values * np.iinfo(dtype).max).astype(dtype)


def seen(desk: Desk, point: tuple[float, float]) -> tuple[int, int, int]:
    """The colour on the screen in the middle of a pixel of the canvas."""
    canvas = desk.window.canvas
    color = canvas.grab().toImage().pixelColor(desk.screen(point) * canvas.devicePixelRatioF())
    return color.red(), color.green(), color.blue()


def near(one: tuple[int, ...], other: tuple[int, ...], by: int = 2) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= by
