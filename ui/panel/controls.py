"""A control for each kind of setting. Each shows a value, and tells `chosen` when the artist has chosen another."""

from __future__ import annotations

import random
from typing import Any

from sinddm_ui.host import Box
from sinddm_ui.panel.look import SPACE, icon, named
from sinddm_ui.panel.wrap import Wrap
from sinddm_ui.qt import (
    QCheckBox,
    QColor,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPainter,
    QPalette,
    QRectF,
    QSize,
    QSizePolicy,
    QSlider,
    QSpinBox,
    Qt,
    QToolButton,
    QWidget,
    Signal,
)
from sinddm_ui.tasks import settings as s

STEPS = 100  # of a slider
CHANCE = 99_999  # the largest seed that the dice throw


class Control(QWidget):
    """What a setting is chosen with. chosen: the new value."""

    chosen = Signal(object)

    def __init__(self, setting: s.Setting):
        super().__init__()
        self.setting = setting

    def _lay(self, *widgets: QWidget, rest: bool = False) -> None:
        """Put them beside each other. rest: the last one takes the place that is left."""
        self.setLayout(Wrap(widgets, space=SPACE, fill=rest))

    def show_value(self, value: Any) -> None:
        """Show a value, without telling."""
        raise NotImplementedError


class ChoiceControl(Control):
    """A list to choose from."""

    def __init__(self, setting: s.Choice):
        super().__init__(setting)
        self._list = named(QComboBox(), setting.label, setting.tip)
        self._list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._list.setMinimumContentsLength(6)
        for value, text in setting.options:
            self._list.addItem(text, value)
        self._list.activated.connect(lambda at: self.chosen.emit(setting.options[at][0]))
        self._lay(self._list, rest=True)

    def show_value(self, value: Any) -> None:
        self._list.setCurrentIndex(self._list.findData(value))


class NumberControl(Control):
    """A number to type or to step."""

    def __init__(self, setting: s.Number):
        super().__init__(setting)
        self._box = named(_number(setting.least, setting.most), setting.label, setting.tip)
        if setting.unit:
            self._box.setSuffix(f" {setting.unit}")
        self._box.valueChanged.connect(self.chosen.emit)
        self._lay(self._box)

    def show_value(self, value: Any) -> None:
        _quietly(self._box, value)


class SliderControl(Control):
    """A slider with words at its ends."""

    def __init__(self, setting: s.Slider):
        super().__init__(setting)
        self._slider = named(QSlider(Qt.Orientation.Horizontal), setting.label, setting.tip)
        self._slider.setRange(0, STEPS)
        self._slider.setPageStep(10)
        self._slider.setTracking(False)  # tells when it is let go
        self._slider.setMinimumWidth(60)
        self._slider.valueChanged.connect(lambda at: self.chosen.emit(at / STEPS))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel(setting.low))
        row.addWidget(self._slider, 1)
        row.addWidget(QLabel(setting.high))

    def show_value(self, value: Any) -> None:
        _quietly(self._slider, round(value * STEPS))


class WordsControl(Control):
    """A line to type words in."""

    def __init__(self, setting: s.Words):
        super().__init__(setting)
        self._line = named(QLineEdit(), setting.label, setting.tip)
        self._line.setPlaceholderText(setting.hint)
        self._line.setMaxLength(s.MOST_WORDS)
        self._line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._line.textEdited.connect(self.chosen.emit)
        self._lay(self._line, rest=True)

    def show_value(self, value: Any) -> None:
        if self._line.text() != value:
            self._line.setText(value)


class SwitchControl(Control):
    """A box to tick."""

    def __init__(self, setting: s.Switch):
        super().__init__(setting)
        self._box = named(QCheckBox(), setting.label, setting.tip)
        self._box.clicked.connect(self.chosen.emit)
        self._lay(self._box)

    def show_value(self, value: Any) -> None:
        self._box.setChecked(value)


class SizeControl(Control):
    """As large as something, or two numbers."""

    def __init__(self, setting: s.Size):
        super().__init__(setting)
        self._value = setting.default
        self._as = named(QComboBox(), setting.label, setting.tip)
        for key, text in (("canvas", "Canvas"), ("layer", "Layer"), ("custom", "Custom")):
            self._as.addItem(text, key)
        self._width = named(_number(1, s.LONGEST_SIDE), "Width", "Width of the result in pixels")
        self._height = named(_number(1, s.LONGEST_SIDE), "Height", "Height of the result in pixels")
        self._times = QLabel("x")
        self._lay(self._as, self._width, self._times, self._height)
        self._as.activated.connect(lambda at: self._choose("as", self._as.itemData(at)))
        self._width.valueChanged.connect(lambda value: self._choose("width", value))
        self._height.valueChanged.connect(lambda value: self._choose("height", value))

    def show_value(self, value: Any) -> None:
        self._value = value
        self._as.setCurrentIndex(self._as.findData(value["as"]))
        _quietly(self._width, value["width"])
        _quietly(self._height, value["height"])
        for one in (self._width, self._times, self._height):
            one.setVisible(value["as"] == "custom")

    def _choose(self, key: str, value: Any) -> None:
        self.show_value({**self._value, key: value})
        self.chosen.emit(self._value)


