"""The window's menus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from sinddm_ui.desktop import editing
from sinddm_ui.desktop.document import Artwork
from sinddm_ui.desktop.entries import add_entries
from sinddm_ui.qt import QAction, QKeySequence, QMenu

if TYPE_CHECKING:
    from sinddm_ui.desktop.window import Window

Keys = str | QKeySequence.StandardKey
KEY = QKeySequence.StandardKey


class Item(NamedTuple):
    """An entry."""

    text: str
    call: Callable[[], object]
    keys: Keys | tuple[Keys, ...] = ()
    needs: str = ""
    """What must be there: picture, layer or selection."""
    tip: str = ""


class Menus:
    """Adds the menus to a window, and keeps them as the document is."""

    def __init__(self, window: Window):
        self._window = window
        self._items: list[tuple[QAction, str]] = []
        self.actions: dict[str, QAction] = {}
        """By their words."""
        self._file()
        self._edit()
        self._select()
        self._layer()
        self._view()
        self._help()

    def refresh(self) -> None:
        """What can be chosen now."""
        art = self._window.art
        there = {
            "": True,
            "picture": art is not None,
            "layer": art is not None and art.active is not None,
            "selection": art is not None and art.selection is not None,
        }
        for action, needs in self._items:
            action.setEnabled(there[needs])
        undoes, redoes = (art.history.undoes, art.history.redoes) if art else (None, None)
        self._say_step("Undo", undoes)
        self._say_step("Redo", redoes)

    def _say_step(self, verb: str, step: str | None) -> None:
        self.actions[verb].setText(f"{verb} {step}" if step else verb)
        self.actions[verb].setEnabled(step is not None)

    def _file(self) -> None:
        window = self._window
        menu = self._menu("&File")
        self._add(menu, Item("Open", window.ask_open, KEY.Open, tip="Open a picture, or OpenRaster with its layers"))
        recent = menu.addMenu("Open recent")
        assert recent is not None
        recent.aboutToShow.connect(lambda: self._show_recent(recent))
        self._add(menu, Item("Add as layer", window.ask_add, "Ctrl+Shift+O", "picture", "Put a picture in as a layer"))
        menu.addSeparator()
        self._add(menu, Item("Save", window.save, KEY.Save, "picture", "Save with all layers, as OpenRaster"))
        self._add(menu, Item("Save as", window.save_as, "Ctrl+Shift+S", "picture", "As OpenRaster, PNG or another"))
        menu.addSeparator()
        self._add(menu, Item("Close picture", window.close_picture, KEY.Close, "picture"))
        self._add(menu, Item("Quit", window.close, KEY.Quit))

    def _edit(self) -> None:
        window = self._window
        menu = self._menu("&Edit")
        self._add(menu, Item("Undo", self._with(Artwork.undo), KEY.Undo))
        self._add(menu, Item("Redo", self._with(Artwork.redo), (KEY.Redo, "Ctrl+Y")))
        menu.addSeparator()
        self._add(menu, Item("Copy", window.copy, KEY.Copy, "layer", "Copy what is selected of the chosen layer"))
        self._add(menu, Item("Paste as new layer", window.paste, KEY.Paste, tip="Then move it where it belongs"))
        clear = self._with(editing.clear_selected)
        self._add(menu, Item("Clear what is selected", clear, KEY.Delete, "selection"))

    def _select(self) -> None:
        menu = self._menu("&Select")
        self._add(menu, Item("All", self._with(editing.select_all), KEY.SelectAll, "picture"))
        nothing = self._with(lambda art: art.select(None, "select nothing"))
        self._add(menu, Item("Nothing", nothing, "Ctrl+Shift+A", "selection"))
        self._add(menu, Item("Invert", self._with(editing.select_inverse), "Ctrl+Shift+I", "picture"))
        self._add(menu, Item("What the layer covers", self._with(editing.select_layer), needs="layer"))
        self._add(menu, Item("Soften the edge", self._with(editing.soften_selection), needs="selection"))

    def _layer(self) -> None:
        window = self._window
        menu = self._menu("&Layer")
        inner = menu.addMenu("SinDDM")
        assert inner is not None
        inner.aboutToShow.connect(lambda: self._show_entries(inner))
        menu.addSeparator()
        new = self._with(lambda art: art.insert([art.blank("Shapes")], art.active))
        self._add(menu, Item("New layer", new, "Insert", "picture", "An empty layer for rough shapes"))
        self._add(menu, Item("Rename", window.layers.list.rename, "F2", "layer"))
        self._add(menu, Item("Scale", window.ask_scale, "Ctrl+T", "layer", "Make the layer larger or smaller"))
        self._add(menu, Item("Remove", window.layers.list.remove, needs="layer"))

    def _view(self) -> None:
        window, canvas = self._window, self._window.canvas
        menu = self._menu("&View")
        self._add(menu, Item("Larger", lambda: canvas.zoom_by(1.5), (KEY.ZoomIn, "Ctrl+="), "picture"))
        self._add(menu, Item("Smaller", lambda: canvas.zoom_by(1 / 1.5), KEY.ZoomOut, "picture"))
        self._add(menu, Item("Whole picture", canvas.fit, "Ctrl+0", "picture"))
        self._add(menu, Item("Every pixel as one", lambda: canvas.zoom_to(1.0), "Ctrl+1", "picture"))
        menu.addSeparator()
        self._add(menu, Item("Smaller brush", lambda: window.options.grow(1 / 1.2), "["))
        self._add(menu, Item("Larger brush", lambda: window.options.grow(1.2), "]"))
        menu.addSeparator()
        for dock in window.docks:
            menu.addAction(dock.toggleViewAction())

    def _help(self) -> None:
        menu = self._menu("&Help")
        self._add(menu, Item("How it works", self._window.show_help, KEY.HelpContents))
        self._add(menu, Item("About SinDDM", self._window.show_about))

    def _menu(self, title: str) -> QMenu:
        bar = self._window.menuBar()
        assert bar is not None
        menu = bar.addMenu(title)
        assert menu is not None
        menu.setToolTipsVisible(True)
        return menu

    def _add(self, menu: QMenu, item: Item) -> None:
        action = QAction(item.text, self._window)
        action.setShortcuts(_sequences(item.keys if isinstance(item.keys, tuple) else (item.keys,)))
        action.setToolTip(item.tip or item.text)
        action.triggered.connect(lambda _=False: item.call())
        menu.addAction(action)
        self._items.append((action, item.needs))
        self.actions[item.text] = action

    def _with(self, change: Callable[[Artwork], object]) -> Callable[[], object]:
        """Called with the document, if one is open and no stroke is being made on it."""

        def call() -> None:
            if self._window.art is not None and not self._window.canvas.busy:
                change(self._window.art)

        return call

    def _show_recent(self, menu: QMenu) -> None:
        menu.clear()
        for path in self._window.papers.recent:
            action = menu.addAction(path.replace("&", "&&"))
            assert action is not None
            action.triggered.connect(lambda _=False, path=path: self._window.open_recent(path))
        if menu.isEmpty():
            none = menu.addAction("Nothing was opened yet")
            assert none is not None
            none.setEnabled(False)

    def _show_entries(self, menu: QMenu) -> None:
        menu.clear()
        menu.setEnabled(True)
        add_entries(menu, self._window.session)
        for action in menu.actions():
            action.setEnabled(self._window.art is not None and action.isEnabled())


def _sequences(keys: tuple[Keys, ...]) -> list[QKeySequence]:
    """Each once: twice the same would be none at all. Standard keys are other ones on each system."""
    found: list[QKeySequence] = []
    for one in keys:
        several = [QKeySequence(one)] if isinstance(one, str) else QKeySequence.keyBindings(one)
        found += [sequence for sequence in several if sequence not in found]
    return found
