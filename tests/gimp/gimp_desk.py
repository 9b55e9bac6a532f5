"""A GIMP with the panel beside it, on a screen of their own, and the artist's hands in both."""

from __future__ import annotations

import json
import time
from pathlib import Path

import gimp_places
import numpy as np
import panel_places
import psutil
import systems
from gimp_app import Gimp, make_profile
from gimp_windows import Windows
from shared_backend import SharedBackend

WIDTH, HEIGHT = 300, 200
PATIENCE = 60.0  # seconds, on a busy machine
PANEL_TITLE = "SinDDM"
PROGRAM = gimp_places.ROOT / ".venv" / "bin" / "python"
COMMAND = f"{systems.program_here(gimp_places.root(), PROGRAM)} {panel_places.__file__}"


def waves(seed: float = 0.0) -> np.ndarray:
    """A picture (HEIGHT, WIDTH, 4) that can be learned."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    red = 120 + 60 * np.sin(x / 9 + seed)
    green, blue = 120 + 60 * np.cos(y / 7), 100 + 50 * np.sin((x + y) / 11)
    return np.dstack([red, green, blue, np.full(x.shape, 255)]).astype(np.uint8)


class Desk:
    """A GIMP with the panel on a screen of its own, and the artist's hands. command: what starts SinDDM there."""

    def __init__(self, folder: Path, display: str, command: str, models: Path):
        self.backend = SharedBackend(folder, command, models)
        self.backend.state.mkdir(parents=True)
        profile = make_profile(folder / "profile")
        self.gimp = Gimp(profile, self.backend.variables, display, folders=(folder,))
        self.windows = Windows(self.gimp)

    def paint(self, name: str = "Meadow", seed: float = 0.0) -> int:
        """A new image with one layer, in GIMP's window."""
        image = self.gimp.agent.new_image(WIDTH, HEIGHT)
        self.gimp.agent.add_layer(image, name, WIDTH, HEIGHT, waves(seed).tobytes())
        self.windows.show(image)
        return image

    def open_panel(self) -> None:
        """By the menu, until it is in front."""
        self.choose_panel()
        self.gimp.until(self._is_panel_in_front, PATIENCE)

    def choose_panel(self) -> None:
        """In the menu."""
        self.windows.press(self.windows.main, "alt+w")
        time.sleep(0.5)  # until the menu takes keys
        self.gimp.hands("key", "p")

    def _is_panel_in_front(self) -> bool:
        """Whether the mouse would find it."""
        panel = self.windows.named(PANEL_TITLE)
        if panel is None:
            return False
        self.gimp.hands("mousemove", panel.x + panel.width // 2, panel.y + 2)
        return f"WINDOW={panel.id}" in self.gimp.hands("getmouselocation", "--shell").split()

    def panel(self) -> psutil.Process:
        """The process of the panel that is open."""
        return self.gimp.until(lambda: next((one for one in self.gimp.processes if "panel" in line_of(one)), None))

    @property
    def places(self) -> dict[str, list[int]]:
        """Where the panel's buttons and results are on the screen."""
        path = self.backend.state / panel_places.FILE
        return json.loads(path.read_text()) if path.exists() else {}

    def find(self, text: str) -> list[int]:
        """Where the one with this text is, or the first one that has it in its text."""

        def seen() -> list[int] | None:
            places = self.places
            return places.get(text) or next((place for name, place in places.items() if text in name), None)

        return self.gimp.until(seen, PATIENCE)

    def click(self, text: str) -> None:
        """Click on it."""
        x, y, width, height = self.find(text)
        self.windows.click(x + width // 2, y + height // 2)

    def hover(self, text: str) -> None:
        """Have the mouse rest on it."""
        x, y, width, height = self.find(text)
        for step in (0, 1, 2):
            self.gimp.hands("mousemove", x + width // 2 + step, y + height // 2 + step)

    def make(self) -> str:
        """Have four variations made; the name of the first one."""
        before = self.results
        self.click("Make 4 variations")
        new = self.gimp.until(lambda: [one for one in self.results if one not in before][3:] and self.results, PATIENCE)
        time.sleep(0.5)  # until they are where they stay
        return next(one for one in new if one not in before)

    def find_result(self, part: str) -> str:
        """The name of a result that has this in it, when there is one, and where it stays."""
        seen = lambda: next((name for name in self.places if part in name and "layer:" not in name), None)  # noqa: E731
        self.gimp.until(seen, PATIENCE)
        self.gimp.until(lambda: not any(one.state == "running" for one in self.backend.client.jobs()), PATIENCE)
        time.sleep(0.5)
        return self.gimp.until(seen, PATIENCE)

    @property
    def results(self) -> list[str]:
        """The names of what was made."""
        return [name for name in self.places if " - variation (seed" in name and "layer:" not in name]

    def names(self, image: int) -> list[str]:
        """Of the layers, from the top."""
        return [layer["name"] for layer in self.gimp.agent.layers(image)]

    def end(self) -> None:
        """All of it."""
        self.gimp.end()
        self.backend.end()


def line_of(process: psutil.Process) -> list[str]:
    """The command that it runs; empty when it has gone."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []
