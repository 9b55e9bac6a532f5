"""Scripts call the procedures in a GIMP without windows: layers come that are the engine's own to the bit, in every
kind of pixels, in their places, and nothing of the artist's changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cases import CASES, MEADOW, SEED, Case, Painting, index, paint
from gimp_app import Agent, Gimp
from paintings import KINDS
from shared_backend import SharedBackend
from sinddm_plugin.client import Request

OF_ALL_TASKS = ("8 bit", "16 bit", "half linear", "float linear", "gray")
"""Kinds of pixels that all tasks are tested with; the others with one."""


def named(value: Any) -> str:
    """For the names of tests."""
    return value.name if isinstance(value, Case) else str(value)


def call(agent: Agent, painting: Painting, case: Case, **more: Any) -> list[int]:
    """Call a task's procedure; returns the layers that it returns. more: arguments in the place of the case's."""
    if not case.selects:
        agent.select_nothing(painting.image)
    arguments = {"seed": SEED, "count": 2, "quality": "draft", **case.arguments(painting), **more}
    answer = agent.call(f"sinddm-{case.name}", painting.image, [case.on(painting)], **arguments)
    assert (answer["status"], answer["error"]) == ("success", "")
    return answer["layers"]


def check(agent: Agent, backend: SharedBackend, painting: Painting, case: Case, new: list[int], wish: Request) -> None:
    """That new layers are the engine's own for a request, in their places."""
    told, kind = {layer["id"]: layer for layer in agent.layers(painting.image)}, painting.kind
    assert len(new) == 2
    client = backend.client
    job = client.wait(client.submit(wish).id)
    for one in job.results:
        made = client.result(job.id, one.index).picture
        layer = next(told[id] for id in new if told[id]["name"].endswith(f"{case.noun} (seed {SEED + one.index})"))
        assert layer["box"] == (case.corner[0] + one.x, case.corner[1] + one.y, one.width, one.height)
        data = bytes(made.data)
        if agent.about(painting.image)["base"] == "indexed":  # then as GIMP finds the nearest colours of its palette
            data = agent.pixels(agent.add_layer(painting.image, "Wanted", one.width, one.height, data, kind.format))
        found = kind.array(agent.pixels(layer["id"], kind.format), one.width, one.height)
        assert np.array_equal(found, kind.array(data, one.width, one.height))


@pytest.mark.parametrize(
    ("kind", "case"),
    [(kind, case) for kind in KINDS for case in CASES if kind in OF_ALL_TASKS or case is CASES[0]],
    ids=named,
)
def test_layers_are_the_engines_own_for_their_seeds(inside: Agent, backend: SharedBackend, kind: str, case: Case):
    painting = paint(inside, KINDS[kind])
    before = inside.layers(painting.image)
    new = call(inside, painting, case)
    assert [layer for layer in inside.layers(painting.image) if layer["id"] not in new] == before
    check(inside, backend, painting, case, new, case.wish(painting))


@pytest.mark.parametrize("case", CASES, ids=named)
def test_layers_of_indexed_images_are_the_engines_own_in_the_palettes_colours(
    inside: Agent, backend: SharedBackend, case: Case
):
    painting = index(inside, paint(inside, KINDS["8 bit"]), 40)
    colors = inside.palette(painting.image)
    new = call(inside, painting, case)
    check(inside, backend, painting, case, new, case.wish(painting))
    assert inside.palette(painting.image) == colors


@pytest.fixture(scope="module")
def texture(console: Gimp, backend: SharedBackend) -> str:
    """A texture of the library, learned by a script."""
    painting = paint(console.agent, KINDS["8 bit"])
    console.agent.select_nothing(painting.image)
    answer = console.agent.call("sinddm-learn", painting.image, [painting.background], name="Waves", seconds=2)
    assert (answer["status"], answer["error"]) == ("success", "")
    assert answer["texture"] in [one.name for one in backend.client.textures()]
    return answer["texture"]


@pytest.mark.parametrize("kind", ["16 bit", "float linear", "gray"])
def test_layers_of_every_depth_are_learned(inside: Agent, backend: SharedBackend, kind: str):
    painting = paint(inside, KINDS[kind])
    answer = inside.call("sinddm-learn", painting.image, [painting.meadow], seconds=1)
    assert (answer["status"], answer["error"]) == ("success", "")
    assert answer["texture"].startswith("Meadow")  # a number follows where that name is taken
    assert answer["texture"] in [one.name for one in backend.client.textures()]
    assert len(inside.layers(painting.image)) == 3


@pytest.mark.parametrize("case", [case for case in CASES if case.learns], ids=named)
def test_layers_of_a_texture_are_the_engines_own(inside: Agent, backend: SharedBackend, texture: str, case: Case):
    painting = paint(inside, KINDS["8 bit"])
    corner = (0, 0) if case.sized else case.corner  # where there is no layer that it belongs to
    new = call(inside, painting, case, texture=texture, source=None)
    wish = replace(case.wish(painting), source=texture)
    check(inside, backend, painting, replace(case, corner=corner), new, wish)


def test_what_was_there_stays_as_it_was(inside: Agent):
    painting = paint(inside, KINDS["8 bit"])
    call(inside, painting, CASES[2])
    for layer, pixels in painting.pixels.items():
        assert inside.pixels(layer) == pixels.tobytes()
    canvas = (0, 0, painting.selection.shape[1], painting.selection.shape[0])
    assert inside.selection(painting.image, canvas) == painting.selection.tobytes()
    assert inside.about(painting.image)["precision"] == "u8-non-linear"


def test_layers_go_right_above_the_one_they_are_made_of(inside: Agent):
    painting = paint(inside, KINDS["8 bit"])
    group = inside.add_group(painting.image, "Group")
    pixels = painting.pixels[painting.meadow].tobytes()
    x, y, width, height = MEADOW
    low = inside.add_layer(painting.image, "Low", width, height, pixels, x=x, y=y, parent=group)
    high = inside.add_layer(painting.image, "High", 10, 10, x=x, y=y, parent=group)
    answer = inside.call("sinddm-variations", painting.image, [low], seed=SEED, count=2, quality="draft")
    inner = [layer["id"] for layer in inside.layers(painting.image) if layer["parent"] == group]
    assert inner == [high, *answer["layers"], low]
