"""What was made, as pictures to choose from."""

from __future__ import annotations

from typing import Any

from sinddm_ui.panel.look import button, named, words
from sinddm_ui.panel.pictures import pixmap
from sinddm_ui.panel.wrap import Wrap
from sinddm_ui.qt import (
    QColor,
    QEvent,
    QHBoxLayout,
    QIcon,
    QListView,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPainter,
    QPalette,
    QPixmap,
    QSize,
    Qt,
    QVBoxLayout,
    QWidget,
    Signal,
)
from sinddm_ui.session import Session
from sinddm_ui.works import Result, Work

SIDE = 84  # pixels of a thumbnail
ROWS = 3  # of thumbnails that are seen without scrolling


class ResultsView(QWidget):
    """The grid, its buttons and its menu."""

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self._heading = words("Results")
        self._clear = button("Discard all", "Let all results go that are not kept", session.discard_all)
        self._grid = grid = _Grid()
        grid.hovered.connect(self._hover)
        grid.itemActivated.connect(lambda _: self._apply())
        grid.itemSelectionChanged.connect(self._enable)
        grid.customContextMenuRequested.connect(self._menu)
        grid.removed.connect(lambda: self._do(session.discard))
        grid.looked.connect(self._look)
        self._buttons = (
            button("Add as layer", "Add it as a new layer. A double click does the same", self._apply),
            button("More like this", "Make more that resemble it", lambda: self._do(session.more_like)),
            button("Keep", "Have it stay when others make room", lambda: self._do(self._keep)),
            button("Discard", "Let it go", lambda: self._do(session.discard)),
        )
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self._clear)
        lay = QVBoxLayout(self)
        lay.setContentsMargins(0, 0, 0, 0)
        lay.addLayout(head)
        lay.addWidget(grid)
        lay.addLayout(Wrap(self._buttons, 2))
        self._items: dict[int, QListWidgetItem] = {}
        self._drawn: dict[int, object] = {}
        self.refresh()

    def refresh(self) -> None:
        """Show the results as they are; what is there stays where it is."""
        results = list(self._session.results)
        present = {id(one) for one in results}
        for key in [key for key in self._items if key not in present]:
            self._grid.takeItem(self._grid.row(self._items.pop(key)))
            self._drawn.pop(key, None)
        for result in results:
            self._show(result)
        self.refresh_coming()
        self.setVisible(bool(results) or self._grid.coming > 0)
        self._enable()

    def refresh_coming(self) -> None:
        """Show what is still being made as empty places, and how many there are."""
        making = [one for one in self._session.works if one.active and not one.at_once and one.count]
        missing = sum(max(0, one.count - len(one.seen)) for one in making)
        self._grid.show_coming(missing, self._placeholder(making[0] if making else None))
        done, asked = sum(len(one.seen) for one in making), sum(one.count for one in making)
        self._grid.fit()
        count = len(self._session.results)
        self._heading.setText(f"Results   {done} of {asked}" if making else f"Results   {count}")
        if missing and self.isHidden():
            self.show()

    def _show(self, result: Result) -> None:
        """A result's item, drawn again only where something of it has changed."""
        item = self._items.get(id(result))
        if item is None:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, result)
            self._items[id(result)] = item
            self._grid.insertItem(len(self._items) - 1, item)
        state = (result.thumbnail is not None, result.applied, result.kept)
        if self._drawn.get(id(result)) != state:
            self._drawn[id(result)] = state
            item.setIcon(QIcon(_marked(result, self)))
            marks = [word for word, on in (("added", result.applied), ("kept", result.kept)) if on]
            item.setToolTip("\n".join([result.name, f"{result.width} x {result.height}", *marks]))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, result.name)

    def _placeholder(self, work: Work | None) -> QIcon:
        """An empty place, with how far the next one is."""
        ratio = self.devicePixelRatioF()
        shown = pixmap(work.preview if work else None, SIDE, SIDE, ratio)
        painter = QPainter(shown)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRect(0, 0, SIDE - 1, SIDE - 1)
        painter.end()
        return QIcon(shown)

    def _chosen(self) -> Result | None:
        items = self._grid.selectedItems()
        return items[0].data(Qt.ItemDataRole.UserRole) if items else None

    def _do(self, call: Any) -> None:
        result = self._chosen()
        if result is not None:
            call(result)

    def _apply(self) -> None:
        self._do(self._session.apply)

    def _keep(self, result: Result) -> None:
        self._session.keep(result, not result.kept)

    def _look(self) -> None:
        """Show it on the canvas, or no more."""
        result = self._chosen()
        self._session.preview(None if self._grid.showing else result)
        self._grid.showing = not self._grid.showing

    def _hover(self, item: QListWidgetItem | None) -> None:
        self._session.preview(item.data(Qt.ItemDataRole.UserRole) if item else None)

    def _enable(self) -> None:
        result = self._chosen()
        for one in self._buttons:
            one.setEnabled(result is not None)
        keep = self._buttons[2]
        keep.setText("Keep no more" if result and result.kept else "Keep")

    def _menu(self, where: Any) -> None:
        item = self._grid.itemAt(where)
        if item is None or not isinstance(result := item.data(Qt.ItemDataRole.UserRole), Result):
            return
        self._grid.setCurrentItem(item)
        session, menu = self._session, QMenu(self)
        for text, call in (
            ("Add as layer", session.apply),
            ("More like this", session.more_like),
            ("Keep no more" if result.kept else "Keep", self._keep),
            ("Copy seed", session.copy_seed),
            ("Discard", session.discard),
        ):
            action = menu.addAction(text)
            assert action
            action.triggered.connect(lambda _=False, call=call: call(result))
        menu.popup(self._grid.mapToGlobal(where))


