"""The panel beside a real GIMP, used with the mouse."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import gimp_places
import numpy as np
import panel_places
import psutil
import pytest
import systems
from gimp_app import Gimp, make_profile
from gimp_windows import Windows
from screens import screen
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
        """By the menu."""
        self.windows.press(self.windows.main, "alt+w")
        time.sleep(0.5)  # until the menu takes keys
        self.gimp.hands("key", "p")

    def panel(self) -> psutil.Process:
        """The process of the panel that is open."""
        return self.gimp.until(lambda: next((one for one in self.gimp.processes if "panel" in _line(one)), None))

    @property
    def places(self) -> dict[str, list[int]]:
        """Where the panel's buttons and results are on the screen."""
        path = self.backend.state / panel_places.FILE
        return json.loads(path.read_text()) if path.exists() else {}

    def find(self, text: str) -> list[int]:
        """Where the first one is whose text has this in it."""
        seen = lambda: next((place for name, place in self.places.items() if text in name), None)  # noqa: E731
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


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def lives(process: psutil.Process) -> bool:
    """Whether it runs; one that nobody has taken note of does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def desks(_prepared: None, tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Callable[[str], Desk]]:
    """Makes desks; they are all ended after the tests."""
    with ExitStack() as stack:

        def make(command: str = "") -> Desk:
            display = stack.enter_context(screen())
            found = Desk(tmp_path_factory.mktemp("desk"), display, command or COMMAND, models)
            stack.callback(found.end)
            return found

        yield make


@pytest.fixture(scope="module")
def shared(desks: Callable[..., Desk]) -> Desk:
    """The one that most tests use."""
    return desks()


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    """It, without images."""
    yield shared
    shared.gimp.agent.delete_all()


def test_the_panel_opens_from_the_menu_and_shows_the_layer(desk: Desk):
    desk.paint("Meadow")
    desk.open_panel()
    desk.windows.wait_for(PANEL_TITLE)
    desk.find("This layer: Meadow")
    process = desk.panel()
    desk.open_panel()
    time.sleep(1)
    assert desk.panel() == process
    assert process.is_running()


def test_a_variation_is_made_in_the_panel_and_one_undo_takes_its_layer_away(desk: Desk):
    image = desk.paint("Meadow")
    desk.open_panel()
    desk.find("This layer: Meadow")
    name = desk.make()
    desk.click(name)
    desk.click("Add as layer")
    desk.gimp.until(lambda: desk.names(image) == [name, "Meadow"])
    made = desk.gimp.agent.layers(image)[0]
    assert made["box"] == (0, 0, WIDTH, HEIGHT)
    pixels = np.frombuffer(desk.gimp.agent.pixels(made["id"]), np.uint8).reshape(HEIGHT, WIDTH, 4)
    assert (pixels[..., 3] == 255).all()
    assert pixels[..., :3].std() > 10
    assert not np.array_equal(pixels, waves())
    desk.windows.press(desk.windows.main, "ctrl+z")
    desk.gimp.until(lambda: desk.names(image) == ["Meadow"])


def test_a_variation_is_made_and_added_while_another_procedure_runs(desk: Desk, tmp_path: Path):
    image = desk.paint("Meadow")
    desk.open_panel()
    desk.find("This layer: Meadow")
    signal = tmp_path / "go on"
    waiting = f"import os, time\nwhile not os.path.exists({str(signal)!r}): time.sleep(0.02)"
    desk.gimp.agent.ask("call", "python-fu-eval", script=waiting)
    name = desk.make()
    desk.click(name)
    desk.click("Add as layer")
    desk.gimp.until(lambda: [layer["name"] for layer in desk.gimp.other.layers(image)] == [name, "Meadow"])
    signal.touch()
    assert desk.gimp.agent.answer()["status"] == "success"
    assert desk.names(image) == [name, "Meadow"]


def test_a_prompt_that_is_typed_gives_a_new_layer(desk: Desk):
    image = desk.paint("Meadow")
    desk.open_panel()
    desk.find("This layer: Meadow")
    desk.click("Text")
    desk.click("Words")
    desk.gimp.hands("type", "red; blue:0.5")
    desk.click("Make 4 by text")
    name = desk.find_result(" - by text (seed")
    desk.click(name)
    desk.click("Add as layer")
    desk.gimp.until(lambda: desk.names(image) == [name, "Meadow"])
    job = next(one for one in desk.backend.client.jobs() if one.task == "text_content")
    assert job.client == "GIMP"
    desk.click("Vary")


def test_a_preview_is_seen_and_leaves_the_image_as_it_is(desk: Desk):
    image = desk.paint("Meadow")
    desk.open_panel()
    desk.find("This layer: Meadow")
    name = desk.make()
    desk.gimp.agent.clean(image)
    before = desk.gimp.agent.picture(image)
    desk.hover(name)
    desk.windows.wait_for("Preview")
    desk.gimp.photograph("preview.png")
    desk.hover("Make 4 variations")
    desk.windows.wait_without("Preview")
    assert desk.names(image) == ["Meadow"]
    assert desk.gimp.agent.picture(image) == before
    assert not desk.gimp.agent.about(image)["dirty"]


def test_the_panel_follows_the_image_that_is_worked_on(desk: Desk):
    first = desk.paint("Meadow")
    desk.open_panel()
    desk.find("This layer: Meadow")
    second = desk.paint("Sea", 2.0)
    desk.find("This layer: Sea")
    desk.gimp.agent.select(first, 10, 10, 50, 50)
    desk.find("This layer: Meadow")
    desk.gimp.agent.delete(first)
    desk.find("This layer: Sea")
    desk.gimp.agent.delete(second)
    desk.find("No picture")


def test_images_that_come_and_go_disturb_nothing(desk: Desk):
    desk.paint("Meadow")
    desk.open_panel()
    desk.find("This layer: Meadow")
    panel = desk.panel()
    for round in range(40):
        image = desk.gimp.agent.new_image(60, 40)
        desk.gimp.agent.add_layer(image, "Passing", 60, 40, waves()[:40, :60].tobytes())
        desk.gimp.agent.show(image)
        time.sleep(0.02 * (round % 17))  # so that it is closed at any moment of the panel's looks
        desk.gimp.agent.delete(image)
    desk.find("This layer: Meadow")
    assert desk.panel() == panel
    assert not desk.windows.named("GIMP Message")


def test_a_panel_that_was_killed_is_told_and_opens_again(desk: Desk):
    desk.paint("Meadow")
    desk.open_panel()
    first = desk.panel()
    desk.find("This layer: Meadow")
    first.kill()
    desk.gimp.until(lambda: not lives(first))
    desk.windows.wait_without(PANEL_TITLE)
    time.sleep(1)
    desk.gimp.photograph("killed.png")
    desk.open_panel()
    assert desk.panel() != first
    desk.windows.wait_for(PANEL_TITLE)


def test_gimp_that_quits_leaves_no_process(desks: Callable[..., Desk]):
    desk = desks()
    image = desk.paint("Meadow")
    desk.open_panel()
    desk.find("This layer: Meadow")
    desk.gimp.until(lambda: desk.backend.processes)
    own = desk.gimp.processes
    backend = set(desk.backend.processes)  # it ends by itself when nobody needs it
    own = [process for process in own if process not in backend]
    assert any("panel" in _line(process) for process in own)
    desk.gimp.agent.clean(image)
    desk.windows.press(desk.windows.main, "ctrl+q")
    assert desk.gimp.process.wait(PATIENCE) == 0
    _, left = psutil.wait_procs(own, 10)
    assert not [_line(process) for process in left if lives(process)]


def test_gimp_that_is_killed_takes_the_panel_along(desks: Callable[..., Desk]):
    desk = desks()
    desk.paint("Meadow")
    desk.open_panel()
    desk.find("This layer: Meadow")
    panel = desk.panel()
    desk.gimp.process.kill()
    psutil.wait_procs([panel], 30)
    assert not lives(panel)


def test_without_sinddm_itself_gimp_says_what_to_do(desks: Callable[..., Desk]):
    desk = desks("/nowhere/sinddm")
    desk.paint("Meadow")
    desk.open_panel()
    desk.windows.wait_for("GIMP Message")
    desk.gimp.photograph("missing.png")
    desk.gimp.agent.delete_all()


def test_a_panel_that_cannot_show_its_window_has_gimp_say_why(desks: Callable[..., Desk], tmp_path: Path):
    script = tmp_path / "sinddm"
    script.write_text("echo 'The window needs PyQt6: install it.' >&2; exit 2\n")
    desk = desks(f"/bin/sh {script}")
    desk.paint("Meadow")
    desk.open_panel()
    time.sleep(3)
    desk.gimp.photograph("why.png")
    desk.windows.wait_for("GIMP Message")
