"""What GIMP knows of the plug-in: its procedures, their menus and their arguments."""

from __future__ import annotations

import pytest
from gimp_app import Agent, Gimp

TASKS = ("learn", "variations", "tile", "fill", "expand", "paint", "harmonize", "style", "place")
MENUS = ["<Layers>/Layers Menu/SinDDM", "<Image>/Filters/SinDDM"]
MAKING = {"seed": "gint", "count": "gint", "quality": "gchararray"}


@pytest.fixture
def known(inside: Agent) -> dict:
    """All that is registered."""
    return inside.procedures("sinddm-")


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_in_the_menus(known: dict, task: str):
    found = known[f"sinddm-{task}"]
    assert sorted(found["menus"]) == sorted(MENUS)
    assert found["label"]


@pytest.mark.parametrize("task", TASKS)
def test_everything_is_explained(known: dict, task: str):
    found = known[f"sinddm-{task}"]
    assert found["blurb"]
    assert found["authors"]
    own = {name: one for name, one in found["arguments"].items() if name not in ("run-mode", "image", "drawables")}
    for name, one in own.items():
        assert one["nick"], name
        assert one["blurb"], name


@pytest.mark.parametrize("task", [task for task in TASKS if task != "learn"])
def test_what_makes_layers_returns_them(known: dict, task: str):
    found = known[f"sinddm-{task}"]
    assert found["returns"] == ["layers"]
    assert {name: found["arguments"][name]["type"] for name in MAKING} == MAKING


def test_nothing_is_complained_of(console: Gimp, known: dict):
    assert known
    for word in ("Traceback", "CRITICAL", "WARNING", "Warning", "Error", "catalog"):
        assert word not in console.output
