"""The window's pictures, drawn in the colour of its words, so that they can be seen on light and dark."""

from __future__ import annotations

from collections.abc import Callable

from sinddm_ui.qt import QColor, QIcon, QPainter, QPainterPath, QPalette, QPen, QPixmap, QPointF, QRectF, Qt

SIDE = 24  # what the drawings are measured in
SIZES = (16, 24, 32, 48)


def icon(name: str, palette: QPalette) -> QIcon:
    """A picture by its name."""
    made = QIcon()
    for mode, group in (
        (QIcon.Mode.Normal, QPalette.ColorGroup.Active),
        (QIcon.Mode.Disabled, QPalette.ColorGroup.Disabled),
    ):
        color = palette.color(group, QPalette.ColorRole.ButtonText)
        for size in SIZES:
            made.addPixmap(drawn(name, color, size), mode)
    return made


def drawn(name: str, color: QColor, size: int) -> QPixmap:
    """A picture in a colour."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.scale(size / SIDE, size / SIDE)
    painter.setPen(QPen(color, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    DRAWINGS[name](painter, color)
    painter.end()
    return pixmap


def swatch(color: QColor, size: int = 20) -> QIcon:
    """A colour as a picture."""
    pixmap = QPixmap(size, size)
    pixmap.fill(color)
    painter = QPainter(pixmap)
    painter.setPen(QPen(QColor(128, 128, 128), 1))
    painter.drawRect(0, 0, size - 1, size - 1)
    painter.end()
    return QIcon(pixmap)


def _lines(painter: QPainter, *points: tuple[float, float], closed: bool = False) -> None:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(*point)
    if closed:
        path.closeSubpath()
    painter.drawPath(path)


def _view(painter: QPainter, color: QColor) -> None:
    """A hand, flat."""
    path = QPainterPath(QPointF(7, 12))
    for x, top in ((7, 7), (10.5, 4.5), (14, 4.5), (17.5, 7)):
        path.lineTo(x, top)
        path.moveTo(x, 12)
    painter.drawPath(path)
    hand = QPainterPath(QPointF(17.5, 10))
    hand.lineTo(17.5, 15)
    hand.cubicTo(17.5, 20, 14, 21, 12, 21)
    hand.cubicTo(9, 21, 8, 19, 4, 13.5)
    hand.lineTo(7, 14)
    painter.drawPath(hand)


def _layer(painter: QPainter, color: QColor) -> None:
    """Four arrows."""
    _lines(painter, (12, 3), (12, 21))
    _lines(painter, (3, 12), (21, 12))
    for points in (
        ((9, 6), (12, 3), (15, 6)),
        ((9, 18), (12, 21), (15, 18)),
        ((6, 9), (3, 12), (6, 15)),
        ((18, 9), (21, 12), (18, 15)),
    ):
        _lines(painter, *points)


def _rectangle(painter: QPainter, color: QColor) -> None:
    pen = painter.pen()
    pen.setDashPattern([2, 2])
    painter.setPen(pen)
    painter.drawRect(QRectF(4, 5, 16, 14))


def _select(painter: QPainter, color: QColor) -> None:
    """A brush on a dashed ground."""
    _brush(painter, 0.72)
    pen = painter.pen()
    pen.setDashPattern([2, 2])
    painter.setPen(pen)
    _lines(painter, (3, 21), (21, 21))


def _paint(painter: QPainter, color: QColor) -> None:
    _brush(painter, 1.0)


def _brush(painter: QPainter, scale: float) -> None:
    painter.save()
    painter.translate(12 * (1 - scale), 3 * (1 - scale))
    painter.scale(scale, scale)
    _lines(painter, (20, 4), (11, 13))
    tip = QPainterPath(QPointF(11, 13))
    tip.cubicTo(6, 12, 7, 18, 3.5, 20)
    tip.cubicTo(8, 21, 13, 20, 13, 15)
    tip.closeSubpath()
    painter.fillPath(tip, painter.pen().color())
    painter.restore()


def _erase(painter: QPainter, color: QColor) -> None:
    _lines(painter, (13, 4), (20, 11), (12, 19), (7, 19), (4, 16), closed=True)
    _lines(painter, (8.5, 9), (15.5, 16))
    _lines(painter, (12, 20), (20, 20))


def _shown(painter: QPainter, color: QColor) -> None:
    """An open eye."""
    path = QPainterPath(QPointF(2.5, 12))
    path.cubicTo(7, 4.5, 17, 4.5, 21.5, 12)
    path.cubicTo(17, 19.5, 7, 19.5, 2.5, 12)
    painter.drawPath(path)
    painter.setBrush(color)
    painter.drawEllipse(QPointF(12, 12), 2.6, 2.6)


def _hidden(painter: QPainter, color: QColor) -> None:
    """A closed eye."""
    path = QPainterPath(QPointF(2.5, 11))
    path.cubicTo(7, 17, 17, 17, 21.5, 11)
    painter.drawPath(path)
    for x, y, x1, y1 in ((6, 15, 4.5, 17.5), (12, 16.5, 12, 19), (18, 15, 19.5, 17.5)):
        _lines(painter, (x, y), (x1, y1))


def _new(painter: QPainter, color: QColor) -> None:
    _lines(painter, (12, 5), (12, 19))
    _lines(painter, (5, 12), (19, 12))


def _remove(painter: QPainter, color: QColor) -> None:
    _lines(painter, (4.5, 7), (19.5, 7))
    _lines(painter, (9.5, 7), (9.5, 4), (14.5, 4), (14.5, 7))
    _lines(painter, (6.5, 7), (7.5, 20), (16.5, 20), (17.5, 7))


def _up(painter: QPainter, color: QColor) -> None:
    _lines(painter, (6, 14.5), (12, 8.5), (18, 14.5))


def _down(painter: QPainter, color: QColor) -> None:
    _lines(painter, (6, 9.5), (12, 15.5), (18, 9.5))


DRAWINGS: dict[str, Callable[[QPainter, QColor], None]] = {
    "view": _view,
    "layer": _layer,
    "rectangle": _rectangle,
    "select": _select,
    "paint": _paint,
    "erase": _erase,
    "shown": _shown,
    "hidden": _hidden,
    "new": _new,
    "remove": _remove,
    "up": _up,
    "down": _down,
}
