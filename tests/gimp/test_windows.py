"""An artist at work: the layer's menu, GIMP's own dialog, progress and Cancel in the status bar, and undo."""

from __future__ import annotations

import numpy as np
import pytest
from cases import CASES, SEED, paint
from gimp_app import Gimp
from gimp_windows import Windows
from paintings import USUAL
from shared_backend import SharedBackend

COLOR = (200, 10, 20)
"""Of the thumbnail in the list of layers, by which the layer is found on the screen."""
TITLE = "GIMP Message"


def painted(width: int, height: int) -> bytes:
    """Nearly one colour, but not quite: there is something to learn."""
    pixels = np.full((height, width, 4), (*COLOR, 255), np.uint8)
    pixels[::2, ::3, :3] += np.uint8(3)
    return pixels.tobytes()


def show(gimp: Gimp, windows: Windows, width: int = 300, height: int = 200) -> int:
    """An image with one layer, in GIMP's window."""
    image = gimp.agent.new_image(width, height)
    gimp.agent.add_layer(image, "Meadow", width, height, painted(width, height))
    windows.show(image)
    return image


def names(gimp: Gimp, image: int) -> list[str]:
    """Of the layers, from the top."""
    return [layer["name"] for layer in gimp.agent.layers(image)]


def test_variations_are_made_by_a_right_click_and_undone_by_one_step(gimp: Gimp, windows: Windows):
    image = show(gimp, windows)
    windows.start("Variations", COLOR)
    dialog = windows.wait_for("Variations")
    gimp.photograph("dialog.png")
    windows.press(dialog, "Return")
    windows.wait_without("Variations")
    gimp.until(lambda: len(names(gimp, image)) == 5)
    made = names(gimp, image)[:-1]
    assert all("variation (seed" in name for name in made)
    gimp.photograph("variations.png")
    windows.press(windows.main, "ctrl+z")
    gimp.until(lambda: names(gimp, image) == ["Meadow"])
    windows.press(windows.main, "ctrl+y")
    gimp.until(lambda: names(gimp, image) == [*made, "Meadow"])


def test_a_dialog_that_is_closed_makes_nothing(gimp: Gimp, windows: Windows, backend: SharedBackend):
    image = show(gimp, windows)
    before = [job.id for job in backend.client.jobs()] if backend.processes else []
    windows.start("Variations", COLOR)
    windows.press(windows.wait_for("Variations"), "Escape")
    windows.wait_without("Variations")
    assert names(gimp, image) == ["Meadow"]
    assert [job.id for job in backend.client.jobs()] == before


def test_cancel_in_the_status_bar_ends_the_job(gimp: Gimp, windows: Windows, backend: SharedBackend):
    image = show(gimp, windows, 3000, 2000)
    windows.start("Variations", COLOR)
    windows.press(windows.wait_for("Variations"), "Return")
    job = gimp.until(lambda: next((one for one in backend.client.jobs() if one.state == "running"), None))
    gimp.photograph("progress.png")
    windows.cancel()
    gimp.until(lambda: backend.client.job(job.id).state == "cancelled")
    assert names(gimp, image) == ["Meadow"]
    assert not windows.named(TITLE)


def test_an_image_may_be_closed_while_its_job_runs(gimp: Gimp, windows: Windows, backend: SharedBackend):
    image = show(gimp, windows, 120, 90)
    known = {one.id for one in backend.client.jobs()} if backend.processes else set()
    windows.start("Variations", COLOR)
    windows.press(windows.wait_for("Variations"), "Return")
    gimp.until(lambda: backend.processes and {one.id for one in backend.client.jobs()} - known)
    gimp.other.clean(image)
    windows.press(windows.main, "ctrl+w")
    message = windows.wait_for(TITLE)
    assert not gimp.agent.images()
    windows.press(message, "Return")
    windows.wait_without(TITLE)


def test_a_dialog_remembers_what_was_chosen(gimp: Gimp, windows: Windows):
    image = show(gimp, windows, 96, 64)
    windows.start("Seamless tile", COLOR)
    dialog = windows.wait_for("Seamless tile")
    windows.press(dialog, "alt+n")  # the number of tiles
    windows.type(dialog, "2")
    windows.press(dialog, "alt+o")
    gimp.until(lambda: len(names(gimp, image)) == 3)
    again = gimp.agent.call("sinddm-tile", image, [gimp.agent.layers(image)[-1]["id"]], again=True)
    assert (again["status"], len(again["layers"])) == ("success", 2)


@pytest.mark.parametrize("task", ["Fill selection", "Place"])
def test_what_is_missing_is_said_before_anything_is_asked(gimp: Gimp, windows: Windows, task: str):
    show(gimp, windows)
    windows.start(task, COLOR)
    message = windows.wait_for(TITLE)
    assert not windows.named(f"SinDDM: {task}")
    gimp.photograph("message.png")
    windows.press(message, "Return")
    windows.wait_without(TITLE)


def test_a_texture_that_was_learned_is_offered_in_the_dialogs(gimp: Gimp, windows: Windows, backend: SharedBackend):
    image = show(gimp, windows, 96, 64)
    windows.start("Learn texture", COLOR)
    dialog = windows.wait_for("Learn texture")
    windows.press(dialog, "alt+n")  # its name
    windows.type(dialog, "Acorns")  # the first one of the library, whatever other tests learned
    windows.press(dialog, "alt+a")  # how long
    windows.type(dialog, "1")
    windows.press(dialog, "alt+o")
    gimp.until(lambda: backend.processes and "Acorns" in [one.name for one in backend.client.textures()])
    assert names(gimp, image) == ["Meadow"]
    windows.start("Seamless tile", COLOR)
    dialog = windows.wait_for("Seamless tile")
    windows.press(dialog, "alt+f")  # what is learned from
    gimp.settle()
    before = windows.look(dialog)
    gimp.until(lambda: windows.press(dialog, "Down") or windows.look(dialog) != before)  # when the library is read
    windows.press(dialog, "alt+o")
    gimp.until(lambda: any(name.startswith("Acorns - tile (seed ") for name in names(gimp, image)))


def test_one_undo_takes_away_what_a_task_has_made(gimp: Gimp, windows: Windows):
    painting = paint(gimp.agent, USUAL)
    windows.show(painting.image)
    before = gimp.agent.layers(painting.image)
    for case in sorted(CASES, key=lambda case: not case.selects):  # as selecting nothing is a step of its own
        if not case.selects:
            gimp.agent.select_nothing(painting.image)
        arguments = {"seed": SEED, "count": 2, "quality": "draft", **case.arguments(painting)}
        made = gimp.agent.call(f"sinddm-{case.name}", painting.image, [case.on(painting)], **arguments)["layers"]
        assert len(gimp.agent.layers(painting.image)) == len(before) + len(made) == len(before) + 2
        windows.press(windows.main, "ctrl+z")
        gimp.until(lambda: gimp.agent.layers(painting.image) == before)
    for layer, pixels in painting.pixels.items():
        assert gimp.agent.pixels(layer) == pixels.tobytes()
