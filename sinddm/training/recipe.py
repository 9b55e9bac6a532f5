"""Recipes for learning: what the network is, which noise it sees, how its weights move."""

from __future__ import annotations

from dataclasses import dataclass

from sinddm.denoisers.network import NetworkConfig
from sinddm.errors import InputError
from sinddm.pyramid import SMALLEST, Pyramid
from sinddm.training.course import Course

FINEST = 0.3  # a fair share of the steps for the finest scale, where it is asked for


@dataclass(frozen=True)
class Recipe:
    """How a network learns."""

    name: str
    width: int
    """Channels in the middle of the network."""
    coarsest: int
    """Short side of the coarsest scale, in pixels: smaller is closer to the picture, larger is freer."""
    scales: int | None
    """How many scales are learned, from the coarsest on; None: all. The closed form finishes the others."""
    published: bool
    """The published process and loss (L1 on the noise at every one of 100 steps), or ours: see batches."""
    batch: int
    """Pictures a step."""
    rate: float
    """The highest learning rate, of Adam."""
    matrix_rate: float = 0.02
    """The same of Muon, which moves the matrices of our recipe."""
    finest: float = 0.0
    """Share of the steps that learn the finest scale, for harmonizing, where the recipe does not learn all scales."""
    seconds: float | None = None
    """How long it learns, unless asked otherwise; or"""
    steps: int | None = None
    """in how many steps."""

    def __post_init__(self) -> None:
        numbers = (
            (self.width, 2, 1024),
            (self.coarsest, SMALLEST, 1024),
            (self.scales or 1, 1, 32),
            (self.batch, 1, 1024),
        )
        if not all(isinstance(n, int) and low <= n <= high for n, low, high in numbers) or self.width % 2:
            raise ValueError(f"no network can be learned like this: {self}")
        if not (0 < self.rate < 1 and 0 < self.matrix_rate < 1 and 0 <= self.finest < 1):
            raise ValueError(f"a learning rate and a share are between 0 and 1: {self}")

    def course(self) -> Course:
        """As long as the recipe says."""
        return Course(self.seconds, self.steps)

    def config(self, pyramid: Pyramid) -> NetworkConfig:
        """The network that this recipe makes for a pyramid."""
        level = pyramid.levels[-1]
        count = len(pyramid) if self.scales is None else min(self.scales, len(pyramid))
        return NetworkConfig(
            channels=len(level.image),
            width=self.width,
            published=self.published,
            data_std=max(0.05, float(level.image[:, level.used].std())),
            coarsest=self.coarsest,
            scales=(*range(count), *([len(pyramid) - 1] if self.finest and count < len(pyramid) else [])),
        )


PRESETS = {
    "fast": Recipe("fast", width=64, coarsest=34, scales=3, published=False, batch=4, rate=3e-3, seconds=60.0),
    # Kulikov et al. 2023, appendix, and their code: 120,000 steps, all scales, full pictures
    "paper": Recipe("paper", width=160, coarsest=48, scales=None, published=True, batch=32, rate=1e-3, steps=120_000),
}


def named(name: str) -> Recipe:
    """The recipe of that name. Raises InputError if there is none such."""
    if name not in PRESETS:
        raise InputError(f"The preset is {' or '.join(PRESETS)}, not {name!r}: choose one of them.")
    return PRESETS[name]
