"""What GIMP knows of the plug-in: its procedures, their menus, their arguments and defaults."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from cases import SEED
from gimp_app import Agent, Gimp
from paintings import USUAL

MENUS = {"<Layers>/Layers Menu/SinDDM", "<Image>/Filters/SinDDM"}
OF_ALL = {"run-mode", "image", "drawables"}
LIKE = {"texture": "", "source": None}
SIZE = {"width": 1024, "height": 1024}
HOW = {"count": 4, "seed": -1, "quality": "normal"}
SHARE, SIDE, MARGIN = [0.0, 1.0], [1, 16384], [0, 4096]

DEFAULTS: dict[str, dict[str, Any]] = {
    "learn": {"name": "", "seconds": 60, "only-selection": True},
    "variations": {
        **LIKE,
        **SIZE,
        **HOW,
        "only-selection": True,
        "size": "canvas",
        "closeness": 0.5,
        "keep-layout": 0.0,
        "engine": "auto",
    },
    "tile": {**LIKE, **SIZE, **HOW, "only-selection": True, "size": "layer", "axis": "xy"},
    "fill": {**LIKE, **HOW},
    "expand": {**LIKE, **HOW, "to": "sides", "left": 128, "right": 128, "top": 128, "bottom": 128},
    "paint": {**LIKE, **HOW, "strength": 0.5, "engine": "auto"},
    "harmonize": {**HOW, "count": 1, "strength": 0.6},
    "style": {**LIKE, **HOW, "strength": 0.5},
    "text": {
        **LIKE,
        **SIZE,
        **HOW,
        "wanted": "",
        "avoid": "",
        "mode": "content",
        "size": "canvas",
        "strength": 0.8,
        "share": 0.5,
        "engine": "auto",
    },
    "place": {**LIKE, **SIZE, **HOW, "size": "canvas", "target-x": 0.5, "target-y": 0.5},
}
"""Each task's arguments and their defaults."""
RANGES = {
    **dict.fromkeys(("closeness", "keep-layout", "strength", "share", "target-x", "target-y"), SHARE),
    **dict.fromkeys(("width", "height"), SIDE),
    **dict.fromkeys(("left", "right", "top", "bottom"), MARGIN),
    "count": [1, 16],
    "seed": [-1, 2**31 - 1],
    "seconds": [1, 24 * 3600],
}
CHOICES = {
    "size": {"canvas", "layer", "custom"},
    "axis": {"xy", "x", "y"},
    "mode": {"content", "style", "restyle", "region"},
    "to": {"sides", "canvas"},
    "quality": {"normal", "draft", "best"},
    "engine": {"auto", "instant", "learned"},
}
GIMPS_OWN = re.compile(
    r"\(sinddm\.py:\d+\): LibGimp-WARNING .* gimp_flush\(\): error: Broken pipe|GIMP-Message: Welcome to GIMP"
)
"""GIMP hangs up on any plug-in that has answered, which may still be saying goodbye; 3.2 greets in a new profile."""


@pytest.fixture
def known(console: Gimp, inside: Agent) -> dict[str, Any]:
    """All that is registered, once the part that starts with GIMP has come to that."""
    return console.until(lambda: found if "sinddm-panel" in (found := inside.procedures("sinddm-")) else None)


def own(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A procedure's arguments, without those that all have."""
    assert set(found["arguments"]) >= OF_ALL
    return {name: one for name, one in found["arguments"].items() if name not in OF_ALL}


@pytest.mark.parametrize("task", DEFAULTS)
def test_a_task_is_in_the_menus(known: dict[str, Any], task: str):
    found = known[f"sinddm-{task}"]
    assert set(found["menus"]) == MENUS
    assert found["label"].endswith("..."), "it opens a dialog"
    assert found["images"] == "*"


def test_the_panel_is_in_the_menus(known: dict[str, Any]):
    assert set(known["sinddm-panel"]["menus"]) == {"<Image>/Windows", "<Image>/Filters/SinDDM"}


@pytest.mark.parametrize("task", DEFAULTS)
def test_a_task_has_its_arguments_and_their_defaults(known: dict[str, Any], task: str):
    found = own(known[f"sinddm-{task}"])
    assert {name: one["default"] for name, one in found.items()} == DEFAULTS[task]
    for name, one in found.items():
        assert one["range"] == RANGES.get(name), name
        assert set(one["choices"] or ()) == CHOICES.get(name, set()), name


@pytest.mark.parametrize("task", DEFAULTS)
def test_everything_is_explained_and_has_a_key(known: dict[str, Any], task: str):
    found = known[f"sinddm-{task}"]
    assert found["blurb"]
    assert found["help"]
    assert found["authors"]
    labels = {name: one["nick"] for name, one in own(found).items() if name != "texture"}  # which has a list of its own
    keys = [label[label.index("_") + 1].lower() for label in labels.values()]
    assert len(set(keys)) == len(keys), labels
    for name, one in own(found).items():
        assert one["blurb"], name


@pytest.mark.parametrize("task", DEFAULTS)
def test_a_task_returns_what_it_makes(known: dict[str, Any], task: str):
    assert known[f"sinddm-{task}"]["returns"] == (["texture"] if task == "learn" else ["layers"])


def test_nothing_is_complained_of(start: Callable[..., Gimp]):
    gimp, plain = start(), start(plug_in=False)
    image = gimp.agent.new_image(64, 48)
    layer = gimp.agent.add_layer(image, "Meadow", 64, 48, USUAL.waves(64, 48).tobytes())
    made = gimp.agent.call("sinddm-variations", image, [layer], seed=SEED, count=1, quality="draft")
    assert made["status"] == "success"
    gimp.end()
    usual = set(plain.output.splitlines())
    more = [line for line in gimp.output.splitlines() if line and line not in usual and not GIMPS_OWN.match(line)]
    assert not more
