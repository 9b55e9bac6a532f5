"""A row that goes on in the next line where the panel is narrow or its letters are large."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sinddm_ui.qt import QLayout, QRect, QSize, QSizePolicy, Qt, QWidget


class Wrap(QLayout):
    """Widgets from the left to the right and on in the next line. With columns: all are equally wide, and there are so
    many in a line, or fewer where they do not fit. fill: the last one of a line takes what is left of it."""

    def __init__(self, widgets: Iterable[QWidget] = (), columns: int = 0, space: int = 0, fill: bool = False):
        super().__init__()
        self._items: list[Any] = []
        self._columns, self._fill = columns, fill
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(space)
        for one in widgets:
            if columns:
                one.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.addWidget(one)

    def addItem(self, a0: Any) -> None:  # noqa: N802 - Qt's names, here and below
        self._items.append(a0)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> Any:  # noqa: N802
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> Any:  # noqa: N802
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Any:  # noqa: N802
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, a0: int) -> int:  # noqa: N802
        return max((place.bottom() + 1 for _, place in self._places(a0)), default=0)

    def minimumSize(self) -> QSize:  # noqa: N802
        sizes = [one.minimumSize() for one in self._shown()]
        return QSize(max((one.width() for one in sizes), default=0), max((one.height() for one in sizes), default=0))

    def sizeHint(self) -> QSize:  # noqa: N802
        shown = self._shown()
        count = min(self._columns or len(shown), len(shown))
        sides = [one.sizeHint().width() for one in shown]
        wide = count * max(sides, default=0) if self._columns else sum(sides)
        wide += self.spacing() * max(0, count - 1)
        return QSize(wide, self.heightForWidth(wide))

    def setGeometry(self, a0: QRect) -> None:  # noqa: N802
        super().setGeometry(a0)
        for item, place in self._places(a0.width()):
            item.setGeometry(place.translated(a0.topLeft()))

    def _shown(self) -> list[Any]:
        return [one for one in self._items if not one.isEmpty()]

    def _places(self, width: int) -> list[tuple[Any, QRect]]:
        """Where each is, in so wide a place."""
        space, top = self.spacing(), 0
        found: list[tuple[Any, QRect]] = []
        shown = self._shown()
        for line in self._in_columns(shown, width) if self._columns else self._in_lines(shown, width):
            left, high = 0, max(_high(one, wide) for one, wide in line)
            for one, wide in line:
                found.append((one, QRect(left, top, wide, high)))
                left += wide + space
            top += high + space
        return found

    def _in_columns(self, shown: list[Any], width: int) -> list[list[tuple[Any, int]]]:
        """The lines, with how wide each thing in them is: as many as fit, and no line much shorter than the others."""
        widest, space = max((one.sizeHint().width() for one in shown), default=0), self.spacing()
        fit = max(1, min(self._columns, (width + space) // (widest + space)) if widest else 1)
        lines = -(-len(shown) // fit) if shown else 0
        fit = -(-len(shown) // lines) if lines else 1
        wide = (width - space * (fit - 1)) // fit
        return [[(one, wide) for one in shown[at : at + fit]] for at in range(0, len(shown), fit)]

    def _in_lines(self, shown: list[Any], width: int) -> list[list[tuple[Any, int]]]:
        """The lines, each filled before the next."""
        lines: list[list[tuple[Any, int]]] = []
        left = 0
        for one in shown:
            wide = min(one.sizeHint().width(), width)
            if not lines or left + wide > width:
                lines.append([])
                left = 0
            lines[-1].append((one, wide))
            left += wide + self.spacing()
        if self._fill:
            for line in lines:
                used = sum(wide for _, wide in line[:-1]) + self.spacing() * (len(line) - 1)
                line[-1] = line[-1][0], width - used
        return lines


def _high(item: Any, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
