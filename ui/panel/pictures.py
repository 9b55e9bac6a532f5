"""Pictures from the backend and from layers, as Qt shows them."""

from __future__ import annotations

from sinddm_plugin.client import Picture
from sinddm_ui.qt import QColor, QImage, QPainter, QPixmap, QRect, Qt

LIGHT, DARK, CHECK = QColor(205, 205, 205), QColor(160, 160, 160), 6  # behind what is transparent; pixels


def image(picture: Picture) -> QImage:
    """An 8-bit picture of any layout but maps, with its own copy of the pixels."""
    data, channels = bytes(picture.data), picture.channels
    row = picture.width * channels
    formats = {
        "gray": QImage.Format.Format_Grayscale8,
        "rgb": QImage.Format.Format_RGB888,
        "bgr": QImage.Format.Format_RGB888,
        "rgba": QImage.Format.Format_RGBA8888,
        "bgra": QImage.Format.Format_ARGB32,
    }
    found = QImage(data, picture.width, picture.height, row, formats[picture.layout])
    return found.rgbSwapped() if picture.layout == "bgr" else found.copy()


def pixmap(picture: Picture | None, width: int, height: int, ratio: float) -> QPixmap:
    """A picture within so many pixels of the screen's own measure, in the middle, over checks; empty for None."""
    wide, high = round(width * ratio), round(height * ratio)  # drawn pixel by pixel, and given its measure at the end
    shown = QPixmap(wide, high)
    shown.fill(Qt.GlobalColor.transparent)
    if picture is not None:
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        found = image(picture).scaled(wide, high, keep, smooth)
        place = QRect((wide - found.width()) // 2, (high - found.height()) // 2, found.width(), found.height())
        painter = QPainter(shown)
        if picture.layout in ("rgba", "bgra"):
            checks(painter, place, round(CHECK * ratio))
        painter.drawImage(place.topLeft(), found)
        painter.end()
    shown.setDevicePixelRatio(ratio)
    return shown


def checks(painter: QPainter, place: QRect, side: int = CHECK) -> None:
    """Paint checks: what is transparent."""
    painter.save()
    painter.setClipRect(place)
    painter.fillRect(place, LIGHT)
    for y in range(place.top(), place.bottom() + 1, side):
        for x in range(place.left(), place.right() + 1, side):
            if (x // side + y // side) % 2:
                painter.fillRect(x, y, side, side, DARK)
    painter.restore()
