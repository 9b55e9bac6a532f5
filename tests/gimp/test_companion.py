"""The panel beside a real GIMP, used with the mouse."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import psutil
import pytest
from gimp_desk import COMMAND, HEIGHT, PANEL_TITLE, PATIENCE, WIDTH, Desk, line_of, waves
from screens import screen


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
    try:
        name = desk.make()
        desk.click(name)
        desk.click("Add as layer")
        desk.gimp.until(lambda: [layer["name"] for layer in desk.gimp.other.layers(image)] == [name, "Meadow"])
    finally:
        signal.touch()
    assert desk.gimp.agent.answer()["status"] == "success"
    assert desk.names(image) == [name, "Meadow"]


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


def test_gimp_that_quits_leaves_no_process(desks: Callable[..., Desk]):
    desk = desks()
    image = desk.paint("Meadow")
    desk.open_panel()
    desk.find("This layer: Meadow")
    desk.gimp.until(lambda: desk.backend.processes)
    own = desk.gimp.processes
    backend = set(desk.backend.processes)  # it ends by itself when nobody needs it
    own = [process for process in own if process not in backend]
    assert any("panel" in line_of(process) for process in own)
    desk.gimp.agent.clean(image)
    desk.windows.press(desk.windows.main, "ctrl+q")
    assert desk.gimp.process.wait(PATIENCE) == 0
    _, left = psutil.wait_procs(own, 10)
    assert not [line_of(process) for process in left if lives(process)]


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
    desk.choose_panel()
    desk.windows.wait_for("GIMP Message")
    desk.gimp.photograph("missing.png")
    desk.gimp.agent.delete_all()


def test_a_panel_that_cannot_show_its_window_has_gimp_say_why(desks: Callable[..., Desk], tmp_path: Path):
    script = tmp_path / "sinddm"
    script.write_text("echo 'The window needs PyQt6: install it.' >&2; exit 2\n")
    desk = desks(f"/bin/sh {script}")
    desk.paint("Meadow")
    desk.choose_panel()
    time.sleep(3)
    desk.gimp.photograph("why.png")
    desk.windows.wait_for("GIMP Message")
