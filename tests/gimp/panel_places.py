"""`sinddm`, whose panel also writes down where its buttons and results are, so that a test's mouse finds them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from sinddm_plugin.client.places import state_folder

from sinddm.cli import main

FILE = "panel-places.json"
EVERY = 100  # milliseconds


def watch() -> Any:
    """Begin to write; what is returned must live."""
    from PyQt6.QtCore import QTimer
    from PyQt6.QtWidgets import QApplication

    app = QApplication(["sinddm"])
    timer = QTimer(app)
    timer.timeout.connect(lambda: _write(state_folder() / FILE))
    timer.start(EVERY)
    return app


def _write(path: Path) -> None:
    from PyQt6.QtCore import QPoint, QRect
    from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QListWidget

    found = {}

    def put(name: str, widget: Any, place: Any) -> None:
        corner = widget.mapToGlobal(QPoint(place.x(), place.y()))
        found[name] = [corner.x(), corner.y(), place.width(), place.height()]

    for widget in QApplication.allWidgets():
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        if isinstance(widget, QAbstractButton) and widget.isEnabled():
            put(widget.text(), widget, QRect(0, 0, widget.width(), widget.height()))
        if isinstance(widget, QLabel) and widget.text() not in found:  # what it stands beside has the same name
            put(widget.text(), widget, QRect(0, 0, widget.width(), widget.height()))
        if isinstance(widget, QComboBox):
            put(widget.currentText(), widget, QRect(0, 0, widget.width(), widget.height()))
        if isinstance(widget, QLineEdit):
            put(widget.accessibleName(), widget, QRect(0, 0, widget.width(), widget.height()))
        if isinstance(widget, QListWidget):
            for item in filter(None, map(widget.item, range(widget.count()))):
                put(item.toolTip().partition("\n")[0], widget.viewport(), widget.visualItemRect(item))
    part = path.with_suffix(".part")
    part.write_text(json.dumps(found))
    part.replace(path)


if __name__ == "__main__":
    kept = watch() if sys.argv[1:2] == ["panel"] else None
    sys.exit(main())
