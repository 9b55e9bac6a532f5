"""A network learning a picture, from the first step or from where an earlier session was left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from sinddm.denoisers.closed_form import ClosedForm
from sinddm.denoisers.learned import Combined, Learned
from sinddm.denoisers.network import Network, NetworkConfig
from sinddm.errors import InputError, Paused
from sinddm.noise import Noise
from sinddm.pyramid import Pyramid
from sinddm.sampler import sample
from sinddm.tasks import QUALITY
from sinddm.training.course import Course
from sinddm.training.recipe import Recipe
from sinddm.training.trainer import UNFIT, Trainer

PREVIEW_SHORT_SIDE = 180  # of a preview, in pixels, at most
SHARE_OF_PREVIEWS = 0.05  # of the time


class Progress(NamedTuple):
    """Where learning stands, after every step."""

    fraction: float
    """Of the whole way, 0 to 1."""
    steps: int
    seconds: float
    left: float | None
    """Seconds to go; None while nobody can tell."""
    loss: float
    note: str
    """What the artist should know, in a sentence, or nothing."""
    preview: Tensor | None
    """Every few seconds a variation (C, h, w) in [-1, 1] made with what has been learned so far."""


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Trained:
    """A network, and all that is needed to go on with it."""

    config: NetworkConfig
    recipe: Recipe
    seed: int
    course: dict[str, Any]
    """See Course."""
    figures: dict[str, float]
    """steps, seconds and loss, of all sessions together."""
    state: dict[str, Tensor]
    """See Trainer.state; "average.*" is the network that makes pictures."""

    @property
    def parameters(self) -> int:
        """Numbers that the network consists of."""
        return sum(value.numel() for name, value in self.state.items() if name.startswith("average."))

    def learned(self, pyramid: Pyramid) -> Learned:
        """The network, ready to make pictures. pyramid: of config.coarsest."""
        network = Network(self.config)
        network.load_state_dict(
            {name.removeprefix("average."): t for name, t in self.state.items() if name.startswith("average.")}
        )
        device = pyramid.levels[-1].image.device
        return Learned(network.requires_grad_(False).to(device), pyramid)


class Session:
    """Learning in the making.

    pyramid: of the recipe's coarsest scale. course: how long; None: as the recipe says, or as was left of `before`.
    before: what an earlier session has learned. check: called often, may raise to stop within a step.
    """

    def __init__(
        self,
        pyramid: Pyramid,
        recipe: Recipe,
        seed: int,
        course: Course | None = None,
        before: Trained | None = None,
        check: Callable[[], None] = lambda: None,
    ):
        self.pyramid, self.recipe, self.seed, self.check = pyramid, recipe, seed, check
        self.trainer = Trainer(pyramid, recipe, seed, check)
        self._before = {"steps": 0.0, "seconds": 0.0}
        if before is None:
            self.course = course or recipe.course()
            return
        if replace(before.config, data_std=self.trainer.config.data_std) != self.trainer.config:
            raise InputError(UNFIT)
        self.trainer.load(before.state)
        left = _course(before.course)
        self.course = course or left
        if self.course.fraction >= 1:
            raise InputError("This texture has been learned to the end: say how much longer to go on.")
        same = left if course is None else Course()  # a course that goes on counts what it did itself
        self._before["steps"] = before.figures["steps"] - same.taken
        self._before["seconds"] = before.figures["seconds"] - same.elapsed

    def run(self, on_progress: OnProgress | None = None, every: float = 4.0) -> bool:
        """Learn to the end of the course; False if on_progress or check raised Paused on the way.

        What else they raise ends it too. every: seconds between previews; more where they take long.
        """
        piece, note = self.trainer.piece, ""
        before = shown = time.perf_counter()
        cost = 0.0
        while self.course.fraction < 1:
            try:
                loss = self.trainer.step(self.course.rate)
                now = time.perf_counter()
                self.course.count(loss, now - before)
                before, picture = now, None
                if on_progress and now - shown > max(every, cost / SHARE_OF_PREVIEWS):
                    picture = self._preview()
                    shown = time.perf_counter()
                    cost = shown - now
                if on_progress:
                    if self.trainer.piece < piece:
                        note = "Memory is short, so learning goes on in smaller pieces."
                    on_progress(self._progress(note, picture))
            except Paused:
                return False
        return True

    def trained(self) -> Trained:
        """What has been learned by now."""
        figures = {
            "steps": self._before["steps"] + self.course.taken,
            "seconds": round(self._before["seconds"] + self.course.elapsed, 3),
            "loss": self.course.loss or 0.0,
        }
        state = self.trainer.state()
        return Trained(self.trainer.config, self.recipe, self.seed, self.course.as_dict(), figures, state)

    def _progress(self, note: str, picture: Tensor | None) -> Progress:
        at = self.course
        return Progress(at.fraction, at.taken, at.elapsed, at.left, at.loss or 0.0, note, picture)

    def _preview(self) -> Tensor:
        """A small variation by the network as it is now, (C, h, w)."""
        learned = Learned(self.trainer.average, self.pyramid)
        settings = replace(QUALITY["draft"], exact_scales=learned.coarse)
        denoise = Combined(learned, ClosedForm(self.pyramid, settings, [self.seed]))
        image = self.pyramid.levels[-1].image
        stages = denoise.stages((image.shape[-2], image.shape[-1]))
        way = [stage for stage in stages if stage.scale == 0 or min(stage.size) <= PREVIEW_SHORT_SIDE]
        start = torch.zeros(1, len(image), *way[0].size, device=image.device)
        noise = Noise([self.seed], image.device)
        return sample(denoise, way, noise, start, [denoise.remember], lambda _: self.check())[0]


def _course(saved: dict[str, Any]) -> Course:
    try:
        course = Course(**saved)
        maybe = course.seconds, course.steps, course.loss, course.settled
        numbers = [course.elapsed, course.taken, course._sum, *(n for n in maybe if n is not None)]
        numbers += [n for steps, loss in course.looks for n in (steps, loss)]
        assert 0 <= course.fraction <= 1
        assert all(type(n) in (int, float) for n in numbers)
    except (TypeError, ValueError, AssertionError) as error:
        raise InputError(UNFIT) from error
    return course
