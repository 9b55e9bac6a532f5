"""What is drawn over and under the picture: checkers, the selection, the brush's ring."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from sinddm_ui.desktop import images
from sinddm_ui.desktop.brush import Brush
from sinddm_ui.desktop.document import Artwork
from sinddm_ui.desktop.outline import outline
from sinddm_ui.desktop.tools import Tool
from sinddm_ui.desktop.view import View
from sinddm_ui.qt import (
    QBrush,
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPixmap,
    QPointF,
    QRect,
    QRectF,
    Qt,
    QTransform,
)

CHECKER = 8  # pixels
LIGHT, DARK = QColor(204, 204, 204), QColor(172, 172, 172)
TINT = (255, 40, 60)  # over what is selected, while it is being painted
TINTED = 110  # its largest alpha
DASH = 4
INVITATION = "Drop a picture here, paste one, or open one with Ctrl+O."


class Seen(Protocol):
    """The canvas, as far as it matters here."""

    art: Artwork | None
    tool: Tool
    view: View
    brush: Brush
    pointer: QPointF | None

    @property
    def working(self) -> Tool: ...
    def rect(self) -> QRect: ...
    def palette(self) -> QPalette: ...


class Overlays:
    """Draws on a canvas."""

    def __init__(self, canvas: Seen):
        self._canvas = canvas
        self._checkers: QBrush | None = None
        self._outline: tuple[np.ndarray, int, QPainterPath] | None = None
        self._striped: QBrush | None = None
        self._step = 0

    def march(self) -> None:
        """Move the selection's outline on."""
        self._step = (self._step + 1) % (2 * DASH)

    def invite(self, painter: QPainter) -> None:
        """Say what to do where nothing is open."""
        painter.setPen(QColor("white") if self._dark else QColor("black"))
        room = self._canvas.rect().adjusted(24, 24, -24, -24)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, INVITATION)

    def checkers(self, painter: QPainter, where: QRectF) -> None:
        """What transparency is shown as."""
        if self._checkers is None:
            tile = QPixmap(2 * CHECKER, 2 * CHECKER)
            tile.fill(LIGHT)
            with_dark = QPainter(tile)
            with_dark.fillRect(0, 0, CHECKER, CHECKER, DARK)
            with_dark.fillRect(CHECKER, CHECKER, CHECKER, CHECKER, DARK)
            with_dark.end()
            self._checkers = QBrush(tile)
        painter.fillRect(where, self._checkers)

    def selection(self, painter: QPainter) -> None:
        """The selection as a moving outline; as a red tint while it is painted."""
        art, tool = self._canvas.art, self._canvas.tool
        assert art is not None
        mask = tool.pending if tool.pending is not None else art.selection
        if mask is None:
            return
        if tool.key == "select":
            self._tint(painter, mask)
        if tool.pending is None:
            self._along(painter, self._path(mask), self._canvas.view.zoom)

    def tool(self, painter: QPainter) -> None:
        """The rectangle that is being drawn, or the ring of the brush."""
        canvas = self._canvas
        tool = canvas.working
        if tool.frame is not None:
            path = QPainterPath()
            path.addRect(tool.frame)
            self._along(painter, path, canvas.view.zoom)
        if tool.brush and canvas.pointer is not None:
            radius = max(1.5, canvas.brush.size * canvas.view.zoom / 2)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for color, more in ((QColor(0, 0, 0, 160), 1.0), (QColor(255, 255, 255, 220), 0.0)):
                painter.setPen(QPen(color, 1))
                painter.drawEllipse(canvas.pointer, radius + more, radius + more)

    @property
    def _dark(self) -> bool:
        """Whether what is behind the canvas is dark."""
        return self._canvas.palette().dark().color().lightness() < 128

    def _path(self, mask: np.ndarray) -> QPainterPath:
        """The outline of a mask, as fine as it is shown."""
        step = 1
        while step * 2 * self._canvas.view.zoom <= 1:
            step *= 2
        if self._outline is None or self._outline[0] is not mask or self._outline[1] != step:
            self._outline = mask, step, outline(mask, step)
        return self._outline[2]

    def _along(self, painter: QPainter, path: QPainterPath, zoom: float) -> None:
        corner = self._canvas.view.corner
        seen = QTransform(zoom, 0, 0, zoom, corner.x(), corner.y()).map(path)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.strokePath(seen, QPen(self._stripes(), 1))

    def _stripes(self) -> QBrush:
        """Diagonal ones: they look like dashes along any line, however often it begins anew."""
        if self._striped is None:
            tile = QImage(2 * DASH, 2 * DASH, QImage.Format.Format_RGB32)
            for x in range(2 * DASH):
                for y in range(2 * DASH):
                    tile.setPixelColor(x, y, QColor("white" if (x + y) % (2 * DASH) < DASH else "black"))
            self._striped = QBrush(tile)
        self._striped.setTransform(QTransform.fromTranslate(self._step, 0))
        return self._striped

    def _tint(self, painter: QPainter, mask: np.ndarray) -> None:
        """Red over what is selected, of the part that is in view."""
        canvas = self._canvas
        x0, y0 = canvas.view.point(QPointF(0, 0))
        x1, y1 = canvas.view.point(QPointF(canvas.rect().width(), canvas.rect().height()))
        left, top = max(0, int(x0)), max(0, int(y0))
        right, bottom = min(mask.shape[1], int(x1) + 1), min(mask.shape[0], int(y1) + 1)
        if left >= right or top >= bottom:
            return
        step = max(1, int(1 / canvas.view.zoom))
        part = mask[top:bottom:step, left:right:step]
        red = np.empty((*part.shape, 4), np.uint8)
        red[..., :3] = TINT
        red[..., 3] = part.astype(np.uint16) * TINTED // 255
        size = part.shape[1] * step, part.shape[0] * step
        painter.drawImage(canvas.view.rect(left, top, *size), images.straight(red))
