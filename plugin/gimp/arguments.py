"""A procedure's arguments: what can be chosen for a task, and what is learned from."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from sinddm_ui.host import HostError
from sinddm_ui.tasks import Source, Task
from sinddm_ui.tasks.settings import (
    LARGEST_SEED,
    LONGEST_SIDE,
    Choice,
    Number,
    Seed,
    Setting,
    Size,
    Slider,
    Switch,
    Target,
    Words,
)

from .api import Gimp, GObject

WRITABLE = GObject.ParamFlags.READWRITE
BY_CHANCE = -1
TEXTURE, LAYER, PART = "texture", "source", "only-selection"
SIZES = (("canvas", "As the image"), ("layer", "As the layer"), ("custom", "Width and height below"))
SELECTABLE = ("generate", "tile", "learn")  # the tasks that learn only what is selected
TOGETHER = SELECTABLE  # and those that learn all selected layers together
OF_DIALOGS = "cfhlmors"  # the keys of its own buttons, and of what is added to it
RAREST = "zqjxkvbygpwmfcldrhsniotuae"  # first: short labels have only the others


class Keys:
    """Gives each label of a dialog a key of its own, which with Alt goes there."""

    def __init__(self) -> None:
        self._taken = set(OF_DIALOGS)

    def mark(self, label: str) -> str:
        """The label with an underscore before the letter that is its key."""
        free = [at for at, letter in enumerate(label) if self._is_free(letter)]
        if not free:
            return label
        at = min(free, key=lambda at: RAREST.index(label[at].lower()))
        self._taken.add(label[at].lower())
        return f"{label[:at]}_{label[at:]}"

    def _is_free(self, letter: str) -> bool:
        return letter.isascii() and letter.isalpha() and letter.lower() not in self._taken


def add_source(procedure: Any, keys: Keys, task: str, kind: str) -> list[str]:
    """Arguments for what is learned from, by a task's key and its kind of source. Returns their names."""
    names = []
    if kind in ("any", "other"):
        usual = "the layer itself" if kind == "any" else "the chosen layer"
        procedure.add_string_argument(
            TEXTURE, "Texture", f"A texture of the library to learn from. Empty: {usual}", "", WRITABLE
        )
        procedure.add_layer_argument(
            LAYER, keys.mark("Like this layer"), "Another layer to learn from, instead of a texture", True, WRITABLE
        )
        names += [TEXTURE, LAYER]
    if task in SELECTABLE:
        label = keys.mark("Learn only what is selected")
        procedure.add_boolean_argument(PART, label, "Where something is selected, learn only that", True, WRITABLE)
        names.append(PART)
    return names


def source_of(config: Any, task: str, names: Sequence[str], selected: int) -> Source:
    """What was chosen to learn from. selected: how many layers are. Raises HostError if it was chosen twice."""
    texture = config.get_property(TEXTURE) if TEXTURE in names else ""
    layer = config.get_property(LAYER) if LAYER in names else None
    if texture and layer is not None:
        raise HostError("Both a texture and a layer are chosen to learn from: leave one of them empty.")
    if texture:
        return Source("texture", texture)
    if layer is not None:
        return Source("layer", str(layer.get_id()))
    return Source("selected") if task in TOGETHER and selected > 1 else Source()


def add_settings(procedure: Any, keys: Keys, task: Task) -> list[str]:
    """Arguments for what can be chosen. Returns their names."""
    return [name for setting in task.settings for name in _add(procedure, keys, setting)]


def names_of(setting: Setting) -> list[str]:
    """Of the arguments of a setting."""
    name = setting.key.replace("_", "-")
    if isinstance(setting, Size):
        return [name, "width", "height"]
    return [f"{name}-x", f"{name}-y"] if isinstance(setting, Target) else [name]


