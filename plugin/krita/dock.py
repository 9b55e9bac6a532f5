"""The dock that holds the panel."""

from __future__ import annotations

from typing import Any

from sinddm_ui.panel import Panel
from sinddm_ui.qt import QDockWidget, Qt, QTimer

from .api import DockWidget, Krita
from .plugin import the_plugin

NAME = "sinddm"
NEIGHBOUR = "PresetDocker"  # what Krita calls its brush presets
SHARE = 0.55  # of the window's height
SHOWN = ("sinddm", "dock_shown", "")  # Krita's setting: group, name, what it is at first


class SinddmDock(DockWidget):
    """One for each window; they all show the same session."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName(NAME)
        self.setWindowTitle("SinDDM")
        plugin = the_plugin()
        panel = Panel(plugin.session, self)
        plugin.panels.append(panel)
        panel.destroyed.connect(lambda: plugin.panels.remove(panel))
        self.setWidget(panel)

    def canvasChanged(self, canvas: Any) -> None:  # noqa: N802 - Krita's name
        """Newer Krita hides new docks, older Krita squeezes them in below the others: show it once, with the first
        picture, in a place that is large enough. After that it is up to the artist. Newer Krita also comes with a
        canvas of no picture at its start, when all docks are hidden behind the welcome page."""
        krita = Krita.instance()
        if canvas is not None and canvas.view() is not None and not krita.readSetting(*SHOWN):
            krita.writeSetting(*SHOWN[:2], "yes")
            self.setVisible(True)
            QTimer.singleShot(0, self._find_room)  # when the other docks are there

    def _find_room(self) -> None:
        """Behind the tab of a dock that an artist needs less while this one is looked at."""
        main: Any = self.parent()
        other: Any = main.findChild(QDockWidget, NEIGHBOUR)
        if (
            other is not None
            and not (other.isHidden() or other.isFloating() or self.isFloating())
            and main.dockWidgetArea(other) == main.dockWidgetArea(self)
        ):
            main.tabifyDockWidget(other, self)
            main.resizeDocks([self], [round(main.height() * SHARE)], Qt.Orientation.Vertical)
        self.raise_()
