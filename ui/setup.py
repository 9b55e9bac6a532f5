"""The installer, as the panel and the installer's own window drive it. It runs in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sinddm_plugin.client import Cancelled, ClientError, Outdated, Runner, StartFailed
from sinddm_plugin.setup import Done, Event, Installing, Plan, SetupFailed, Step, look
from sinddm_ui.qt import QObject, Qt, Signal


def needs_setup(error: ClientError) -> bool:
    """Whether it is an error that goes away when SinDDM is set up, anew or at all."""
    return isinstance(error, StartFailed | Outdated)


class Setup(QObject):
    """What the artist sees of it. Its methods and signals are of the main thread, and none of them waits.

    state: "idle" (nothing is shown), "offered" (the plan, as soon as it is known), "working" or "failed". words: of the
    installer's command line, for every run.
    """

    changed = Signal()
    finished = Signal(str)
    """It is done, as the sentence says."""
    _posted = Signal(object)

    def __init__(self, words: Sequence[str] = ("--editors", "none"), parent: QObject | None = None):
        super().__init__(parent)
        self._posted.connect(_call, Qt.ConnectionType.QueuedConnection)  # pyright: ignore[reportCallIssue]
        self._runner = Runner(self._posted.emit)
        self.words = tuple(words)
        self._work: Installing | None = None
        self._looking = False
        self.state = "idle"
        self.plan: Plan | None = None
        self.step: Step | None = None
        self.error, self.details = "", ""

    def offer(self) -> None:
        """Show that it can be set up."""
        if self.state == "idle":
            self._become("offered")

    def look(self) -> None:
        """Find out what would be done, if that is not known."""
        if self.state == "offered" and self.plan is None and not self._looking:
            self._looking = True
            self._runner.run(lambda: look(*self.words), self._looked, self._fail)

    def look_again(self) -> None:
        """Something may be different now."""
        if self.state != "working":
            self.plan = None
            self._become("offered")
            self.look()

    def start(self, build: str) -> None:
        """Set it up. build: one of the plan's, empty for the one that suits."""
        self.run("install", *self.words, *(["--build", build] if build else []))

    def run(self, command: str, *words: str) -> None:
        """One of the installer's commands. words: of its command line."""
        if self.state == "working":
            return
        work = self._work = Installing(command, "--yes", *words)
        self.step = None
        self._become("working")

        def told(event: Event) -> None:
            if self._work is work:
                self._told(event)

        def failed(error: ClientError) -> None:
            if self._work is work:
                self._fail(error)

        def done(last: Event) -> None:
            if self._work is work:
                self._done(last)

        self._runner.run(work.run, done, failed, told)

    def cancel(self) -> None:
        """Stop it; it counts as over at once. What was fetched is kept."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            self._become("offered")

    def dismiss(self) -> None:
        """Show it no more."""
        if self.state != "working":
            self._become("idle")

    def close(self) -> None:
        """The program ends, and with it what it has started."""
        self._runner.close()
        if self._work is not None:
            self._work.cancel()

    def _become(self, state: str) -> None:
        if state != "failed":
            self.error, self.details = "", ""
        self.state = state
        self.changed.emit()

    def _looked(self, plan: Plan) -> None:
        self._looking, self.plan = False, plan
        self.changed.emit()

    def _told(self, event: Event) -> None:
        if isinstance(event, Step):
            self.step = event
        elif isinstance(event, Plan):
            self.plan = event
        self.changed.emit()

    def _fail(self, error: ClientError) -> None:
        self._looking, self._work = False, None
        if isinstance(error, Cancelled):
            self._become("offered")
            return
        self.error = str(error)
        self.details = error.details if isinstance(error, SetupFailed) else ""
        self._become("failed")

    def _done(self, last: Event) -> None:
        self._work, self.plan = None, None
        self._become("idle")
        self.finished.emit(last.words if isinstance(last, Done) else "")


def _call(posted) -> None:
    posted()
