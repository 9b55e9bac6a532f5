"""Starts the panel as the companion of a program that has no Qt of its own."""

from __future__ import annotations

import os
import signal
import sys
import traceback

from sinddm_ui.distant.dark import darken
from sinddm_ui.distant.host import DistantHost
from sinddm_ui.distant.window import Window
from sinddm_ui.notice import Notice
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QApplication, QTimer
from sinddm_ui.session import Session

from sinddm.backend.command import own_line


def run(port: int, token: str) -> int:
    """Show the panel until the other end of the line hangs up. Returns the exit code. Raises HostError."""
    app = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(app, QApplication)
    app.setApplicationName("SinDDM")
    app.setApplicationDisplayName("SinDDM")
    app.setDesktopFileName("sinddm")
    app.setQuitOnLastWindowClosed(False)  # it ends with the program that it belongs to
    os.environ["SINDDM_BACKEND"] = own_line()  # the one that this is a part of
    host = DistantHost(port, token)
    if host.dark:
        darken(app)
    session = Session(host)
    _say_what_breaks(session)
    window = make_window(host, session)
    app.aboutToQuit.connect(lambda: _close(host, session, window))
    host.gone.connect(app.quit)
    host.wanted.connect(window.come)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whatever Qt does at the time
    window.come()
    QTimer.singleShot(0, session.wake)
    return app.exec()


def make_window(host: DistantHost, session: Session) -> Window:
    """The window with the panel."""

    def seen(is_seen: bool) -> None:
        host.be_watched(is_seen)
        if not is_seen:
            session.preview(None)

    window = Window(Panel(session), seen)
    host.preview.belongs_to(window)
    return window


def _close(host: DistantHost, session: Session, window: Window) -> None:
    if window.isVisible():
        window.keep_place()
    session.close()
    host.close()


def _say_what_breaks(session: Session) -> None:
    """A fault of the panel is told, rather than the end of it and of what was made."""

    def told(kind: type[BaseException], error: BaseException, trace) -> None:
        traceback.print_exception(kind, error, trace)
        session.say(Notice(f"Something went wrong here ({kind.__name__}): try again, and report it if it stays so."))

    sys.excepthook = told
