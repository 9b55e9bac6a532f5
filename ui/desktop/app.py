"""Starts the window."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from sinddm_ui.desktop.host import DesktopHost
from sinddm_ui.desktop.window import Window
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QApplication, QTimer
from sinddm_ui.session import Session

from sinddm.backend.command import own_line


def run(paths: Sequence[str]) -> int:
    """Show the window with these files until it is closed. Returns the exit code."""
    app = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(app, QApplication)
    app.setApplicationName("SinDDM")
    app.setApplicationDisplayName("SinDDM")
    app.setDesktopFileName("sinddm")
    os.environ.setdefault("SINDDM_BACKEND", own_line())  # this one, not another that is there
    window = make_window()
    _say_what_breaks(window)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in the terminal ends it, whatever Qt does at the time
    window.show()
    QTimer.singleShot(0, lambda: window.open_paths([Path(path) for path in paths]))
    QTimer.singleShot(0, window.session.wake)
    return app.exec()


def make_window() -> Window:
    """The window with its session and panel, on which nothing is open yet."""
    host = DesktopHost()
    session = Session(host)
    window = Window(host, session, Panel(session))
    session.setParent(window)
    return window


def _say_what_breaks(window: Window) -> None:
    """A fault of the program is told, rather than the end of it and of what is not saved."""

    def told(kind: type[BaseException], error: BaseException, trace) -> None:
        traceback.print_exception(kind, error, trace)
        window.message.say(f"Something went wrong here ({kind.__name__}): save your picture, then start SinDDM anew.")

    sys.excepthook = told
