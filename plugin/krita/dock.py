"""The dock that holds the panel."""

from __future__ import annotations

from typing import Any

from sinddm_ui.panel import Panel

from .api import DockWidget, Krita
from .plugin import the_plugin

NAME = "sinddm"
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
        """Newer Krita hides new docks: show it once, with the first picture; after that it is up to the artist."""
        krita = Krita.instance()
        if canvas is not None and not krita.readSetting(*SHOWN):
            krita.writeSetting(*SHOWN[:2], "yes")
            self.setVisible(True)
            self.raise_()
