"""Scripts call the procedures in a GIMP without windows: layers come that are the engine's own to the bit, in every
kind of pixels, in their places, and nothing of the artist's changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import CASES, MEADOW, SEED, Case, Painting, paint
from gimp_app import Agent
from paintings import KINDS
from shared_backend import SharedBackend


def named(value: Any) -> str:
    """For the names of tests."""
    return value.name if isinstance(value, Case) else str(value)


def call(agent: Agent, painting: Painting, case: Case) -> list[int]:
    """Call a task's procedure; returns the layers that it returns."""
    if not case.selects:
        agent.select_nothing(painting.image)
    arguments = {"seed": SEED, "count": 2, "quality": "draft", **case.arguments(painting)}
    answer = agent.call(f"sinddm-{case.name}", painting.image, [case.on(painting)], **arguments)
    assert (answer["status"], answer["error"]) == ("success", "")
    return answer["layers"]


@pytest.mark.parametrize("case", CASES, ids=named)
@pytest.mark.parametrize("kind", KINDS)
def test_layers_are_the_engines_own_for_their_seeds(inside: Agent, backend: SharedBackend, kind: str, case: Case):
    painting = paint(inside, KINDS[kind])
    before = inside.layers(painting.image)
    new = call(inside, painting, case)
    told = {layer["id"]: layer for layer in inside.layers(painting.image)}
    assert [layer for layer in told.values() if layer["id"] not in new] == before
    assert len(new) == 2

    client = backend.client
    job = client.wait(client.submit(case.wish(painting)).id)
    assert job.state == "done"
    for one in job.results:
        made = client.result(job.id, one.index).picture
        layer = next(told[id] for id in new if told[id]["name"].endswith(f"{case.noun} (seed {SEED + one.index})"))
        assert layer["box"] == (case.corner[0] + one.x, case.corner[1] + one.y, one.width, one.height)
        found = painting.kind.array(inside.pixels(layer["id"], painting.kind.format), one.width, one.height)
        wanted = painting.kind.array(memoryview(made.data), one.width, one.height)
        assert np.array_equal(found, wanted)


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
