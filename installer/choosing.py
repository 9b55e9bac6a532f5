"""The widgets of the installer's window. What runs is the installer itself, in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sinddm_plugin.client.version import VERSION
from sinddm_plugin.setup import Target
from sinddm_ui.panel.look import SPACE, button, named, words
from sinddm_ui.panel.setup import SetupView
from sinddm_ui.panel.wrap import Wrap
from sinddm_ui.qt import QCheckBox, QFileDialog, QMessageBox, QVBoxLayout, QWidget
from sinddm_ui.setup import Setup

WIDTH = 460  # pixels
WHAT = "SinDDM learns what a layer looks like and makes new layers like it. All of it happens on this computer."
NO_EDITOR = "There is no Krita and no GIMP here. SinDDM has a window of its own."
TEXT = "Fetches about 20 MB more; the model that it needs is fetched later, when you agree to it"
GONE = "Take SinDDM off this computer?"
KEPT = "Your textures stay, unless you choose otherwise."


class Window(QWidget):
    """All of it, from top to bottom."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(f"SinDDM {VERSION}")
        self.setup = Setup((), self)
        self._boxes: dict[str, QCheckBox] | None = None
        self._list = QVBoxLayout()
        self._text = named(QCheckBox("Text: what is made follows your words"), "Text", TEXT)
        choices = QWidget()
        more = QVBoxLayout(choices)
        more.setContentsMargins(0, SPACE, 0, SPACE)
        more.addLayout(self._list)
        more.addWidget(self._text)
        self._result = words()
        self._view = SetupView(self.setup, WHAT, "The window may be put aside meanwhile.", choices)
        self._folder = button("From a folder", "Take all from a folder of wheels, without the internet", self._choose)
        self._repair = button("Repair", "Check all that is installed, and put in again what is not right", self._mend)
        self._remove = button("Remove", "Take SinDDM off this computer", self._ask_to_remove)
        self._close = button("Close", "Close this window", self.close)
        lay = QVBoxLayout(self)
        lay.addWidget(self._result)
        lay.addWidget(self._view)
        lay.addStretch()
        lay.addLayout(Wrap((self._folder, self._repair, self._remove, self._close), space=SPACE))
        self.setMinimumWidth(WIDTH)
        self._view.wanted.connect(self._start)
        self.setup.changed.connect(self.refresh)
        self.setup.finished.connect(self._finished)
        self.setup.offer()

    def refresh(self) -> None:
        """Show it as it is."""
        plan, working = self.setup.plan, self.setup.state == "working"
        self._view.setVisible(self.setup.state != "idle")
        self._result.setVisible(self.setup.state == "idle")
        for one in (self._folder, self._repair, self._remove):
            one.setVisible(not working)
        there = plan is not None and bool(plan.installed)
        self._repair.setVisible(there and not working)
        self._remove.setVisible(there and not working)
        if plan is not None and (self._boxes is None or [one.key for one in plan.targets] != list(self._boxes)):
            self._show_targets(list(plan.targets))
        if plan is not None:
            self._text.setChecked(plan.text or self._text.isChecked())
            self._text.setEnabled(not plan.text)  # what was wanted once stays

    def closeEvent(self, a0: Any) -> None:  # noqa: N802 - Qt's name
        """What runs ends with it."""
        self.setup.close()
        super().closeEvent(a0)

    def _show_targets(self, targets: list[Target]) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._boxes = {}
        self._list.addWidget(words("Put the plugin into" if targets else NO_EDITOR))
        for target in targets:
            box = self._boxes[target.key] = named(QCheckBox(target.name), target.name, "Put the plugin into it")
            box.setChecked(not target.problem)
            box.setEnabled(not target.problem)
            self._list.addWidget(box)
            if told := target.problem or target.note:
                self._list.addWidget(words(told, small=True))

    def _chosen(self) -> list[str]:
        """Of the command line."""
        editors = ",".join(key for key, box in (self._boxes or {}).items() if box.isChecked())
        return ["--editors", editors or "none", *(["--with", "text"] if self._text.isChecked() else [])]

    def _start(self, build: str) -> None:
        self.setup.run("install", *self.setup.words, *self._chosen(), *(["--build", build] if build else []))

    def _mend(self) -> None:
        self.setup.run("repair", *self.setup.words)

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A folder of wheels", str(Path.home()))
        if folder:
            self.setup.words = ("--wheels", folder)
            self.setup.look_again()

    def _ask_to_remove(self) -> None:
        box = QMessageBox(QMessageBox.Icon.Question, "SinDDM", f"{GONE}\n{KEPT}", parent=self)
        also = QCheckBox("My textures as well")
        box.setCheckBox(also)
        box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel)
        if box.exec() == QMessageBox.StandardButton.Yes:
            self.setup.run("uninstall", *(["--textures"] if also.isChecked() else []))

    def _finished(self, said: str) -> None:
        self._result.setText(said)
        self.refresh()
