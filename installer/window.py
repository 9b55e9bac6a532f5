"""The installer as a window: which editors, what it runs on, what it takes; then how far it is, and how it ended."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

NO_DISPLAY = "The window needs PyQt6 and a display, and there is none here: use python -m sinddm_installer install."


def can_open() -> bool:
    """Whether there can be a window here."""
    seen = sys.platform in ("win32", "darwin") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return find_spec("PyQt6") is not None and (seen or "QT_QPA_PLATFORM" in os.environ)


def run() -> int:
    """Show it until it is closed. Returns the exit code."""
    if not can_open():
        print(NO_DISPLAY, file=sys.stderr)
        return 1
    from sinddm_ui.qt import QApplication

    app = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(app, QApplication)
    app.setApplicationName("SinDDM")
    app.setApplicationDisplayName("SinDDM")
    if not os.environ.get("SINDDM_INSTALLER") and Path(__file__).resolve().parents[1].suffix != ".whl":
        words = "" if getattr(sys, "frozen", False) else " -m sinddm_installer"
        os.environ["SINDDM_INSTALLER"] = f'"{sys.executable}"{words}'  # this one, not another that is there
    from sinddm_installer.choosing import Window

    window = Window()
    window.show()
    return app.exec()
