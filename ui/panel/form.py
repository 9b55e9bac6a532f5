"""The settings of one task, what it takes, what is missing, and the button that starts it."""

from __future__ import annotations

from typing import Any

from sinddm_ui.panel import controls
from sinddm_ui.panel.look import SPACE, Fold, named, words
from sinddm_ui.panel.offer import OfferBar
from sinddm_ui.qt import QPushButton, QVBoxLayout, QWidget
from sinddm_ui.session import Session
from sinddm_ui.tasks import Task
from sinddm_ui.tasks.settings import Setting
from sinddm_ui.tasks.task import size
from sinddm_ui.tasks.text import TEXT

OPEN = "Open a picture first: SinDDM learns from its layers."


class Form(QWidget):
    """A task's own part of the panel."""

    def __init__(self, session: Session, task: Task):
        super().__init__()
        self._session, self._task = session, task
        lay = QVBoxLayout(self)
        lay.setContentsMargins(0, 0, 0, 0)
        lay.setSpacing(SPACE)
        lay.addWidget(words(task.takes, small=True))
        more, self._rows = QWidget(), dict[str, QWidget]()
        folded = QVBoxLayout(more)
        folded.setContentsMargins(0, 0, 0, 0)
        self._controls: dict[str, controls.Control] = {}
        for setting in task.settings:
            control = controls.make(setting)
            control.chosen.connect(lambda value, key=setting.key: self._chosen(key, value))
            self._controls[setting.key] = control
            self._rows[setting.key] = row = controls.labelled(control)
            (folded if setting.folded else lay).addWidget(row)
        lay.addWidget(Fold("More", "Settings that matter less often", more))
        lay.addWidget(more)
        self._offer = OfferBar(session) if task is TEXT else None
        if self._offer is not None:
            lay.addWidget(self._offer)
            session.words.changed.connect(self.refresh)
        self._missing = words(small=True)
        self._start = named(QPushButton(), task.title, task.tip)
        self._start.clicked.connect(lambda _=False: session.make(task))
        lay.addWidget(self._missing)
        lay.addWidget(self._start)
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen, and what is missing."""
        values = self._session.values(self._task)
        for key, control in self._controls.items():
            control.show_value(values[key])
            self._rows[key].setVisible(self._applies(control.setting, values))
        scene = self._session.scene
        missing = OPEN if scene is None else self._task.missing(scene)
        if (
            scene is not None
            and missing is None
            and isinstance(target := self._controls.get("target"), controls.TargetControl)
        ):
            target.show_part(scene.document.selection, size(scene, values["size"]))
        self._missing.setText(missing or "")
        self._missing.setVisible(missing is not None)
        self._start.setEnabled(missing is None and (self._offer is None or self._session.words.missing is None))
        self._start.setText(self._task.label(values))

    def _applies(self, setting: Setting, values: dict[str, Any]) -> bool:
        """Whether a setting matters now."""
        if setting.only is not None:
            key, chosen = setting.only
            return values[key] in chosen
        return setting.key != "engine" or self._session.source.kind == "texture"

    def _chosen(self, key: str, value: Any) -> None:
        self._session.choose(self._task, key, value)
        self.refresh()
