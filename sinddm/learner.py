"""What a texture knows: the pictures, and the network if one was trained; learning it, saving it, loading it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from sinddm import inputs, saved
from sinddm.device import pick_device
from sinddm.errors import InputError
from sinddm.inputs import ImageLike, MaskLike
from sinddm.memory import within_memory
from sinddm.pyramid import COARSEST, Pyramid
from sinddm.source import Source, gather
from sinddm.training.course import Course
from sinddm.training.recipe import Recipe, named
from sinddm.training.session import OnProgress, Session, Trained

if TYPE_CHECKING:
    from typing_extensions import Self


class Learner:
    """Pictures at every scale, and a network that was trained on them or can be."""

    def __init__(self, source: Source, device: torch.device, trained: Trained | None = None):
        self.source, self.size, self.format, self.device = source, source.size, source.format, device
        self.pyramid = self._pyramid(COARSEST)
        self.learned = trained and trained.learned(self._pyramid(trained.config.coarsest))
        self._trained: Callable[[], Trained | None] = lambda: trained

    @classmethod
    def from_image(cls, image: ImageLike, *, mask: MaskLike | None = None, device: str = "auto") -> Self:
        """Learn one picture; see from_images."""
        return cls.from_images([image], masks=[mask], device=device)

    @classmethod
    def from_images(
        cls,
        images: Sequence[ImageLike],
        *,
        masks: Sequence[MaskLike | None] | None = None,
        device: str = "auto",
    ) -> Self:
        """Learn pictures together, all at their own size in pixels.

        images: paths, PIL images, or arrays (H, W) or (H, W, C) of uint8, uint16, float16 or float32 (0 to 1); 2 and 4
        channels have alpha, other numbers are colour or aligned material maps. masks: for each picture an (H, W) array
        or a path, to learn only where it is above one half. Transparent pixels are never learned from.
        device: "auto", "cpu", "cuda" or "mps". Raises InputError, in words, for what cannot be learned.
        """
        chosen = pick_device(device)
        with within_memory(sum(inputs.area(image) for image in images), chosen):
            return cls(gather(images, masks), chosen)

    @classmethod
    def load(cls, path: str | os.PathLike, *, device: str = "auto") -> Self:
        """A texture that was saved. Raises InputError for a file that is none, or was damaged."""
        chosen, found = pick_device(device), saved.read(Path(path))
        with within_memory(found.source.used.numel(), chosen):
            return cls(found.source, chosen, found.trained)

    def save(self, path: str | os.PathLike) -> None:
        """Write all that was learned to a file; what was there before stays until it is complete."""
        saved.write(Path(path), saved.Saved(self.source, self._trained()))

    @property
    def figures(self) -> dict[str, float] | None:
        """How the network was trained: steps, seconds and loss; None without one."""
        trained = self._trained()
        return trained and trained.figures

    def learn(
        self,
        *,
        preset: str | Recipe | None = None,
        seconds: float | None = None,
        steps: int | None = None,
        until_settled: bool = False,
        seed: int = 0,
        resume: bool = False,
        on_progress: OnProgress | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> bool:
        """Train a network on the texture; True when it has come to the end, False after a pause.

        preset: "fast" (the default), or "paper" as SinDDM was published. seconds, steps: how long; else as the preset
        says, or until_settled: until it no longer improves. resume: go on with the network that there is, and with
        its course if no other is asked for. on_progress is called with a `sinddm.training.session.Progress` after each
        step, check several times within one. Both may raise sinddm.Paused, which ends it for now, or
        sinddm.Cancelled, after which the texture is what it was; `save` may be called meanwhile.
        """
        before = self._trained() if resume else None
        if resume and before is None:
            raise InputError("This texture has no trained network to go on with: learn it without resuming first.")
        if before and preset not in (None, before.recipe.name, before.recipe):
            raise InputError(f"This network was learned with the preset {before.recipe.name}: go on with the same.")
        recipe = before.recipe if before else preset if isinstance(preset, Recipe) else named(preset or "fast")
        asked = until_settled or (seconds, steps) != (None, None)
        course = Course(seconds, steps) if asked else None
        pyramid = self._pyramid(recipe.coarsest)
        session = Session(pyramid, recipe, before.seed if before else seed, course, before, check)
        was, self._trained = self._trained, session.trained
        try:
            done = session.run(on_progress)
        except BaseException:
            self._trained = was
            raise
        if not session.course.taken:  # paused before the first step
            self._trained = was
            return False
        trained = session.trained()
        self._trained, self.learned = (lambda: trained), trained.learned(pyramid)
        return done

    def _pyramid(self, coarsest: int) -> Pyramid:
        """What was learned from, at every scale from that short side on."""
        return Pyramid(self.source.image.to(self.device), self.source.used.to(self.device), coarsest)
