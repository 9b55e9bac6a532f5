"""The tools, and what can be chosen for the one in hand."""

from __future__ import annotations

from dataclasses import replace

from sinddm_ui.desktop.canvas import Canvas
from sinddm_ui.desktop.dialogs import Dialogs
from sinddm_ui.desktop.icons import icon, swatch
from sinddm_ui.qt import QAction, QActionGroup, QCheckBox, QLabel, QSlider, QSpinBox, Qt, QToolBar, QToolButton, QWidget

LARGEST = 500  # pixels of a brush


class Tools(QToolBar):
    """One button for each tool."""

    def __init__(self, canvas: Canvas, parent: QWidget | None = None):
        super().__init__("Tools", parent)
        self.setObjectName("tools")
        self._canvas = canvas
        self._group = QActionGroup(self)
        self.actions_: dict[str, QAction] = {}
        for key, tool in canvas.tools.items():
            action = QAction(icon(key, self.palette()), tool.title, self)
            action.setCheckable(True)
            action.setShortcut(tool.shortcut)
            action.setToolTip(f"{tool.title} ({tool.shortcut}). {tool.tip}")
            action.triggered.connect(lambda _=False, key=key: canvas.choose(key))
            self._group.addAction(action)
            self.addAction(action)
            self.actions_[key] = action
        canvas.tool_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.actions_[self._canvas.tool.key].setChecked(True)


class Options(QToolBar):
    """The brush's size, edge and colour: those that count for the tool in hand."""

    def __init__(self, canvas: Canvas, dialogs: Dialogs, parent: QWidget | None = None):
        super().__init__("Brush", parent)
        self.setObjectName("brush")
        self._canvas, self._dialogs = canvas, dialogs
        self.setMinimumHeight(36)
        self.tip = QLabel(self)
        self.tip.setContentsMargins(8, 0, 8, 0)
        self.color = QToolButton(self)
        self.color.setToolTip("The colour of the brush. Alt and a click on the picture take one from there")
        self.color.setAccessibleName("Colour")
        self.color.clicked.connect(self._choose_color)
        self.size_ = QSpinBox(self)
        self.size_.setRange(1, LARGEST)
        self.size_.setSuffix(" px")
        self.size_.setToolTip("How wide the brush is. The keys [ and ] make it smaller and larger")
        self.size_.setAccessibleName("Brush size")
        self.size_.valueChanged.connect(lambda value: self._take(size=float(value)))
        self.hard = QSlider(Qt.Orientation.Horizontal, self)
        self.hard.setRange(0, 100)
        self.hard.setMaximumWidth(110)
        self.hard.setToolTip("From a soft edge to a hard one")
        self.hard.setAccessibleName("Edge of the brush")
        self.hard.valueChanged.connect(lambda value: self._take(hardness=value / 100))
        self.pen = QCheckBox("Pen pressure", self)
        self.pen.setToolTip("A pen that is pressed less draws a thinner line")
        self.pen.setChecked(canvas.pressure)
        self.pen.toggled.connect(self._take_pressure)
        self._coloring = [self._add(self.color)]
        self._brushing = [
            self._add(QLabel(" Size ", self)),
            self._add(self.size_),
            self._add(QLabel(" Edge ", self)),
            self._add(self.hard),
            self._add(self.pen),
        ]
        self._telling = self._add(self.tip)
        canvas.tool_changed.connect(self._show)
        canvas.brush_changed.connect(self._show)
        self._show()

    def grow(self, factor: float) -> None:
        """Make the brush larger or smaller, by a pixel at least."""
        size = self._canvas.brush.size
        wanted = max(size + 1, size * factor) if factor > 1 else min(size - 1, size * factor)
        self._take(size=float(min(LARGEST, max(1, round(wanted)))))

    def _add(self, widget: QWidget) -> QAction:
        action = self.addWidget(widget)
        assert action is not None
        return action

    def _show(self) -> None:
        tool, brush = self._canvas.tool, self._canvas.brush
        for action in self._brushing:
            action.setVisible(tool.brush)
        for action in self._coloring:
            action.setVisible(tool.key == "paint")
        self._telling.setVisible(not tool.brush)
        self.tip.setText(tool.tip)
        self.color.setIcon(swatch(self._canvas.color))
        for widget, value in ((self.size_, round(brush.size)), (self.hard, round(brush.hardness * 100))):
            widget.blockSignals(True)
            widget.setValue(value)
            widget.blockSignals(False)

    def _take(self, **what: float) -> None:
        self._canvas.take_brush(replace(self._canvas.brush, **what))

    def _take_pressure(self, counts: bool) -> None:
        self._canvas.pressure = counts

    def _choose_color(self) -> None:
        found = self._dialogs.color(self, self._canvas.color)
        if found is not None:
            self._canvas.take_color(found)
