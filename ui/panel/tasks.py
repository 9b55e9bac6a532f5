"""What to make: a button with a picture and a word for each task, one of them chosen."""

from __future__ import annotations

from typing import Any

from sinddm_ui.panel.look import ICON, icon, named
from sinddm_ui.panel.wrap import Wrap
from sinddm_ui.qt import QButtonGroup, QEvent, QSize, Qt, QToolButton, QWidget, Signal
from sinddm_ui.tasks import TASKS

IN_ROW = 4
MARGIN = 2  # pixels of a button beside its word


class TaskPicker(QWidget):
    """chosen: the index of the task."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._buttons: list[QToolButton] = []
        self._group = QButtonGroup(self)  # its arrow keys go from one to the next
        for at, task in enumerate(TASKS):
            button = named(_TaskButton(), task.title, task.tip)
            button.setText(task.short)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setIconSize(QSize(ICON, ICON))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setObjectName(f"task_{task.key}")
            font = button.font()
            font.setPointSizeF(font.pointSizeF() * 0.88)  # so that the longest word fits where the dock is narrow
            button.setFont(font)
            self._buttons.append(button)
            self._group.addButton(button, at)
        self.setLayout(Wrap(self._buttons, IN_ROW, 2))
        self._group.idClicked.connect(self.chosen.emit)
        self._draw()

    def choose(self, at: int) -> None:
        """Show one as chosen."""
        self._buttons[at].setChecked(True)

    def changeEvent(self, a0: Any) -> None:  # noqa: N802 - Qt's name
        if a0.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._draw()
        super().changeEvent(a0)

    def _draw(self) -> None:
        for button, task in zip(self._buttons, TASKS, strict=True):
            button.setIcon(icon(task.key, self))


class _TaskButton(QToolButton):
    """As wide as its word, so that four go beside each other in a narrow dock."""

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        word = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(max(ICON, word) + MARGIN, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()
