"""What Krita knows the plugin by: the dock, and the entries of Tools > Scripts."""

from __future__ import annotations

from typing import Any

from .api import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita
from .dock import NAME, SinddmDock
from .entries import ENTRIES, Entry
from .menu import LayerMenu, pop_up
from .plugin import the_plugin

PLACE = "tools/scripts"


class SinddmExtension(Extension):
    """Krita makes one, and asks it for the actions of each window."""

    def setup(self) -> None:
        """Krita asks for it before it has a window."""
        notifier = Krita.instance().notifier()
        notifier.setActive(True)
        notifier.windowCreated.connect(watch_layer_lists)

    def createActions(self, window: Any) -> None:  # noqa: N802 - Krita's name
        """The fallback where the menu of a layer cannot be found; their shortcuts are in the archive's .action file."""
        for entry in ENTRIES:
            action = window.createAction(entry.action, f"SinDDM: {entry.text}", PLACE)
            action.triggered.connect(lambda _=False, entry=entry: start(entry))


def start(entry: Entry) -> None:
    """What an action does."""
    plugin = the_plugin()
    if entry.sources:
        pop_up(entry, plugin)
    else:
        plugin.start(entry)


def watch_layer_lists(*_: object) -> None:
    """Find the list of layers in every new window."""
    lists = the_plugin().lists
    for window in Krita.instance().windows():
        main = window.qwindow()
        if main is not None and (name := main.objectName()) not in lists:
            lists[name] = LayerMenu(main, the_plugin())
            main.destroyed.connect(lambda _=None, name=name: lists.pop(name, None))  # a later one may have its name


def register_all() -> None:
    """The extension and the dock."""
    krita = Krita.instance()
    krita.addExtension(SinddmExtension(krita))
    krita.addDockWidgetFactory(DockWidgetFactory(NAME, DockWidgetFactoryBase.DockRight, SinddmDock))
