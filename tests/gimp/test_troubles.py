"""What goes wrong is said in a sentence, to scripts as to artists, and the next call works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from cases import SEED, Painting, paint
from gimp_app import Agent, Gimp
from krita_beside import KritaApp, beside
from paintings import USUAL
from shared_backend import SharedBackend
from sinddm_plugin.client import JobView

MADE = ("variations", "tile", "fill", "expand", "paint", "harmonize", "style", "place")
LONG = {"size": "custom", "width": 1600, "height": 1600, "quality": "best", "count": 16, "seed": SEED}
"""Arguments for a job that takes much longer than a test."""


@pytest.fixture
def krita(folder: Path, display: str, backend: SharedBackend) -> Iterator[KritaApp]:
    """A Krita of the same user."""
    with beside(folder, display, backend) as app:
        yield app


def begin(gimp: Gimp, agent: Agent, backend: SharedBackend, painting: Painting) -> JobView:
    """Have a long job begun, without waiting for its end; returns it when it runs."""
    agent.select_nothing(painting.image)
    before = {job.id for job in jobs(backend)}
    agent.ask("call", "sinddm-variations", painting.image, [painting.meadow], **LONG)

    def running() -> JobView | None:
        return next((one for one in jobs(backend) if one.id not in before and one.state == "running"), None)

    return gimp.until(running)


def jobs(backend: SharedBackend) -> tuple[JobView, ...]:
    """All that the backend has, none where it does not run."""
    return backend.client.jobs() if backend.processes else ()


def works(agent: Agent) -> bool:
    """Whether a call makes a layer."""
    painting = paint(agent, USUAL)
    agent.select_nothing(painting.image)
    named = {"seed": SEED, "count": 1, "quality": "draft"}
    return len(agent.call("sinddm-variations", painting.image, [painting.meadow], **named)["layers"]) == 1


@pytest.mark.parametrize("task", MADE)
def test_an_empty_layer_is_told_of(inside: Agent, task: str):
    image = inside.new_image(64, 48)
    source = inside.add_layer(image, "Meadow", 64, 48, USUAL.waves(64, 48).tobytes())
    empty = inside.add_layer(image, "Nothing", 64, 48)
    inside.select(image, 10, 10, 20, 20)
    arguments = {"source": source} if task in ("paint", "style") else {}
    answer = inside.call(f"sinddm-{task}", image, [empty], **arguments)
    assert answer["status"] == "execution-error"
    assert answer["error"] == "The layer Nothing is empty: choose one with something on it."
    assert len(inside.layers(image)) == 2


def test_what_needs_a_selection_says_so(inside: Agent):
    painting = paint(inside, USUAL)
    inside.select_nothing(painting.image)
    for task in ("fill", "place"):
        answer = inside.call(f"sinddm-{task}", painting.image, [painting.meadow])
        assert answer["error"] == "Nothing is selected: select the area first."


def test_what_needs_another_layer_says_so(inside: Agent):
    painting = paint(inside, USUAL)
    for task in ("paint", "style"):
        answer = inside.call(f"sinddm-{task}", painting.image, [painting.meadow])
        assert answer["status"] == "execution-error"
        assert "another layer" in answer["error"]


def test_an_image_without_layers_is_told_of(inside: Agent):
    answer = inside.call("sinddm-variations", inside.new_image(64, 48), [])
    assert answer["error"] == "No layer is chosen: click on one in the list of layers."


def test_a_missing_backend_is_told_of(start: Callable[..., Gimp], folder: Path):
    nowhere = {"SINDDM_BACKEND": "/nowhere/sinddm", "SINDDM_STATE": str(folder / "nowhere")}
    agent = start(nowhere).agent
    painting = paint(agent, USUAL)
    answer = agent.call("sinddm-variations", painting.image, [painting.meadow])
    assert answer["status"] == "execution-error"
    assert answer["error"].endswith(".")
    assert "/nowhere/sinddm" in answer["error"]


def test_a_killed_backend_is_told_of_and_comes_back(console: Gimp, inside: Agent, backend: SharedBackend):
    painting = paint(inside, USUAL)
    begin(console, inside, backend, painting)
    for process in backend.processes:
        process.kill()
    answer = inside.answer()
    assert answer["status"] == "execution-error"
    assert answer["error"].endswith(".")
    assert len(inside.layers(painting.image)) == 3
    assert works(inside)


def test_a_job_that_was_cancelled_elsewhere_makes_no_layer(console: Gimp, inside: Agent, backend: SharedBackend):
    painting = paint(inside, USUAL)
    job = begin(console, inside, backend, painting)
    backend.client.cancel(job.id)
    assert inside.answer()["status"] in ("cancel", "execution-error")
    assert len(inside.layers(painting.image)) == 3


def test_a_killed_procedure_takes_its_job_with_it(console: Gimp, inside: Agent, backend: SharedBackend):
    painting = paint(inside, USUAL)
    before = plug_ins(console)  # of which one serves the panel
    job = begin(console, inside, backend, painting)
    (process,) = plug_ins(console) - before
    process.kill()
    console.until(lambda: backend.client.job(job.id).state == "cancelled")
    assert inside.answer()["status"] == "calling-error"
    assert works(inside)


def test_a_killed_gimp_takes_its_job_with_it(start: Callable[..., Gimp], console: Gimp, backend: SharedBackend):
    own = start()
    job = begin(own, own.agent, backend, paint(own.agent, USUAL))
    own.end()
    console.until(lambda: backend.client.job(job.id).state == "cancelled")


def test_two_gimps_and_a_krita_share_one_backend(
    start: Callable[..., Gimp], inside: Agent, backend: SharedBackend, krita: KritaApp
):
    launch = krita.start("sharing.py")
    second = start().agent
    paintings = [(agent, paint(agent, USUAL)) for agent in (inside, second)]
    for agent, painting in paintings:
        agent.select_nothing(painting.image)
        agent.ask("call", "sinddm-variations", painting.image, [painting.meadow], seed=SEED, count=2, quality="draft")
    made = []
    for agent, painting in paintings:
        layers = agent.answer()["layers"]
        assert len(layers) == 2
        made.append([agent.pixels(layer) for layer in layers])
        assert len(agent.layers(painting.image)) == 5
    assert made[0] == made[1]
    services = [one.pid for one in psutil.process_iter() if is_service(one, backend)]
    assert services == [launch["a_variation_is_made"]]


def plug_ins(gimp: Gimp) -> set[psutil.Process]:
    """Those that run the plug-in's procedures: each has a process of its own."""
    return {one for one in gimp.processes if any(word.endswith("/sinddm.py") for word in one.cmdline())}


def is_service(process: psutil.Process, backend: SharedBackend) -> bool:
    """Whether it is a backend of these tests."""
    try:
        variables = process.environ()
        return "serve" in process.cmdline() and variables.get("SINDDM_STATE") == str(backend.state)
    except psutil.Error:
        return False
