"""Where the canvas is on the screen, and how large."""

from __future__ import annotations

from sinddm_ui.qt import QPointF, QRectF

STEP = 1.25  # of the zoom, for a notch of the wheel
SMALLEST, LARGEST = 1 / 64, 64.0
EDGE = 24  # pixels of the screen around a picture that is fitted in


class View:
    """The zoom, and the place of the canvas's corner in the widget."""

    def __init__(self) -> None:
        self.zoom = 1.0
        self.corner = QPointF(0, 0)

    def seen(self, x: float, y: float) -> QPointF:
        """Where a point of the canvas is on the screen."""
        return QPointF(x * self.zoom, y * self.zoom) + self.corner

    def point(self, seen: QPointF) -> tuple[float, float]:
        """Which point of the canvas is somewhere on the screen."""
        there = (seen - self.corner) / self.zoom
        return there.x(), there.y()

    def rect(self, x: float, y: float, width: float, height: float) -> QRectF:
        """Where a rectangle of the canvas is on the screen."""
        return QRectF(self.seen(x, y), self.seen(x + width, y + height))

    def fit(self, width: int, height: int, room: tuple[int, int]) -> None:
        """Show all of a picture in the middle, at most as large as it is; a tiny one larger."""
        wide, high = (max(1, side - 2 * EDGE) for side in room)
        whole = min(wide / width, high / height)
        most = 1.0 if max(width, height) > 64 else 16.0
        self.zoom = min(LARGEST, max(SMALLEST, min(whole, most)))
        self.middle(width / 2, height / 2, room)

    def middle(self, x: float, y: float, room: tuple[int, int]) -> None:
        """Have a point of the canvas in the middle of the screen."""
        corner = QPointF(room[0] / 2 - x * self.zoom, room[1] / 2 - y * self.zoom)
        self.corner = QPointF(round(corner.x()), round(corner.y()))

    def zoom_to(self, zoom: float, around: QPointF) -> None:
        """Another zoom; the point that is somewhere on the screen stays there."""
        x, y = self.point(around)
        self.zoom = min(LARGEST, max(SMALLEST, zoom))
        self.corner = around - QPointF(x * self.zoom, y * self.zoom)
