"""The artist's hands in a GIMP with windows: menus, dialogs, the status bar and keys."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from gimp_app import Gimp
from PIL import Image

SIZE = (1600, 1000)
DOCKS = 1300  # the list of layers lies right of it
CANCEL = (1316, 982)  # the status bar's Cancel, in a window of this size
STARTING = 60.0  # seconds
TITLE = "\N{EN DASH} GIMP"  # how the window of an image ends its name
MENU = "GNU Image Manipulation Program"  # what GTK calls menus, and GIMP its window without an image
LAYER_MENU = "<Layers>/Layers Menu/SinDDM"


class Window(NamedTuple):
    """A window that is seen."""

    id: str
    name: str
    x: int
    y: int
    width: int
    height: int


class Windows:
    """What an artist sees and does. There is no window manager: windows lie where GIMP puts them."""

    def __init__(self, gimp: Gimp):
        self._gimp = gimp
        gimp.until(lambda: self.named(MENU) or self.named(TITLE), STARTING)  # before that it opens no images

    def all(self) -> list[Window]:
        """All that are seen."""
        found = []
        for id in self._hands("search", "--onlyvisible", "--name", ".").split():
            with suppress(AssertionError):  # it has gone meanwhile
                lines = self._hands("getwindowgeometry", "--shell", id).split()
                place = dict(line.split("=") for line in lines)
                name = self._hands("getwindowname", id).strip()
                found.append(Window(id, name, *(int(place[key]) for key in ("X", "Y", "WIDTH", "HEIGHT"))))
        return found

    def named(self, part: str) -> Window | None:
        """The one with this in its name."""
        return next((window for window in self.all() if part in window.name), None)

    def wait_for(self, part: str) -> Window:
        """The same, when it has come."""
        return self._gimp.until(lambda: self.named(part))

    def wait_without(self, part: str) -> None:
        """Until it is gone."""
        self._gimp.until(lambda: not self.named(part))

    def show(self, image: int) -> Window:
        """Open an image in GIMP's window, which fills the screen."""
        self._gimp.agent.show(image)
        window = self.wait_for(TITLE)
        self._hands("windowmove", window.id, 0, 0)
        self._hands("windowsize", window.id, *SIZE)
        self._gimp.until(lambda: self.main[4:] == SIZE)
        return self.main

    @property
    def main(self) -> Window:
        """The window with the image."""
        return self.wait_for(TITLE)

    def find_layer(self, color: tuple[int, int, int]) -> tuple[int, int]:
        """Where the layer that is all of this colour is in the list of layers."""
        return self._gimp.until(lambda: self._thumbnail(color))

    def open_layer_menu(self, place: tuple[int, int]) -> Window:
        """Right click on the layer there in the list of layers; gives its menu."""
        before = {window.id for window in self._menus()}
        self.click(*place, button=3)
        return self._gimp.until(lambda: next((one for one in self._menus() if one.id not in before), None))

    def open_submenu(self, menu: Window) -> Window:
        """Rest on the last entry of a menu until it opens."""
        before = {window.id for window in self._menus()}
        for step in (0, 1, 2):  # a pointer that comes from nowhere is not seen as one that moves
            self._hands("mousemove", menu.x + 60 + step, menu.y + menu.height - 18 + step)
            time.sleep(0.05)
        return self._gimp.until(lambda: next((one for one in self._menus() if one.id not in before), None))

    def choose(self, menu: Window, number: int, count: int) -> None:
        """Click on an entry of a menu that has so many."""
        time.sleep(0.2)  # GTK takes no click right after a menu has opened
        self.click(menu.x + 30, round(menu.y + menu.height * (number + 0.5) / count))

    def start(self, label: str, color: tuple[int, int, int]) -> None:
        """Choose one of the plug-in's entries in the menu of the layer that is all of this colour."""
        self.start_at(label, self.find_layer(color))

    def start_at(self, label: str, place: tuple[int, int]) -> tuple[Window, Window]:
        """Choose one of the plug-in's entries in the menu of the layer there. Gives its menu and the plug-in's."""
        known = self._gimp.other.procedures("sinddm-").values()
        labels = [_plain(one["label"]) for one in known if LAYER_MENU in one["menus"]]
        labels.sort()  # as GIMP does
        menu = self.open_layer_menu(place)
        submenu = self.open_submenu(menu)
        self._gimp.photograph("menu.png")
        self.choose(submenu, labels.index(label), len(labels))
        return menu, submenu

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Click somewhere on the screen."""
        self._hands("mousemove", x, y)
        time.sleep(0.1)
        self._hands("click", button)

    def press(self, window: Window, keys: str) -> None:
        """Press keys in a window."""
        self._focus(window)
        self._hands("key", keys)

    def type(self, window: Window, text: str) -> None:
        """Type into a window."""
        self._focus(window)
        self._hands("type", text)

    def look(self, window: Window) -> bytes:
        """What is seen of a window."""
        picture = Image.open(self._gimp.photograph("look.png")).convert("RGB")
        return picture.crop((window.x, window.y, window.x + window.width, window.y + window.height)).tobytes()

    def cancel(self) -> None:
        """Click on Cancel in the status bar."""
        self.click(*CANCEL)

    def _focus(self, window: Window) -> None:
        self._hands("windowfocus", window.id)
        time.sleep(0.3)  # until GTK knows

    def _thumbnail(self, color: tuple[int, int, int]) -> tuple[int, int] | None:
        """Where a colour is seen in the list of layers."""
        path = self._gimp.photograph("look.png")
        screen = np.asarray(Image.open(path).convert("RGB")).astype(int)
        ys, xs = np.nonzero(np.abs(screen[:, DOCKS:] - color).sum(2) < 30)
        return (int(xs.mean()) + DOCKS, int(ys.max()) - 4) if len(xs) > 100 else None

    def _menus(self) -> list[Window]:
        return [window for window in self.all() if window.name == MENU and window.x >= 0]

    def _hands(self, *words: object) -> str:
        return self._gimp.hands(*words)


def _plain(label: str) -> str:
    """A label without the mark of its key and without what says that a dialog comes."""
    return label.replace("_", "").removesuffix("...").removesuffix("\N{HORIZONTAL ELLIPSIS}")
