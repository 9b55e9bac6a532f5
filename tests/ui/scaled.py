"""The panel on a screen of a certain scale, as narrow as a dock is: `QT_SCALE_FACTOR=1.5 python tests/ui/scaled.py
FOLDER`. Prints what cannot be read or reached in any of its states, one a line; leaves pictures in the folder."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from hosts import Arrays, waves
from sinddm_ui.host import Box
from sinddm_ui.notice import Notice
from sinddm_ui.panel import Panel
from sinddm_ui.panel.look import ICON, Fold
from sinddm_ui.qt import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QListWidget,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)
from sinddm_ui.session import Session
from sinddm_ui.settings import Settings
from sinddm_ui.tasks import BY_KEY, TASKS
from waiting import until

WIDTH, HEIGHT = 280, 900
LARGE = 1.6  # of the usual letters
SENTENCE = "The layer Meadow is empty: choose one with something on it."


class Dock:
    """A narrow panel with a real backend behind it, and letters of a certain size."""

    def __init__(self, application: QApplication, folder: Path, settings: Path, letters: float):
        self.application, self.folder = application, folder
        font = application.font()
        font.setPointSizeF(font.pointSizeF() * letters)
        application.setFont(font)
        self.large = letters > 1
        self.host = Arrays()
        self.host.add("meadow", "Meadow", waves())
        self.session = Session(self.host, Settings(settings))
        for task in TASKS:
            self.session.choose(task, "quality", "draft")
        self.panel = Panel(self.session)
        self.panel.resize(WIDTH, HEIGHT)
        self.panel.show()

    def states(self) -> Iterator[str]:
        """Brings it into one state after another."""
        session, panel = self.session, self.panel
        self.host.selection = Box(20, 20, 40, 30)
        self.host.tell()
        for at, task in enumerate(TASKS):
            if "size" in session.values(task):
                session.choose(task, "size", {"as": "custom", "width": 1024, "height": 1024})
            panel.choose_task(at)
            yield task.key
            for fold in (one for one in panel.findChildren(Fold) if one.text() == "More" and one.isVisible()):
                fold.setChecked(True)
            yield f"{task.key}-more"
        panel.choose_task(0)
        learn = next(one for one in panel.findChildren(QToolButton) if one.text() == "Learn...")
        learn.click()
        yield "learn"
        learn.click()
        if self.large:  # what is cut off in small letters is so in large ones
            yield from self._learning()
        session.choose(BY_KEY["tile"], "size", {"as": "layer", "width": 64, "height": 64})
        session.choose(BY_KEY["tile"], "count", 2)
        work = session.make(BY_KEY["tile"])
        assert work
        until(lambda: not work.active and all(one.thumbnail for one in session.results))
        grid = next(one for one in panel.findChildren(QListWidget) if one.accessibleName() == "Results")
        grid.setCurrentRow(0)
        next(one for one in panel.findChildren(Fold) if one.text() == "Library").setChecked(True)
        session.say(Notice(SENTENCE, details="HostError: empty", button="Make it again"))
        yield "results"

    def _learning(self) -> Iterator[str]:
        session = self.session
        learning = session.learn("Meadow", 600)
        assert learning
        until(lambda: learning.state == "running" and learning.preview is not None)
        yield "learning"
        session.pause(learning)
        until(lambda: learning.state == "paused")
        yield "paused"
        session.cancel(learning)

    def look(self) -> list[str]:
        """What is wrong in all of them."""
        found = []
        for state in self.states():
            for _ in range(6):
                self.application.processEvents()
            found += [f"{state}{' in large letters' if self.large else ''}: {one}" for one in faults(self.panel)]
            if state in ("generate-more", "results"):
                scale = round(100 * self.panel.devicePixelRatioF())
                name = f"scale-{scale}{'-large' if self.large else ''}-{state.partition('-')[0]}.png"
                self.panel.grab().save(str(self.folder / name))
        self.session.close()
        self.panel.close()
        return found


def faults(panel: Panel) -> list[str]:
    """What is cut off, out of reach or not sharp."""
    found, ratio = [], panel.devicePixelRatioF()
    scroll = panel.findChild(QScrollArea)
    assert scroll
    body, view = scroll.widget(), scroll.viewport()
    assert body
    assert view
    if panel.width() != WIDTH or body.width() > view.width():
        found.append(f"wider than the dock: {body.width()} of {view.width()}, needs {body.minimumSizeHint().width()}")
    for one in panel.findChildren(QWidget):
        if not one.isVisibleTo(panel) or one.objectName().startswith("qt_"):
            continue
        who = f"{type(one).__name__} {one.accessibleName() or getattr(one, 'text', str)()!r}"
        if isinstance(one, QAbstractButton | QSlider | QSpinBox | QComboBox | QLabel):
            right = one.mapTo(panel, one.rect().topRight()).x()
            if right >= panel.width():
                found.append(f"{who} ends at {right}")
        if cut(one):
            found.append(f"{who} is cut off at {one.width()} x {one.height()}")
        if blurred(one, ratio):
            found.append(f"{who} is not sharp")
    return found


def cut(one: QWidget) -> bool:
    """Whether something of what it says is missing."""
    metrics = one.fontMetrics()
    if isinstance(one, QLabel) and one.wordWrap():
        longest = max((metrics.horizontalAdvance(word) for word in re.split(r"[\s\u200b]+", one.text())), default=0)
        return longest > one.width() or one.heightForWidth(one.width()) > one.height()
    if isinstance(one, QLabel):
        return bool(one.text()) and one.sizeHint().width() > one.width()
    if isinstance(one, QComboBox) and one.accessibleName() != "Learn from":  # names are as long as they are
        return metrics.horizontalAdvance(one.currentText()) + 24 > one.width()
    if isinstance(one, QToolButton | QPushButton | QSpinBox):
        return one.minimumSizeHint().width() > one.width() or one.minimumSizeHint().height() > one.height()
    return False


def blurred(one: QWidget, ratio: float) -> bool:
    """Whether its picture has fewer pixels than the screen."""
    if isinstance(one, QLabel) and (shown := one.pixmap()) is not None and not shown.isNull():
        return abs(shown.devicePixelRatio() - ratio) > 0.01 or abs(shown.width() - one.width() * ratio) > 1
    if isinstance(one, QToolButton) and not one.icon().isNull():
        drawn = one.icon().pixmap(one.iconSize(), ratio)
        return one.iconSize().width() == ICON and abs(drawn.width() - ICON * ratio) > 1
    if isinstance(one, QListWidget):
        side = one.iconSize().width()
        icons = [item.icon() for at in range(one.count()) if (item := one.item(at))]
        return any(icon.pixmap(one.iconSize(), ratio).width() + 1 < side * ratio for icon in icons)
    return False


def main(folder: Path) -> None:
    """Look at it with letters of the usual size, and with large ones."""
    application = QApplication([])
    with tempfile.TemporaryDirectory() as place:
        for letters in (1.0, LARGE):
            for one in Dock(application, folder, Path(place) / f"{letters}.json", letters).look():
                print(one)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