def counting(task: Task) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The arguments that count only if something is chosen in another one: by name, the other and what is chosen."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for setting in task.settings:
        if isinstance(setting, Size):
            choice, *sides = names_of(setting)
            found |= dict.fromkeys(sides, (choice, ("custom",)))
        if setting.only is not None:
            key, chosen = setting.only
            found |= dict.fromkeys(names_of(setting), (key.replace("_", "-"), chosen))
    return found


def values_of(config: Any, task: Task) -> dict[str, Any]:
    """What was chosen for a task. Raises HostError for what cannot be."""
    values = {setting.key: _value(config, setting) for setting in task.settings}
    for setting in task.settings:
        if not setting.accepts(values[setting.key]):
            raise HostError(f"{setting.label} cannot be {values[setting.key]}: choose another value.")
    return values


def _add(procedure: Any, keys: Keys, setting: Setting) -> list[str]:
    names, label, tip = names_of(setting), setting.label, setting.tip
    if isinstance(setting, Choice):
        options = [(str(value), words) for value, words in setting.options]
        _add_choice(procedure, names[0], keys.mark(label), tip, options)
    elif isinstance(setting, Number):
        label = keys.mark(f"{label} ({setting.unit})" if setting.unit else label)
        procedure.add_int_argument(names[0], label, tip, setting.least, setting.most, setting.usual, WRITABLE)
    elif isinstance(setting, Slider):
        ends = f"{tip}. 0: {setting.low.lower()}, 1: {setting.high.lower()}"
        procedure.add_double_argument(names[0], keys.mark(label), ends, 0.0, 1.0, setting.usual, WRITABLE)
    elif isinstance(setting, Switch):
        procedure.add_boolean_argument(names[0], keys.mark(label), tip, setting.usual, WRITABLE)
    elif isinstance(setting, Words):
        procedure.add_string_argument(names[0], keys.mark(label), f"{tip}. As: {setting.hint}", "", WRITABLE)
    elif isinstance(setting, Seed):
        label, more = keys.mark(label), f"{tip}. {BY_CHANCE} takes another one each time"
        procedure.add_int_argument(names[0], label, more, BY_CHANCE, LARGEST_SEED, BY_CHANCE, WRITABLE)
    elif isinstance(setting, Size):
        usual = sorted(SIZES, key=lambda one: one[0] != setting.usual)  # first
        _add_choice(procedure, names[0], keys.mark(label), tip, usual)
        for name, side in zip(names[1:], ("Width (px)", "Height (px)"), strict=True):
            more = f"The {name} of the new layers, where the size is not the image's or the layer's"
            usual_side = setting.default[name]
            procedure.add_int_argument(name, keys.mark(side), more, 1, LONGEST_SIDE, usual_side, WRITABLE)
    elif isinstance(setting, Target):
        for name, side, ends in zip(names, ("across", "down"), ("0: left, 1: right", "0: top, 1: bottom"), strict=True):
            words = keys.mark(f"{label}, {side}")
            procedure.add_double_argument(name, words, f"{tip}. {ends}", 0.0, 1.0, 0.5, WRITABLE)
    else:
        raise TypeError(f"there is no argument for {type(setting).__name__}")
    return names


def _add_choice(procedure: Any, name: str, label: str, tip: str, options: Sequence[tuple[str, str]]) -> None:
    """An argument of which the first option is the default."""
    choice = Gimp.Choice.new()
    for id, (value, words) in enumerate(options):
        choice.add(value, id, words, "")
    procedure.add_choice_argument(name, label, tip, choice, options[0][0], WRITABLE)


def _value(config: Any, setting: Setting) -> Any:
    names = names_of(setting)
    found = [config.get_property(name) for name in names]
    if isinstance(setting, Choice):
        return next(value for value, _ in setting.options if str(value) == found[0])
    if isinstance(setting, Seed):
        seed = random.randint(1, 99_999) if found[0] == BY_CHANCE else found[0]
        return {"value": seed, "locked": True}
    if isinstance(setting, Size):
        return {"as": found[0], "width": found[1], "height": found[2]}
    if isinstance(setting, Target):
        return {"x": found[0], "y": found[1]}
    return found[0]
