"""What is being made or learned: how far it is, and how to stop it."""

from __future__ import annotations

from sinddm_ui.panel.look import Fold, button, named, seconds, words
from sinddm_ui.panel.pictures import pixmap
from sinddm_ui.panel.wrap import Wrap
from sinddm_ui.qt import QFrame, QHBoxLayout, QLabel, QProgressBar, Qt, QVBoxLayout, QWidget
from sinddm_ui.session import Session
from sinddm_ui.works import Work

SIDE = 44  # pixels of the preview


class Jobs(QWidget):
    """A row for each job that is not done. Rows are kept from one progress to the next."""

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self._rows: dict[int, Row] = {}
        self._lay = QVBoxLayout(self)
        self._lay.setContentsMargins(0, 0, 0, 0)

    def refresh(self) -> None:
        """Show the jobs as they are."""
        shown = {id(one): one for one in self._session.works if one.state not in ("done", "cancelled")}
        for key in [key for key in self._rows if key not in shown]:
            row = self._rows.pop(key)
            self._lay.removeWidget(row)
            row.deleteLater()
        for key, work in shown.items():
            if key not in self._rows:
                self._rows[key] = row = Row(self._session, work)
                self._lay.addWidget(row)
            self._rows[key].refresh()
        self.setVisible(bool(shown))


class Row(QFrame):
    """One job."""

    def __init__(self, session: Session, work: Work):
        super().__init__()
        self.work = work
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._picture, self._preview = QLabel(), -1
        self._picture.setFixedSize(SIDE, SIDE)
        self._title, self._words = words(work.title), words(small=True)
        self._bar = named(QProgressBar(), f"Progress of {work.title}", "How much of it is done")
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setMaximumHeight(8)
        self._pause = button("Pause", "Stop learning for now", lambda: session.pause(work))
        self._resume = button("Go on", "Go on learning", lambda: session.resume(work))
        self._finish = button("Stop and keep", "Stop learning and keep what was learned", lambda: session.finish(work))
        self._hurry = button("Do this next", "Do this before all that wait", lambda: session.hurry(work))
        self._cancel = button("Cancel", "Stop it. What is finished stays", lambda: session.cancel(work))
        self._again = button("Run again", "Start it anew", lambda: session.run_again(work))
        self._dismiss = button("Dismiss", "Show it no more", lambda: session.dismiss(work))
        self._details = words(small=True)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._fold = Fold("Details", "For who wants to report it", self._details)
        self._buttons = (
            self._pause,
            self._resume,
            self._finish,
            self._hurry,
            self._again,
            self._dismiss,
            self._cancel,
        )
        side = QVBoxLayout()
        side.setSpacing(2)
        for one in (self._title, self._bar, self._words):
            side.addWidget(one)
        top = QHBoxLayout()
        top.addWidget(self._picture)
        top.addLayout(side, 1)
        lay = QVBoxLayout(self)
        lay.setContentsMargins(4, 4, 4, 4)
        lay.setSpacing(2)
        lay.addLayout(top)
        lay.addLayout(Wrap(self._buttons))
        lay.addWidget(self._fold)
        lay.addWidget(self._details)

    def refresh(self) -> None:
        """Show it as it is now."""
        work, job, state = self.work, self.work.job, self.work.state
        running, learning = state == "running", work.task == "learn"
        pausable = learning or work.task == "fetch"
        self._bar.setVisible(work.active)
        self._bar.setValue(round(1000 * job.fraction) if job else 0)
        self._words.setText(_words(work))
        self._picture.setVisible(work.preview is not None and work.active)
        if work.preview is not None and work.wanted_preview != self._preview:
            self._preview = work.wanted_preview
            self._picture.setPixmap(pixmap(work.preview, SIDE, SIDE, self.devicePixelRatioF()))
        self._pause.setVisible(pausable and state in ("running", "queued"))
        self._resume.setVisible(pausable and state == "paused")
        self._finish.setVisible(learning and (running or state == "paused"))
        self._hurry.setVisible(bool(state == "queued" and job and job.position))
        self._again.setVisible(state == "failed")
        self._dismiss.setVisible(state == "failed")
        self._cancel.setVisible(work.active)
        self._details.setText(work.details)
        self._fold.setVisible(bool(work.details))


def _words(work: Work) -> str:
    """How it is."""
    job, state = work.job, work.state
    if state == "failed":
        return work.error or ""
    if state == "sending" or job is None:
        return "Asking for it" if work.task == "fetch" else "Sending the layer"
    if state == "queued":
        return f"Waiting, {job.position} before it" if job.position else "Waiting"
    if state == "paused":
        return "Paused"
    return ", ".join(part for part in (job.words, seconds(job.left)) if part)
