"""The list of layers."""

# PyQt6 calls every event a0
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from sinddm_ui.desktop import images, shown
from sinddm_ui.desktop.document import Artwork, PaintLayer
from sinddm_ui.desktop.icons import drawn, icon
from sinddm_ui.qt import (
    QAbstractItemView,
    QEvent,
    QHBoxLayout,
    QIcon,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPainter,
    QPalette,
    QPixmap,
    QPoint,
    QRect,
    QSize,
    Qt,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtGui import QDropEvent, QKeyEvent, QMouseEvent

SIDE = 40  # pixels of a thumbnail
EYE = 20
GAP = 6
ROLE = Qt.ItemDataRole
ID = ROLE.UserRole
OWN_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Delete)


class LayerList(QListWidget):
    """Layers from the top. A click on the eye shows or hides, a double click renames, dragging moves."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.art: Artwork | None = None
        self.menu: Callable[[QMenu], object] = lambda menu: None
        """Adds the entries of a layer's menu."""
        self._thumbnails: dict[str, tuple[object, QPixmap]] = {}
        self._quiet = False
        self.setAccessibleName("Layers")
        self.setToolTip("Click the eye to show or hide a layer, double-click its name to rename it, drag to move it")
        self.setIconSize(QSize(EYE + GAP + SIDE, SIDE))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.open_menu)
        self.itemChanged.connect(self._renamed)
        self.itemSelectionChanged.connect(self._chosen)
        self.currentItemChanged.connect(lambda *_: self._chosen())

    def open(self, art: Artwork | None) -> None:
        """Show the layers of another document."""
        if self.art is not None:
            self.art.watchers.remove(self.refresh)
        self.art = art
        self._thumbnails.clear()
        if art is not None:
            art.watchers.append(self.refresh)
        self.refresh()

    @property
    def marked(self) -> list[str]:
        """The ids of the layers that are marked, from the top."""
        items = [self.item(row) for row in range(self.count())]
        return [one.data(ID) for one in items if one is not None and one.isSelected()]

    def refresh(self) -> None:
        """Show what the document has now."""
        layers = self.art.layers if self.art else []
        with self._silent():
            while self.count() > len(layers):
                self.takeItem(self.count() - 1)
            while self.count() < len(layers):
                self.addItem(QListWidgetItem())
            for row, layer in enumerate(layers):
                self._show(self.item(row), layer)
            if self.art is not None:
                self._show_chosen(self.art)
        kept = {layer.id for layer in layers}
        self._thumbnails = {id: found for id, found in self._thumbnails.items() if id in kept}

    def rename(self) -> None:
        """Have the artist rename the layer that is chosen."""
        if self.currentItem() is not None:
            self.editItem(self.currentItem())

    def remove(self) -> None:
        """Remove the layers that are marked."""
        if self.art is not None:
            self.art.remove(self.marked)

    def open_menu(self, at: QPoint) -> None:
        """Open the menu of the layer at a place of the list."""
        item = self.itemAt(at)
        if item is None:
            return
        if not item.isSelected():
            self.setCurrentItem(item)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu(menu)
        menu.popup(self.viewport().mapToGlobal(at))  # pyright: ignore[reportOptionalMemberAccess]

    def eye(self, row: int) -> QPoint:
        """Where the eye of a row is in the list."""
        rect = self.visualItemRect(self.item(row))
        return QPoint(rect.left() + EYE // 2 + 4, rect.center().y())

    # Qt's events

    def event(self, e: QEvent | None) -> bool:
        """Its own keys come before the window's shortcuts."""
        if e is not None and e.type() == QEvent.Type.ShortcutOverride and cast("QKeyEvent", e).key() in OWN_KEYS:
            e.accept()
            return True
        return super().event(e)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        assert event is not None
        item = self.itemAt(event.position().toPoint())
        if item is not None and self._on_eye(item, event) and event.button() == Qt.MouseButton.LeftButton:
            self._toggle([item.data(ID)])
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        assert event is not None
        item = self.itemAt(event.position().toPoint())
        if item is not None and self._on_eye(item, event):
            self._toggle([item.data(ID)])
            return
        super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        assert event is not None
        if event.key() == Qt.Key.Key_Space:
            self._toggle(self.marked)
        elif event.key() == Qt.Key.Key_Delete:
            self.remove()
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        assert event is not None
        if event.source() is not self or self.art is None:
            return
        over = self.itemAt(event.position().toPoint())
        to = self.count() if over is None else self.row(over)
        below = QAbstractItemView.DropIndicatorPosition.BelowItem
        if over is not None and self.dropIndicatorPosition() == below:
            to += 1
        event.setDropAction(Qt.DropAction.IgnoreAction)  # the document moves it, and the list shows that
        event.accept()
        self.drop(self.currentRow(), to)

    def drop(self, row: int, before: int) -> None:
        """Move the layer of a row before that of another one, counted as they are now."""
        if self.art is not None and 0 <= row < len(self.art.layers):
            self.art.move(self.art.layers[row].id, before - (before > row))

    # Inside

    def _on_eye(self, item: QListWidgetItem, event: QMouseEvent) -> bool:
        return event.position().x() < self.visualItemRect(item).left() + EYE + GAP

    @contextmanager
    def _silent(self) -> Iterator[None]:
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _show(self, item: QListWidgetItem | None, layer: PaintLayer) -> None:
        assert item is not None
        item.setData(ID, layer.id)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        if item.text() != layer.name:
            item.setText(layer.name)
        item.setIcon(QIcon(self._picture(layer)))
        group = f"In the set {layer.group}. " if layer.group else ""
        seen = "shown" if layer.visible else "hidden"
        item.setToolTip(f"{layer.name}\n{group}{layer.box.width} x {layer.box.height} pixels, {seen}")
        item.setData(ROLE.AccessibleTextRole, f"{layer.name}, {seen}")
        role = QPalette.ColorRole.Text if layer.visible else QPalette.ColorRole.PlaceholderText
        item.setForeground(self.palette().brush(role))

    def _show_chosen(self, art: Artwork) -> None:
        marked = art.marked or ((art.active,) if art.active else ())
        for row, layer in enumerate(art.layers):
            item = self.item(row)
            assert item is not None
            if layer.id == art.active:
                self.setCurrentItem(item)
        for row, layer in enumerate(art.layers):
            item = self.item(row)
            assert item is not None
            item.setSelected(layer.id in marked)

    def _picture(self, layer: PaintLayer) -> QPixmap:
        """The eye and the thumbnail."""
        assert self.art is not None
        color = self.palette().color(QPalette.ColorRole.Text)
        key = layer.revision, layer.visible, color.rgba(), id(layer.pixels)
        if layer.id in self._thumbnails and self._thumbnails[layer.id][0] == key:
            return self._thumbnails[layer.id][1]
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round((EYE + GAP + SIDE) * ratio), round(SIDE * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        eye = drawn("shown" if layer.visible else "hidden", color, round(EYE * ratio))
        painter.drawPixmap(0, (SIDE - EYE) // 2, EYE, EYE, eye)
        small = images.straight(shown.thumbnail(layer, self.art.form, round(SIDE * ratio)))
        scale = SIDE / max(small.width(), small.height())
        width, height = max(1, round(small.width() * scale)), max(1, round(small.height() * scale))
        left, top = EYE + GAP + (SIDE - width) // 2, (SIDE - height) // 2
        painter.setOpacity(1.0 if layer.visible else 0.4)
        painter.drawImage(QRect(left, top, width, height), small)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRect(left, top, width - 1, height - 1)
        painter.end()
        self._thumbnails[layer.id] = key, picture
        return picture

    def _toggle(self, ids: list[str]) -> None:
        if self.art is not None:
            found = [layer for id in ids if (layer := self.art.layer(id)) is not None]
            if found:
                self.art.show(ids, not found[0].visible)

    def _renamed(self, item: QListWidgetItem) -> None:
        if not self._quiet and self.art is not None:
            self.art.rename(item.data(ID), item.text())
            self.refresh()  # an empty name is not taken

    def _chosen(self) -> None:
        current = self.currentItem()
        if not self._quiet and self.art is not None and current is not None:
            self.art.activate(current.data(ID), self.marked)


class Layers(QWidget):
    """The list of layers, and buttons below it."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.list = LayerList(self)
        self.new = self._button("new", "New layer", "Add an empty layer for rough shapes", self._new)
        self.up = self._button("up", "Up", "Move the layer up", lambda: self._move(-1))
        self.down = self._button("down", "Down", "Move the layer down", lambda: self._move(1))
        self.bin = self._button("remove", "Remove", "Remove the marked layers", self.list.remove)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.new, self.up, self.down):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.bin)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4, 4, 4, 4)
        whole.addWidget(self.list)
        whole.addLayout(row)

    def open(self, art: Artwork | None) -> None:
        """Show the layers of another document."""
        self.list.open(art)
        for button in (self.new, self.up, self.down, self.bin):
            button.setEnabled(art is not None)

    def _button(self, name: str, text: str, tip: str, call: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name, self.palette()))
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setAutoRaise(True)
        button.setEnabled(False)
        button.clicked.connect(lambda _=False: call())
        return button

    def _new(self) -> None:
        art = self.list.art
        if art is not None:
            art.insert([art.blank("Shapes")], art.active)

    def _move(self, by: int) -> None:
        art = self.list.art
        layer = art.layer(art.active) if art else None
        if art is not None and layer is not None:
            art.move(layer.id, art.layers.index(layer) + by)