class SeedControl(Control):
    """A number, a lock and dice."""

    def __init__(self, setting: s.Seed):
        super().__init__(setting)
        self._value = setting.default
        self._box = named(_number(0, s.LARGEST_SEED), setting.label, setting.tip)
        self._lock, self._dice = QToolButton(), QToolButton()
        self._lock.setCheckable(True)
        named(self._lock, "Lock the seed", "Keep this seed, so that the same picture is made again")
        named(self._dice, "Another seed", "Take another seed")
        for one in (self._lock, self._dice):
            one.setAutoRaise(True)
        self._lay(self._box, self._lock, self._dice)
        self._box.valueChanged.connect(lambda value: self._choose(value, True))
        self._lock.clicked.connect(lambda locked: self._choose(self._value["value"], locked))
        self._dice.clicked.connect(lambda _=False: self._choose(random.randint(1, CHANCE), True))

    def show_value(self, value: Any) -> None:
        self._value = value
        _quietly(self._box, value["value"])
        self._lock.setChecked(value["locked"])
        self._lock.setIcon(icon("locked" if value["locked"] else "unlocked", self))
        self._dice.setIcon(icon("dice", self))

    def _choose(self, value: int, locked: bool) -> None:
        self.show_value({"value": value, "locked": locked})
        self.chosen.emit(self._value)


class TargetControl(Control):
    """A small map of the result, in which the selected part is moved by the mouse or the arrow keys."""

    def __init__(self, setting: s.Target):
        super().__init__(setting)
        self._map = _Map()
        named(self._map, setting.label, f"{setting.tip}: drag the part, or use the arrow keys")
        self._map.moved.connect(lambda x, y: self.chosen.emit({"x": x, "y": y}))
        self._lay(self._map, rest=True)

    def show_value(self, value: Any) -> None:
        self._map.at = (value["x"], value["y"])
        self._map.update()

    def show_part(self, part: Box | None, whole: tuple[int, int]) -> None:
        """How large the part is in the result."""
        self._map.part, self._map.whole = part, whole
        self._map.update()


class _Map(QWidget):
    moved = Signal(float, float)

    def __init__(self) -> None:
        super().__init__()
        self.at, self.whole = (0.5, 0.5), (4, 3)
        self.part: Box | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(160, 96)

    def paintEvent(self, a0: Any) -> None:  # noqa: N802 - Qt's name
        painter, frame = QPainter(self), self._frame()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(frame, self.palette().color(QPalette.ColorRole.Base))
        painter.setPen(
            self.palette().color(QPalette.ColorRole.Highlight if self.hasFocus() else QPalette.ColorRole.Mid)
        )
        painter.drawRect(frame)
        scale = frame.width() / self.whole[0]
        width = (self.part.width if self.part else self.whole[0] / 4) * scale
        height = (self.part.height if self.part else self.whole[1] / 4) * scale
        color = QColor(self.palette().color(QPalette.ColorRole.Highlight))
        color.setAlpha(150)
        x, y = frame.x() + self.at[0] * frame.width(), frame.y() + self.at[1] * frame.height()
        part = QRectF(x - width / 2, y - height / 2, width, height)
        painter.fillRect(part.intersected(frame), color)

    def mousePressEvent(self, a0: Any) -> None:  # noqa: N802
        self._to(a0)

    def mouseMoveEvent(self, a0: Any) -> None:  # noqa: N802
        self._to(a0)

    def mouseReleaseEvent(self, a0: Any) -> None:  # noqa: N802
        self.moved.emit(*self.at)

    def keyPressEvent(self, a0: Any) -> None:  # noqa: N802
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        step = steps.get(a0.key())
        if step is None:
            super().keyPressEvent(a0)
            return
        self.at = _unit(self.at[0] + step[0] * 0.05), _unit(self.at[1] + step[1] * 0.05)
        self.update()
        self.moved.emit(*self.at)

    def _to(self, event: Any) -> None:
        frame, where = self._frame(), event.pos()
        self.at = _unit((where.x() - frame.x()) / frame.width()), _unit((where.y() - frame.y()) / frame.height())
        self.update()

    def _frame(self) -> QRectF:
        width, height = self.whole
        scale = min((self.width() - 2) / max(1, width), (self.height() - 2) / max(1, height))
        return QRectF(1, 1, max(1.0, width * scale), max(1.0, height * scale))


def make(setting: s.Setting) -> Control:
    """The control of a setting."""
    return _KINDS[type(setting)](setting)


_KINDS: dict[type, Any] = {
    s.Choice: ChoiceControl,
    s.Number: NumberControl,
    s.Slider: SliderControl,
    s.Switch: SwitchControl,
    s.Words: WordsControl,
    s.Size: SizeControl,
    s.Seed: SeedControl,
    s.Target: TargetControl,
}


def labelled(control: Control) -> QWidget:
    """A control with its label beside it."""
    row = QWidget()
    label = QLabel(control.setting.label)
    label.setToolTip(control.setting.tip)
    label.setMinimumWidth(64)
    row.setLayout(Wrap((label, control), space=SPACE, fill=True))
    return row


def _number(least: int, most: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setKeyboardTracking(False)
    return box


def _quietly(widget: Any, value: int) -> None:
    """Show a value without telling, and without disturbing who types."""
    if widget.value() != value:
        before = widget.blockSignals(True)
        widget.setValue(value)
        widget.blockSignals(before)


def _unit(value: float) -> float:
    return round(max(0.0, min(1.0, value)), 3)
