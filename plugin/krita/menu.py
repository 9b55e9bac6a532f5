"""SinDDM in the menu of a layer. Krita has no call for it: its menu is found when it is about to show."""

from __future__ import annotations

from typing import Any

from sinddm_ui.qt import QApplication, QCursor, QDockWidget, QEvent, QMenu, QObject, QTimer, QTreeView

from .entries import ENTRIES, Entry
from .plugin import Plugin
from .sources import choices

DOCK, LIST = "KisLayerBox", "listLayers"  # what Krita calls its list of layers
FIRST = "layer_properties"  # an action that only the menu of a layer has
NAME = "sinddm_menu"


class LayerMenu(QObject):
    """Watches one window's list of layers."""

    def __init__(self, main: Any, plugin: Plugin) -> None:
        super().__init__(main)
        self.setObjectName(NAME)
        self._plugin, self._armed = plugin, False
        self._menu: QMenu | None = None
        dock = main.findChild(QDockWidget, DOCK)
        tree = None if dock is None else dock.findChild(QTreeView, LIST)
        self.found = tree is not None
        """Whether this Krita has such a list; Tools > Scripts has the same entries."""
        if tree is not None:
            self._clicked = tree.viewport()
            self._clicked.installEventFilter(self)

    def eventFilter(self, a0: Any, a1: Any) -> bool:  # noqa: N802 - Qt's name
        """Wait for the menu that follows a right click. Takes no event away."""
        watched, kind = a0, a1.type()
        if kind == QEvent.Type.ContextMenu and watched is self._clicked:
            self._arm()
        elif kind == QEvent.Type.Polish and self._armed and isinstance(watched, QMenu):
            at = next((one for one in watched.actions() if one.objectName() == FIRST), None)
            if at is not None:
                self._disarm()
                self._menu = fill_menu(QMenu("SinDDM", watched), self._plugin)  # Krita's own keeps no Python alive
                watched.insertMenu(at, self._menu)
                watched.insertSeparator(at)
        return False

    def _arm(self) -> None:
        """Krita makes the menu before it goes on; if it makes none, what comes later is none of ours."""
        if not self._armed:
            self._armed = True
            _application().installEventFilter(self)
            QTimer.singleShot(0, self._disarm)

    def _disarm(self) -> None:
        if self._armed:
            self._armed = False
            _application().removeEventFilter(self)


def fill_menu(menu: QMenu, plugin: Plugin) -> QMenu:
    """All entries."""
    menu.setObjectName(NAME)
    menu.setToolTipsVisible(True)
    for entry in ENTRIES:
        if entry.sources:
            action: Any = menu.addMenu(SourceMenu(entry, plugin, menu))
        else:
            action = menu.addAction(entry.text)
            action.triggered.connect(lambda _=False, entry=entry: _later(plugin, entry))
        action.setObjectName(entry.action)
        action.setToolTip(entry.help)
    return menu


class SourceMenu(QMenu):
    """What an entry can learn from, as it is when the menu shows."""

    def __init__(self, entry: Entry, plugin: Plugin, parent: Any = None) -> None:
        super().__init__(entry.text, parent)
        self._entry, self._plugin = entry, plugin
        self.setObjectName(entry.action)
        self.aboutToShow.connect(self._show)
        plugin.session.textures.changed.connect(self._changed)

    def _show(self) -> None:
        if not self._plugin.session.textures.known:
            self._plugin.session.wake()
        self._fill()

    def _changed(self) -> None:
        if self.isVisible():
            self._fill()

    def _fill(self) -> None:
        self.clear()
        session = self._plugin.session
        textures, layers = choices(self._entry, session.host.document(), [one.name for one in session.textures.all])
        for one in textures:
            self._add(one)
        if not textures:
            nothing: Any = self.addAction("The library is empty" if session.textures.known else "Reading the library")
            nothing.setEnabled(False)
        if layers:
            self.addSeparator()
        for one in layers:
            self._add(one)

    def _add(self, choice: Any) -> None:
        action: Any = self.addAction(choice.text.replace("&", "&&"))
        action.setObjectName(f"{self._entry.action}_{choice.source.kind}")
        action.triggered.connect(lambda _=False: _later(self._plugin, self._entry, choice.source))


def pop_up(entry: Entry, plugin: Plugin) -> None:
    """Ask what to learn from, where the cursor is."""
    plugin.menu = SourceMenu(entry, plugin)
    plugin.menu.popup(QCursor.pos())


def _application() -> Any:
    return QApplication.instance()


def _later(plugin: Plugin, entry: Entry, source: Any = None) -> None:
    """When the menu is closed: Krita updates its list of layers from its main loop only."""
    QTimer.singleShot(0, lambda: plugin.start(entry, source))
