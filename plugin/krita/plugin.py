"""What there is once in a Krita, however many windows it has: the host and the session."""

from __future__ import annotations

from typing import Any

from sinddm_ui.qt import QApplication
from sinddm_ui.session import Session

from .api import Krita
from .entries import Entry
from .host import KritaHost
from .nodes import say
from .sources import usual_source


class Plugin:
    """It lives until Krita ends."""

    def __init__(self) -> None:
        application = QApplication.instance()
        self.host = KritaHost(application)
        self.session = Session(self.host, parent=application)
        self.session.notice_changed.connect(self._say_notice)
        self.session.link.look(self.session.textures.refresh)  # for the menus; starts nothing
        notifier = Krita.instance().notifier()
        notifier.setActive(True)
        notifier.applicationClosing.connect(self.close)
        self.panels: list[Any] = []
        """Of the docks of all windows."""
        self.menu: Any = None
        """The last one that popped up; like the others here it would not live without."""
        self.lists: dict[str, Any] = {}
        """What watches the lists of layers, by window."""

    def start(self, entry: Entry, source=None) -> None:
        """What an entry of a menu does."""
        work = self.session.quick(entry.task, source or usual_source(entry, self.session.document))
        if work is not None:
            self._say(f"{entry.text}: working on it. The SinDDM dock shows how far it is.")

    def close(self) -> None:
        """Krita ends: nothing is waited for."""
        self.session.close()
        self.host.close()

    def _say_notice(self) -> None:
        if self.session.notice is not None:
            self._say(self.session.notice.words)

    def _say(self, words: str) -> None:
        """Say it over the canvas, where no dock can say it."""
        if not any(panel.isVisible() for panel in self.panels):
            say(words)


_plugin: Plugin | None = None


def the_plugin() -> Plugin:
    """The one of this Krita."""
    global _plugin  # noqa: PLW0603 - Krita makes docks and actions by itself, and gives them nothing
    if _plugin is None:
        _plugin = Plugin()
    return _plugin
