"""How long learning goes on, and how fast it goes at each moment."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from sinddm.errors import InputError

COOL_DOWN = 0.4  # once it has settled, the last part of the way
FIRST_LOOK = 200  # steps before the first look whether the loss still falls
LOOK_EVERY = 1.25  # times the steps of the last look
IMPROVES = 0.01  # a smaller part of the loss from look to look is none
LONGEST = 3600.0  # seconds, for learning that never settles
SMOOTH = 0.98


@dataclass
class Course:
    """The way from the first step to the last: so many seconds, so many steps, or until it no longer improves."""

    seconds: float | None = None
    steps: int | None = None
    elapsed: float = 0.0
    """Seconds of learning so far, pauses not counted."""
    taken: int = 0
    """Steps so far."""
    loss: float | None = None
    """Smoothed."""
    looks: list[tuple[int, float]] = field(default_factory=list)
    """(steps, mean loss since the last look) at each."""
    settled: float | None = None
    """Seconds after which it no longer improved."""
    _sum: float = 0.0

    def __post_init__(self) -> None:
        if self.seconds is not None and not 0 < self.seconds <= 1e6:
            raise InputError(f"Learning cannot last {self.seconds} seconds: choose a number above 0.")
        if self.steps is not None and not 0 < self.steps <= 10**9:
            raise InputError(f"Learning cannot take {self.steps} steps: choose a whole number above 0.")

    @property
    def fraction(self) -> float:
        """The part of the way that is done, 0 to 1."""
        if self.steps is not None:
            return min(1.0, self.taken / self.steps)
        return min(1.0, self.elapsed / self._length())

    @property
    def rate(self) -> float:
        """The learning rate here, as a part of the highest."""
        if self.seconds is not None or self.steps is not None:
            return 1 - self.fraction
        return min(1.0, (1 - self.fraction) / COOL_DOWN)

    @property
    def left(self) -> float | None:
        """Seconds to go; None while nobody can tell."""
        if self.steps is not None:
            return self.elapsed / self.taken * (self.steps - self.taken) if self.taken else None
        if self.seconds is None and self.settled is None:
            return None
        return max(0.0, self._length() - self.elapsed)

    def count(self, loss: float, seconds: float) -> None:
        """A step is done; it had this loss and took so long."""
        self.taken, self.elapsed = self.taken + 1, self.elapsed + seconds
        self.loss = loss if self.loss is None else SMOOTH * self.loss + (1 - SMOOTH) * loss
        if self.seconds is None and self.steps is None and self.settled is None:
            self._look(loss)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return asdict(self)

    def _length(self) -> float:
        """Seconds of the whole way."""
        if self.seconds is not None:
            return self.seconds
        return LONGEST if self.settled is None else min(LONGEST, self.settled / (1 - COOL_DOWN))

    def _look(self, loss: float) -> None:
        """Does the loss still fall? If not, the rest of the way is the cool-down."""
        self._sum += loss
        last = self.looks[-1][0] if self.looks else 0
        if self.taken < max(FIRST_LOOK, last * LOOK_EVERY):
            return
        mean, self._sum = self._sum / (self.taken - last), 0.0
        if self.looks and mean > self.looks[-1][1] * (1 - IMPROVES):
            self.settled = self.elapsed
        self.looks.append((self.taken, mean))