class _Grid(QListWidget):
    """Thumbnails. hovered: the item under the mouse, or None."""

    hovered = Signal(object)
    removed = Signal()
    looked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.coming, self.showing = 0, False
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setGridSize(QSize(SIDE + 6, SIDE + 6))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        named(self, "Results", "Hover to see one on the canvas, double click to add it as a layer")

    def show_coming(self, count: int, icon: QIcon) -> None:
        """So many empty places at the end."""
        while self.coming > count:
            self.takeItem(self.count() - 1)
            self.coming -= 1
        while self.coming < count:
            item = QListWidgetItem()
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, "Being made")
            self.addItem(item)
            self.coming += 1
        for at in range(self.count() - count, self.count()):
            found = self.item(at)
            if found is not None:
                found.setIcon(icon if at == self.count() - count else QIcon(_empty(self)))

    def fit(self) -> None:
        """Be as high as the rows that there are, but for many."""
        columns = max(1, (self.width() - 24) // (SIDE + 6))
        self.setFixedHeight(min(ROWS, max(1, -(-self.count() // columns))) * (SIDE + 6) + 6)

    def resizeEvent(self, e: Any) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(e)
        self.fit()

    def mouseMoveEvent(self, e: Any) -> None:  # noqa: N802
        item = self.itemAt(e.pos())
        result = item is not None and isinstance(item.data(Qt.ItemDataRole.UserRole), Result)
        self.hovered.emit(item if result else None)
        super().mouseMoveEvent(e)

    def leaveEvent(self, a0: Any) -> None:  # noqa: N802
        self.showing = False
        self.hovered.emit(None)
        super().leaveEvent(a0)

    def focusOutEvent(self, e: Any) -> None:  # noqa: N802
        self.showing = False
        self.hovered.emit(None)
        super().focusOutEvent(e)

    def keyPressEvent(self, e: Any) -> None:  # noqa: N802
        key = e.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif key == Qt.Key.Key_Space:
            self.looked.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentItem() is not None:
                self.itemActivated.emit(self.currentItem())
        else:
            super().keyPressEvent(e)

    def event(self, e: Any) -> bool:
        if e.type() == QEvent.Type.ShortcutOverride and e.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Space):
            e.accept()  # while it has the focus these are its own, not the editor's
        return super().event(e)


def _empty(widget: QWidget) -> QPixmap:
    shown = pixmap(None, SIDE, SIDE, widget.devicePixelRatioF())
    painter = QPainter(shown)
    painter.setPen(widget.palette().color(QPalette.ColorRole.Mid))
    painter.drawRect(0, 0, SIDE - 1, SIDE - 1)
    painter.end()
    return shown


def _marked(result: Result, widget: QWidget) -> QPixmap:
    """The thumbnail, with a mark for what was added and one for what is kept."""
    shown = pixmap(result.thumbnail, SIDE, SIDE, widget.devicePixelRatioF())
    painter = QPainter(shown)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    marks = [text for text, on in (("\N{CHECK MARK}", result.applied), ("\N{BLACK STAR}", result.kept)) if on]
    for at, text in enumerate(marks):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawEllipse(SIDE - 20 * (at + 1), 3, 17, 17)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(SIDE - 20 * (at + 1), 3, 17, 17, int(Qt.AlignmentFlag.AlignCenter), text)
    painter.end()
    return shown
