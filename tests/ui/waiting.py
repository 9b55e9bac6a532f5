"""Waiting for what happens in Qt's loop."""

from __future__ import annotations

import time
from collections.abc import Callable

from sinddm_ui.qt import QApplication

PATIENCE = 60.0  # seconds for anything to happen, on a busy machine


def until(holds: Callable[[], object], patience: float = PATIENCE) -> None:
    """Let Qt work until something is true; fail if that takes too long."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        QApplication.processEvents()
        time.sleep(0.005)
