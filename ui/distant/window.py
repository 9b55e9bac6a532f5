"""The window of the panel's own process."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sinddm_plugin.client.places import read_json, state_folder
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QGuiApplication, Qt, QVBoxLayout, QWidget

FILE = "panel-window.json"
WIDTH, HEIGHT = 340, 820  # pixels, at first


class Window(QWidget):
    """Closing it only hides it: what was made stays, as in a dock, until the editor ends. It comes back by the editor's
    menu. seen: called with whether it is, whenever that changes."""

    def __init__(self, panel: Panel, seen: Callable[[bool], object], path: Path | None = None):
        super().__init__()
        self._seen, self._path = seen, path or state_folder() / FILE
        self.setWindowTitle("SinDDM")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(panel)
        self._restore()

    def come(self) -> None:
        """Be seen, in front."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def keep_place(self) -> None:
        """Remember where it is, for the next time."""
        unfinished = self._path.with_name(f".unfinished-{secrets.token_hex(6)}")
        with suppress(OSError):
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                text = bytes(self.saveGeometry().toHex().data()).decode()
                unfinished.write_text(f'{{"geometry": "{text}"}}', encoding="ascii")
                unfinished.replace(self._path)
            finally:
                with suppress(OSError):
                    unfinished.unlink()

    def closeEvent(self, a0: Any) -> None:  # noqa: N802 - Qt's name
        """The artist closes it."""
        self.keep_place()
        super().closeEvent(a0)

    def showEvent(self, a0: Any) -> None:  # noqa: N802 - Qt's name
        """It is seen."""
        self._seen(True)
        super().showEvent(a0)

    def hideEvent(self, a0: Any) -> None:  # noqa: N802 - Qt's name
        """It is seen no more."""
        self._seen(False)
        super().hideEvent(a0)

    def _restore(self) -> None:
        """Go where it was, if that is still on a screen; otherwise to the right, as the editors' docks are."""
        found = read_json(self._path)
        text = found.get("geometry") if isinstance(found, dict) else None
        with suppress(ValueError, TypeError):
            if self.restoreGeometry(bytes.fromhex(text)):  # pyright: ignore[reportArgumentType]
                return
        screen = QGuiApplication.primaryScreen()
        assert screen
        room = screen.availableGeometry()
        self.resize(WIDTH, min(HEIGHT, room.height() - 80))
        self.move(room.right() - WIDTH - 40, room.top() + 40)
