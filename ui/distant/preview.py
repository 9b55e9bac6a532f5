"""How a result would look: a small window beside the panel with the artist's picture and the result in its place."""

from __future__ import annotations

from typing import Any

from sinddm_plugin.client import Picture
from sinddm_ui.host import Box
from sinddm_ui.panel.pictures import checks, image
from sinddm_ui.qt import QColor, QImage, QPainter, QPen, QRect, QRectF, QSize, Qt, QTimer, QWidget

SIDE = 480  # pixels of the window's longer side
LEAST = 96  # of its shorter one
GAP = 12  # between it and the panel
LINGER = 150  # milliseconds: so that it does not blink between two results
SHADE = 60  # percent of what is beside the canvas


class Preview(QWidget):
    """It takes neither the mouse nor keys, has nothing to close it with, and stays above the panel."""

    def __init__(self) -> None:
        window = Qt.WindowType
        super().__init__(None, window.Tool | window.CustomizeWindowHint | window.WindowTitleHint)
        self.setWindowFlag(window.WindowDoesNotAcceptFocus)
        self.setWindowFlag(window.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle("Preview - SinDDM")
        self.setObjectName("sinddm_preview")
        self.setAccessibleName("Preview")
        self.setToolTip("How your picture would look with this result. Nothing in it has changed.")
        self._whole, self._result = QImage(), QImage()
        self._canvas = self._box = Box(0, 0, 1, 1)
        self._beside: QWidget | None = None
        self._leaving = QTimer(self)
        self._leaving.setSingleShot(True)
        self._leaving.setInterval(LINGER)
        self._leaving.timeout.connect(self.hide)

    @property
    def shown(self) -> bool:
        """Whether it is seen."""
        return self.isVisible()

    def belongs_to(self, window: QWidget) -> None:
        """The window that it is beside of."""
        self._beside = window

    def show_picture(self, whole: Picture, canvas: Box, result: Picture, box: Box) -> None:
        """Show the picture `whole`, of a canvas as large as `canvas`, with a result in its box."""
        self._leaving.stop()
        self._whole, self._result = image(whole), image(result)
        self._canvas, self._box = canvas, box
        seen = self._seen
        scale = SIDE / max(seen.width, seen.height, 1)
        size = QSize(max(LEAST, round(seen.width * scale)), max(LEAST, round(seen.height * scale)))
        if size != self.size():
            self.setFixedSize(size)
        if not self.isVisible():
            self._go_beside()
            self.show()
        self.update()

    def hide_picture(self, at_once: bool = False) -> None:
        """It is not looked at any more."""
        if at_once:
            self._leaving.stop()
            self.hide()
        elif self.isVisible():
            self._leaving.start()

    def paintEvent(self, a0: Any) -> None:  # noqa: N802 - Qt's name
        """The picture, and over it the result; what is beside the canvas is darker."""
        seen, painter = self._seen, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), self.palette().window().color().darker(100 + SHADE))
        scale = min(self.width() / seen.width, self.height() / seen.height)
        left, top = (self.width() - seen.width * scale) / 2, (self.height() - seen.height * scale) / 2

        def place(box: Box) -> QRectF:
            x, y = left + (box.x - seen.x) * scale, top + (box.y - seen.y) * scale
            return QRectF(x, y, box.width * scale, box.height * scale)

        canvas = place(self._canvas)
        checks(painter, canvas.toAlignedRect())
        painter.drawImage(canvas, self._whole)
        painter.drawImage(place(self._box), self._result)
        if seen != self._canvas:
            painter.setPen(QPen(QColor(255, 255, 255), 1, Qt.PenStyle.DashLine))
            painter.drawRect(canvas.adjusted(0, 0, -1, -1))
        painter.setPen(self.palette().windowText().color())
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    @property
    def _seen(self) -> Box:
        """The canvas, and the result where it reaches out of it."""
        x, y = min(self._canvas.x, self._box.x), min(self._canvas.y, self._box.y)
        right = max(self._canvas.x + self._canvas.width, self._box.x + self._box.width)
        bottom = max(self._canvas.y + self._canvas.height, self._box.y + self._box.height)
        return Box(x, y, max(1, right - x), max(1, bottom - y))

    def _go_beside(self) -> None:
        """To the left of the panel, or to the right where there is more room: never over what the mouse is at."""
        window = self._beside
        screen = window.screen() if window is not None else None
        if window is None or screen is None:
            return
        frame, room = window.frameGeometry(), screen.availableGeometry()
        left, right = frame.left() - room.left(), room.right() - frame.right()
        x = frame.left() - GAP - self.width() if left >= right else frame.right() + GAP
        y = min(frame.top(), room.bottom() - self.height())
        self.move(QRect(room).left() if x < room.left() else x, max(room.top(), y))
