"""What can be chosen for a task, as data: the panel makes a control of each, GIMP an argument.

Values are what JSON has, so that they can be remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

LONGEST_SIDE = 16384  # pixels
MOST_COUNT = 16
MOST_WORDS = 2000  # characters
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Something to choose."""

    key: str
    label: str
    tip: str
    folded: bool = False
    """Whether it is among those that matter less."""
    only: tuple[str, tuple[str, ...]] | None = None
    """Another choice's key and values: it matters only where one of these is chosen there."""

    @property
    def default(self) -> Any:
        """The value that gives a good result on any layer."""
        raise NotImplementedError

    def accepts(self, value: Any) -> bool:
        """Whether a value that was remembered may be used."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """One of a few; its value is the first of the pair."""

    options: tuple[tuple[Any, str], ...]
    """Values and words, the default first."""

    @property
    def default(self) -> Any:
        return self.options[0][0]

    def accepts(self, value: Any) -> bool:
        return any(value == option and type(value) is type(option) for option, _ in self.options)


@dataclass(frozen=True, kw_only=True)
class Number(Setting):
    """A whole number."""

    least: int
    most: int
    usual: int
    unit: str = ""

    @property
    def default(self) -> int:
        return self.usual

    def usually(self, usual: int) -> Number:
        """The same with another default."""
        return replace(self, usual=usual)

    def accepts(self, value: Any) -> bool:
        return type(value) is int and self.least <= value <= self.most


@dataclass(frozen=True, kw_only=True)
class Slider(Setting):
    """From 0 to 1."""

    usual: float
    low: str
    """Words for its two ends."""
    high: str

    @property
    def default(self) -> float:
        return self.usual

    def accepts(self, value: Any) -> bool:
        return type(value) in (int, float) and 0 <= value <= 1


@dataclass(frozen=True, kw_only=True)
class Switch(Setting):
    """Yes or no."""

    usual: bool = False

    @property
    def default(self) -> bool:
        return self.usual

    def accepts(self, value: Any) -> bool:
        return type(value) is bool


@dataclass(frozen=True, kw_only=True)
class Words(Setting):
    """A few words to type."""

    hint: str
    """Shown while there are none."""

    @property
    def default(self) -> str:
        return ""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str) and len(value) <= MOST_WORDS


@dataclass(frozen=True, kw_only=True)
class Size(Setting):
    """How large: {"as": "canvas", "layer" or "custom", "width": 512, "height": 512}; the two count for custom."""

    usual: str = "canvas"

    @property
    def default(self) -> dict[str, Any]:
        return {"as": self.usual, "width": 1024, "height": 1024}

    def accepts(self, value: Any) -> bool:
        if not isinstance(value, dict) or set(value) != {"as", "width", "height"}:
            return False
        sides = (value["width"], value["height"])
        return value["as"] in ("canvas", "layer", "custom") and all(_is_side(side) for side in sides)


@dataclass(frozen=True, kw_only=True)
class Seed(Setting):
    """What chance starts from: {"value": 7, "locked": false}. A new value is taken each time unless it is locked."""

    @property
    def default(self) -> dict[str, Any]:
        return {"value": 1, "locked": False}

    def accepts(self, value: Any) -> bool:
        if not isinstance(value, dict) or set(value) != {"value", "locked"}:
            return False
        seed = value["value"]
        return type(seed) is int and 0 <= seed <= LARGEST_SEED and type(value["locked"]) is bool


@dataclass(frozen=True, kw_only=True)
class Target(Setting):
    """Where the selected part is to be, as shares of the result: {"x": 0.5, "y": 0.5}, its middle."""

    @property
    def default(self) -> dict[str, Any]:
        return {"x": 0.5, "y": 0.5}

    def accepts(self, value: Any) -> bool:
        if not isinstance(value, dict) or set(value) != {"x", "y"}:
            return False
        return all(type(one) in (int, float) and 0 <= one <= 1 for one in value.values())


def _is_side(value: Any) -> bool:
    return type(value) is int and 1 <= value <= LONGEST_SIDE


COUNT = Number(
    key="count",
    label="Count",
    tip="How many to make. Each has a seed of its own",
    least=1,
    most=MOST_COUNT,
    usual=4,
)
SEED = Seed(key="seed", label="Seed", tip="The same seed makes the same picture again. Lock it to keep it", folded=True)
QUALITY = Choice(
    key="quality",
    label="Quality",
    tip="A draft takes a third of the time; the best takes three times as long",
    folded=True,
    options=(("normal", "Normal"), ("draft", "Draft"), ("best", "Best")),
)
ENGINE = Choice(
    key="engine",
    label="Use",
    tip="Pieces of the picture itself, or what was learned from it: freer, and less sharp",
    folded=True,
    options=(("auto", "What fits"), ("instant", "The picture's own pieces"), ("learned", "What was learned")),
)
SHARED = (SEED, QUALITY)
