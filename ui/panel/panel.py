"""The panel as a whole, from top to bottom: what is learned from, what to make, what was made, and how things are."""

from __future__ import annotations

from typing import Any

from sinddm_ui.panel.form import Form
from sinddm_ui.panel.jobs import Jobs
from sinddm_ui.panel.library import Library
from sinddm_ui.panel.look import NARROWEST, SPACE, Fold
from sinddm_ui.panel.notices import NoticeBar
from sinddm_ui.panel.results import ResultsView
from sinddm_ui.panel.setup import SetupView
from sinddm_ui.panel.source import SourceBar
from sinddm_ui.panel.status import StatusLine
from sinddm_ui.panel.tasks import TaskPicker
from sinddm_ui.qt import QFrame, QScrollArea, Qt, QTimer, QVBoxLayout, QWidget
from sinddm_ui.session import Session
from sinddm_ui.tasks import TASKS
from sinddm_ui.works import Work


class Panel(QWidget):
    """What an editor's dock holds."""

    def __init__(self, session: Session, parent: QWidget | None = None):
        super().__init__(parent)
        self.session = session
        self.setObjectName("sinddm_panel")
        self._notice, self._source = NoticeBar(session), SourceBar(session)
        self._tasks, self._forms = TaskPicker(), [Form(session, task) for task in TASKS]
        self._jobs, self._results = Jobs(session), ResultsView(session)
        self._library, self._status = Library(session), StatusLine(session)
        body = QWidget()
        lay = QVBoxLayout(body)
        lay.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        lay.setSpacing(SPACE)
        for one in (self._source, _line(), self._tasks, *self._forms, self._jobs, self._results):
            lay.addWidget(one)
        lay.addWidget(Fold("Library", "Textures that were learned", self._library))
        lay.addWidget(self._library)
        lay.addStretch()
        self._newest: Work | None = None
        self._scroll = scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        self._scroll, self._setup = scroll, SetupView(session.setup)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._notice)  # never out of sight
        whole.addWidget(self._setup, 1)
        whole.addWidget(scroll, 1)
        whole.addWidget(_line())
        whole.addWidget(self._status)
        self.setMinimumWidth(NARROWEST)
        self._tasks.chosen.connect(self.choose_task)
        session.document_changed.connect(self._look)
        session.source_changed.connect(self._look)
        session.textures.changed.connect(self._look)
        session.works_changed.connect(self._jobs.refresh)
        session.works_changed.connect(self._results.refresh_coming)
        session.works_changed.connect(self._follow)
        session.results_changed.connect(self._results.refresh)
        session.status_changed.connect(self._status.refresh)
        session.notice_changed.connect(self._notice.refresh)
        self._setup.wanted.connect(session.setup.start)
        session.setup.changed.connect(self._look_at_setup)
        self.choose_task(0)
        self._jobs.refresh()
        self._look_at_setup()

    def choose_task(self, at: int) -> None:
        """Show one task's settings."""
        self._at = at
        self._tasks.choose(at)
        for other, form in enumerate(self._forms):
            form.setVisible(other == at)
        self._forms[at].refresh()

    def enterEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """The artist turns to the panel."""
        self.session.wake()
        super().enterEvent(event)

    def _look(self) -> None:
        """The document, its layers, the selection or the library are others."""
        self._source.refresh()
        self._library.refresh()
        self._forms[self._at].refresh()

    def _look_at_setup(self) -> None:
        """Nothing can be made before SinDDM is here, so that takes the place of all else."""
        asked = self.session.setup.state != "idle"
        self._setup.setVisible(asked)
        self._scroll.setVisible(not asked)

    def _follow(self) -> None:
        """What was just started here is brought into sight; a low dock ends above it."""
        newest = self.session.works[-1] if self.session.works else None
        if newest is not None and newest is not self._newest and newest.active and not newest.at_once:
            self._newest = newest
            QTimer.singleShot(0, self._show_making)  # when it has its place

    def _show_making(self) -> None:
        last = self._results if self._results.isVisible() else self._jobs
        bar, view = self._scroll.verticalScrollBar(), self._scroll.viewport()
        assert bar
        assert view
        missing = last.geometry().bottom() + SPACE - bar.value() - view.height()
        if missing > 0:
            bar.setValue(min(self._jobs.y(), bar.value() + missing))


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
