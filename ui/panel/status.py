"""How SinDDM's own process is, in one line."""

from __future__ import annotations

from typing import Any

from sinddm_ui.panel.look import words
from sinddm_ui.qt import QColor, QHBoxLayout, QPainter, QPalette, QSize, Qt, QWidget
from sinddm_ui.session import Session

COLORS = {"ready": "#2e9e5b", "working": "#2f80d0", "starting": "#d99a1c", "lost": "#c0392b"}


class StatusLine(QWidget):
    """A dot and a few words."""

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self._dot, self._words = _Dot(), words(small=True)
        lay = QHBoxLayout(self)
        lay.setContentsMargins(0, 0, 0, 0)
        lay.addWidget(self._dot)
        lay.addWidget(self._words, 1)
        self.refresh()

    def refresh(self) -> None:
        """Show it as it is."""
        status = self._session.status
        self._dot.color = COLORS.get(status.kind)
        self._dot.update()
        self._words.setText(status.words)
        self.setToolTip(status.tip)
        self.setAccessibleName(status.words)


class _Dot(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.color: str | None = None
        self.setFixedSize(12, 12)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(12, 12)

    def paintEvent(self, a0: Any) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.color) if self.color else self.palette().color(QPalette.ColorRole.Mid))
        painter.drawEllipse(1, 1, 9, 9)
