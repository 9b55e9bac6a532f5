"""The canvas: shows a document, and lets the tools work on it."""

# PyQt6 calls every event a0
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from typing import TYPE_CHECKING

from sinddm_plugin.client import Picture
from sinddm_ui.desktop import images
from sinddm_ui.desktop.brush import Brush
from sinddm_ui.desktop.document import Artwork
from sinddm_ui.desktop.overlays import Overlays
from sinddm_ui.desktop.shown import Shown
from sinddm_ui.desktop.tools import TOOLS, MoveView, Tool, Touch
from sinddm_ui.desktop.view import STEP, View
from sinddm_ui.host import Box
from sinddm_ui.qt import QColor, QEvent, QImage, QPainter, QPoint, QPointF, QRectF, QSize, Qt, QTimer, QWidget, Signal

if TYPE_CHECKING:
    from PyQt6.QtGui import (
        QEnterEvent,
        QFocusEvent,
        QHideEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QShowEvent,
        QTabletEvent,
        QWheelEvent,
    )

NOTCH = 120  # what a wheel's notch counts
MARCH = 250  # milliseconds between two steps of the selection's outline
KEY = Qt.Key
BUTTON = Qt.MouseButton
MODIFIER = Qt.KeyboardModifier


class Canvas(QWidget):
    """Shows a document. Wheel: zoom; space or the middle button: move the view."""

    zoomed = Signal()
    tool_changed = Signal()
    brush_changed = Signal()
    said = Signal(str)
    """A sentence for the artist."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.art: Artwork | None = None
        self.view = View()
        self.brush = Brush()
        self.color = QColor(120, 90, 60)
        self.pressure = True
        """Whether a pen that is pressed less paints thinner."""
        self.tools: dict[str, Tool] = {kind.key: kind(self) for kind in TOOLS}
        self.tool: Tool = self.tools["view"]
        self.preview: tuple[QImage, Box] | None = None
        self.pointer: QPointF | None = None
        """Where it is, if it is over the canvas."""
        self._shown: Shown | None = None
        self._fitted = True
        self._working: Tool | None = None
        self._space = False
        self._overlays = Overlays(self)
        self._marching = QTimer(self)
        self._marching.setInterval(MARCH)
        self._marching.timeout.connect(self._march)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(QSize(160, 120))
        self.setAccessibleName("Canvas")
        self._show_cursor()

    def open(self, art: Artwork | None) -> None:
        """Show another document, or none."""
        self._working = None
        if self.art is not None:
            self.art.painters.remove(self._draw)
            self.art.watchers.remove(self._changed)
        self.art = art
        self.preview = None
        self._shown = Shown(art) if art is not None else None
        if art is not None:
            art.painters.append(self._draw)
            art.watchers.append(self._changed)
            self.fit()
        self._changed()

    def choose(self, key: str) -> None:
        """Take a tool."""
        self.tool = self.tools[key]
        self._show_cursor()
        self.tool_changed.emit()
        self.update()

    def take_brush(self, brush: Brush) -> None:
        """Take another brush."""
        self.brush = brush
        self.brush_changed.emit()
        self.update()

    def take_color(self, color: QColor) -> None:
        """Take another colour."""
        self.color = QColor(color)
        self.brush_changed.emit()

    def show_preview(self, picture: Picture | None, box: Box) -> None:
        """Show a picture over the canvas; None for none."""
        self.preview = None if picture is None else (images.of_picture(picture), box)
        self.update()

    def redraw(self) -> None:
        """Show what has changed."""
        self.update()

    def say(self, words: str) -> None:
        """Tell the artist."""
        self.said.emit(words)

    # The view

    @property
    def room(self) -> tuple[int, int]:
        """How large it is on the screen."""
        return self.width(), self.height()

    def fit(self) -> None:
        """Show all of the picture."""
        if self.art is not None:
            self.view.fit(self.art.width, self.art.height, self.room)
            self._moved(True)

    def zoom_by(self, factor: float, around: QPointF | None = None) -> None:
        """Show the picture larger or smaller."""
        self.zoom_to(self.view.zoom * factor, around)

    def zoom_to(self, zoom: float, around: QPointF | None = None) -> None:
        """Show the picture so large. around: the point of the screen that stays."""
        self.view.zoom_to(zoom, around or QPointF(self.width() / 2, self.height() / 2))
        self._moved(False)

    def pan(self, by: QPointF) -> None:
        """Move the picture on the screen."""
        self.view.corner += by
        self._moved(False)

    def _moved(self, fitted: bool) -> None:
        self._fitted = fitted
        self.zoomed.emit()
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().dark())
        if self.art is None or self._shown is None:
            self._overlays.invite(painter)
            return
        canvas = self.view.rect(0, 0, self.art.width, self.art.height)
        self._overlays.checkers(painter, canvas)
        self._picture(painter, self._shown)
        if self.preview is not None:
            image, box = self.preview
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            painter.drawImage(self.view.rect(*box), image)
        self._overlays.selection(painter)
        self._overlays.tool(painter)
        painter.end()

    def _picture(self, painter: QPainter, shown: Shown) -> None:
        """The part of the picture that is in view, from the level that is just large enough."""
        zoom, level = self.view.zoom, 0
        while zoom * self.devicePixelRatioF() <= 0.5 and level < len(shown.levels) - 1:
            zoom, level = zoom * 2, level + 1
        array, size = shown.levels[level], 1 << level
        x0, y0 = self.view.point(QPointF(0, 0))
        x1, y1 = self.view.point(QPointF(self.width(), self.height()))
        left, top = max(0, int(x0 // size) - 1), max(0, int(y0 // size) - 1)
        right = min(array.shape[1], int(x1 // size) + 2)
        bottom = min(array.shape[0], int(y1 // size) + 2)
        if left >= right or top >= bottom:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < 1)
        part = QRectF(left, top, right - left, bottom - top)
        target = self.view.rect(left * size, top * size, (right - left) * size, (bottom - top) * size)
        painter.save()
        painter.setClipRect(self.view.rect(0, 0, shown.picture.width, shown.picture.height))
        painter.drawImage(target, images.premultiplied(array), part)
        painter.restore()

    def _draw(self, box: Box) -> None:
        if self._shown is not None:
            self._shown.update(box)
            self.update(self.view.rect(*box).toAlignedRect().adjusted(-2, -2, 2, 2))

    def _changed(self) -> None:
        selected = self.art is not None and self.art.selection is not None
        if selected and self.isVisible():
            self._marching.start()
        else:
            self._marching.stop()
        self.update()

    def _march(self) -> None:
        self._overlays.march()
        self.update()

    # The pointer

    def _touch(self, seen: QPointF, event: QMouseEvent | QTabletEvent, pressure: float = 1.0) -> Touch:
        held = event.modifiers()
        x, y = self.view.point(seen)
        return Touch(
            x,
            y,
            QPointF(seen),
            pressure,
            shift=bool(held & MODIFIER.ShiftModifier),
            alt=bool(held & (MODIFIER.AltModifier | MODIFIER.ControlModifier)),
            again=bool(event.buttons() & BUTTON.RightButton) or event.button() == BUTTON.RightButton,
        )

    def _press(self, touch: Touch, button: Qt.MouseButton) -> None:
        if self.art is None or self._working is not None:
            return
        moves = self._space or button == BUTTON.MiddleButton
        self._working = self.tools[MoveView.key] if moves else self.tool
        self._working.press(touch)
        self._show_cursor()

    def _move(self, touch: Touch) -> None:
        self.pointer = touch.seen
        if self._working is not None:
            self._working.move(touch)
        elif self.tool.brush:
            self.update()

    def _release(self, touch: Touch) -> None:
        working, self._working = self._working, None
        if working is not None:
            working.release(touch)
        self._show_cursor()

    @property
    def busy(self) -> bool:
        """Whether a tool is in the middle of something."""
        return self._working is not None

    @property
    def working(self) -> Tool:
        """The tool that works, or would."""
        return self._working or (self.tools[MoveView.key] if self._space else self.tool)

    def _show_cursor(self) -> None:
        pressed = self._working is not None and self._working.key == MoveView.key
        self.setCursor(Qt.CursorShape.ClosedHandCursor if pressed else self.working.cursor)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        assert event is not None
        self._press(self._touch(event.position(), event), event.button())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        assert event is not None
        self._move(self._touch(event.position(), event))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        assert event is not None
        self._release(self._touch(event.position(), event))

    def tabletEvent(self, event: QTabletEvent | None) -> None:  # noqa: N802
        assert event is not None
        touch = self._touch(event.position(), event, event.pressure() if self.pressure else 1.0)
        if event.type() == QEvent.Type.TabletPress:
            self._press(touch, event.button())
        elif event.type() == QEvent.Type.TabletMove:
            self._move(touch)
        elif event.type() == QEvent.Type.TabletRelease:
            self._release(touch)
        event.accept()  # else it comes again as the mouse

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        assert event is not None
        turned = event.angleDelta().y() or event.angleDelta().x()
        if self.art is not None and turned:
            self.zoom_by(STEP ** (turned / NOTCH), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        assert event is not None
        if event.key() == KEY.Key_Space:
            self._space = True
            self._show_cursor()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        assert event is not None
        if event.key() == KEY.Key_Space:
            if not event.isAutoRepeat():
                self._space = False
                self._show_cursor()
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        self._space = False
        self._show_cursor()
        super().focusOutEvent(event)

    def enterEvent(self, event: QEnterEvent | None) -> None:  # noqa: N802
        if event is not None:
            self.pointer = event.position()

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802
        self.pointer = None
        self.update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        if self._fitted:
            self.fit()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        self._changed()

    def hideEvent(self, event: QHideEvent | None) -> None:  # noqa: N802
        self._marching.stop()

    def middle(self) -> QPoint:
        """The pixel of the canvas in the middle of the screen."""
        x, y = self.view.point(QPointF(self.width() / 2, self.height() / 2))
        return QPoint(round(x), round(y))
