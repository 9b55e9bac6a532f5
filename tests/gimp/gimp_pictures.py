"""Makes what docs/gimp.md shows, with a real GIMP 3: python tests/gimp/gimp_pictures.py"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import gimp_places
import numpy as np

sys.path.append(str(gimp_places.ROOT))
from doc_pictures import Box, cut, keep
from gimp_desk import COMMAND, PANEL_TITLE, Desk
from gimp_windows import Window
from screens import screen

from benchmarks import pictures

WIDTH, HEIGHT = 440, 300
COLOR = (200, 10, 20)  # by which the layer is found in the list, before it has its picture
EDGE = 24  # pixels around what matters
PANEL = (1020, 40)  # where its window is put
BESIDE = (190, 0, 1600, 900)  # what is seen of the panel's picture: all but the tools


def main() -> int:
    """Make them. Returns the exit code."""
    if why := gimp_places.missing():
        print(why, file=sys.stderr)
        return 2
    gimp_places.prepare()
    with tempfile.TemporaryDirectory(prefix="sinddm-gimp-") as place, screen() as display:
        desk = Desk(Path(place), display, COMMAND, Path(os.devnull))
        try:
            row = _open(desk)
            _in_the_menus(desk, row)
            _in_the_panel(desk)
        finally:
            desk.end()
    return 0


def _open(desk: Desk) -> tuple[int, int]:
    """A picture of one layer. Gives where that is in the list of layers."""
    image = desk.gimp.agent.new_image(WIDTH, HEIGHT)
    layer = desk.gimp.agent.add_layer(image, "Meadow", WIDTH, HEIGHT, _pixels(np.full((HEIGHT, WIDTH, 3), COLOR)))
    desk.windows.show(image)
    row = desk.windows.find_layer(COLOR)
    desk.gimp.agent.write(layer, _pixels(pictures.meadow(HEIGHT, WIDTH)))
    desk.gimp.settle()
    return row


def _in_the_menus(desk: Desk, row: tuple[int, int]) -> None:
    """The layer's menu, and a dialog."""
    menus = desk.windows.start_at("Variations", row)
    dialog = desk.windows.wait_for("Variations")
    keep(cut(desk.gimp.home / "menu.png", _around(menus, EDGE)), "gimp-menu")
    desk.gimp.settle()
    keep(cut(desk.gimp.photograph("dialog.png"), _around([dialog], 0)), "gimp-dialog")
    desk.windows.press(dialog, "Escape")
    desk.windows.wait_without("Variations")


def _in_the_panel(desk: Desk) -> None:
    """The panel beside the picture, with results, one of which was added."""
    desk.open_panel()
    panel = desk.windows.wait_for(PANEL_TITLE)
    desk.gimp.hands("windowmove", panel.id, *PANEL)
    desk.gimp.settle()
    desk.click(desk.make())
    desk.click("Add as layer")
    desk.gimp.until(lambda: len(desk.gimp.agent.layers(desk.gimp.agent.images()[0])) == 2)
    desk.gimp.settle()
    keep(cut(desk.gimp.photograph("panel.png"), BESIDE), "gimp-panel")


def _around(windows: Iterable[Window], edge: int) -> Box:
    """The part of the screen that holds these windows, with an edge around them."""
    found = list(windows)
    left, top = min(one.x for one in found) - edge, min(one.y for one in found) - edge
    right, bottom = max(one.x + one.width for one in found) + edge, max(one.y + one.height for one in found) + edge
    return max(left, 0), max(top, 0), right, bottom


def _pixels(picture: np.ndarray) -> bytes:
    """As GIMP has them: opaque, R, G, B, A."""
    return np.dstack([picture, np.full(picture.shape[:2], 255)]).astype(np.uint8).tobytes()


if __name__ == "__main__":
    sys.exit(main())
