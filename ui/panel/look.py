"""Sizes, icons and small widgets that all parts of the panel share. Colours are the palette's, light or dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sinddm_ui.qt import QIcon, QImage, QLabel, QPalette, QPixmap, QSizePolicy, Qt, QToolButton, QWidget

SPACE = 6  # pixels between things
ICON = 22  # pixels of a task's icon
SCALES = (1, 1.25, 1.5, 1.75, 2, 3)  # of screens, for which icons are drawn
NARROWEST = 260  # pixels that the panel needs
ICONS = Path(__file__).parent.parent / "icons"


def icon(name: str, widget: QWidget) -> QIcon:
    """An icon in the colour of the widget's text; empty where Qt cannot read SVG."""
    text = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    found = QIcon()
    for role, mode in (
        (QPalette.ColorGroup.Active, QIcon.Mode.Normal),
        (QPalette.ColorGroup.Disabled, QIcon.Mode.Disabled),
    ):
        color = widget.palette().color(role, QPalette.ColorRole.ButtonText).name()
        for scale in SCALES:
            side = int(ICON * scale + 0.5)
            svg = text.replace("currentColor", color).replace(
                'width="24" height="24"', f'width="{side}" height="{side}"'
            )
            drawn = QImage.fromData(svg.encode(), "svg")
            if not drawn.isNull():
                found.addPixmap(QPixmap.fromImage(drawn), mode)
    return found


def named(widget: Any, name: str, tip: str) -> Any:
    """The widget, with a name for screen readers and a tooltip."""
    widget.setAccessibleName(name)
    widget.setToolTip(tip)
    return widget


def words(text: str = "", small: bool = False) -> QLabel:
    """A label that breaks its lines and shows no markup."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if small:
        font = label.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        label.setFont(font)
    return label


def button(text: str, tip: str, call: Callable[[], object]) -> QToolButton:
    """A flat button with a word."""
    made = QToolButton()
    made.setText(text)
    made.setAutoRaise(True)
    made.clicked.connect(lambda _=False: call())
    return named(made, text, tip)


class Fold(QToolButton):
    """A heading that shows or hides what is beneath it."""

    def __init__(self, text: str, tip: str, body: QWidget, open: bool = False):
        super().__init__()
        self._body = body
        self.setText(text)
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        named(self, text, tip)
        self.toggled.connect(self._toggle)
        self.setChecked(open)
        self._toggle(open)

    def _toggle(self, open: bool) -> None:
        self.setArrowType(Qt.ArrowType.DownArrow if open else Qt.ArrowType.RightArrow)
        self._body.setVisible(open)


def seconds(left: float | None) -> str:
    """Time to go, in words."""
    if left is None:
        return ""
    if left < 90:
        return f"{max(1, round(left))} s left"
    return f"{round(left / 60)} min left"
