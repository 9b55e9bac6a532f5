"""An artist at work: the layer's menu, GIMP's own dialog, progress and Cancel in the status bar, and undo."""

from __future__ import annotations

import numpy as np
import pytest
from gimp_app import Gimp
from gimp_windows import Windows
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
    made = gimp.until(lambda: names(gimp, image)[:-1])
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


@pytest.mark.parametrize("task", ["Fill selection"])
def test_what_is_missing_is_said_in_a_message(gimp: Gimp, windows: Windows, task: str):
    show(gimp, windows)
    windows.start(task, COLOR)
    windows.press(windows.wait_for(task), "Return")
    message = windows.wait_for(TITLE)
    gimp.photograph("message.png")
    windows.press(message, "Return")
    windows.wait_without(TITLE)
