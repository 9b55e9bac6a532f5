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
    shown = QPixmap(round(width * ratio), round(height * ratio))
    shown.setDevicePixelRatio(ratio)
    shown.fill(Qt.GlobalColor.transparent)
    if picture is None:
        return shown
    found = image(picture).scaled(
        round(width * ratio),
        round(height * ratio),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    found.setDevicePixelRatio(1)
    wide, high = found.width() / ratio, found.height() / ratio
    place = QRect(round((width - wide) / 2), round((height - high) / 2), max(1, round(wide)), max(1, round(high)))
    painter = QPainter(shown)
    if picture.layout in ("rgba", "bgra"):
        checks(painter, place)
    painter.drawImage(place, found)
    painter.end()
    return shown


def checks(painter: QPainter, place: QRect) -> None:
    """Paint checks: what is transparent."""
    painter.save()
    painter.setClipRect(place)
    painter.fillRect(place, LIGHT)
    for y in range(place.top(), place.bottom() + 1, CHECK):
        for x in range(place.left(), place.right() + 1, CHECK):
            if (x // CHECK + y // CHECK) % 2:
                painter.fillRect(x, y, CHECK, CHECK, DARK)
    painter.restore()
