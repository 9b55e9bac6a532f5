"""A picture over the canvas, for looking only: a widget, so that nothing of the artist's document changes."""

from __future__ import annotations

from typing import Any

from sinddm_plugin.client import Picture
from sinddm_ui.host import Box, HostError
from sinddm_ui.qt import QImage, QObject, QPainter, QRectF, Qt, QTimer, QTransform, QWidget

from .nodes import active_document, id_of
from .view import active_canvas, image_to_canvas

FOLLOW = 30  # milliseconds between two looks at where the view is


class Overlay(QObject):
    """Shows at most one picture at a time."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sheet: Sheet | None = None
        self._document = ""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._follow)

    def show_picture(self, document: str, picture: Picture, box: Box) -> None:
        """Show an RGBA picture of 8 bits in a box of the document. Raises HostError where Krita has no place for it."""
        canvas = active_canvas()
        active = active_document()
        if active is None or id_of(active) != document:
            self.hide_picture()
            return
        where = None if canvas is None else image_to_canvas()
        if canvas is None or where is None:
            raise HostError("This Krita shows no preview on its canvas: add the result as a layer to see it.")
        if self._sheet is None or self._sheet.parentWidget() is not canvas:
            self.hide_picture()
            self._sheet = Sheet(canvas)
            self._sheet.destroyed.connect(self._gone)
        self._document = document
        self._sheet.put(picture, box)
        self._sheet.move_to(where)
        self._sheet.show()
        self._sheet.raise_()
        self._timer.start(FOLLOW)

    def hide_picture(self) -> None:
        """Show the canvas as it is."""
        self._timer.stop()
        sheet, self._sheet = self._sheet, None
        if sheet is not None:
            sheet.hide()
            sheet.deleteLater()

    def _follow(self) -> None:
        """Move with the view; go when another one is looked at."""
        sheet, active = self._sheet, active_document()
        canvas = active_canvas()
        if sheet is None or canvas is None or sheet.parentWidget() is not canvas:
            self.hide_picture()
            return
        where = image_to_canvas()
        if where is None or active is None or id_of(active) != self._document:
            self.hide_picture()
        else:
            sheet.move_to(where)

    def _gone(self) -> None:
        """The canvas took it along when its view was closed."""
        self._sheet = None
        self._timer.stop()


class Sheet(QWidget):
    """What covers the canvas. It takes neither the mouse nor keys."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setObjectName("sinddm_preview")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._image = QImage()
        self._data: bytes = b""
        self._box = Box(0, 0, 0, 0)
        self._where = QTransform()

    def put(self, picture: Picture, box: Box) -> None:
        """What to draw, and into which box of the document."""
        self._data = bytes(picture.data)  # the image does not copy them
        form = QImage.Format.Format_RGBA8888
        self._image = QImage(self._data, picture.width, picture.height, picture.width * 4, form)
        self._box = box
        self.update()

    def move_to(self, where: QTransform) -> None:
        """Where the document's pixels are on the canvas now."""
        canvas: Any = self.parentWidget()
        if canvas.size() != self.size():
            self.resize(canvas.size())
        if where != self._where:
            self._where = where
            self.update()

    def paintEvent(self, a0: Any) -> None:  # noqa: N802 - Qt's name
        """Draw it as Krita draws the layers: smoothly where it is made smaller."""
        painter = QPainter(self)
        painter.setTransform(self._where, True)
        smaller = abs(self._where.determinant()) * self._box.width * self._box.height
        smooth = smaller < 4 * self._image.width() * self._image.height()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(QRectF(*self._box), self._image)
        painter.end()
