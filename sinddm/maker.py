"""What all tasks of a texture share: which engine, how large, with what memory, and where what is filled in belongs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from sinddm import inputs, results, tasks
from sinddm.denoisers.exact import Frame
from sinddm.denoisers.learned import Learned
from sinddm.errors import InputError
from sinddm.inputs import Size
from sinddm.learner import Learner
from sinddm.memory import within_memory
from sinddm.pixels import Decoded, match_channels
from sinddm.pyramid import SMALLEST, Box, Region
from sinddm.sampler import OnStep
from sinddm.text import models
from sinddm.text.clip import CONTENT
from sinddm.text.guide import Text
from sinddm.text.prompts import PromptsLike, prompts

LARGEST = 1 << 15  # pixels on a side of a result
Fill = Callable[[tasks.Run, Tensor, Tensor, Frame], list[Tensor]]
"""Makes what belongs into the hole (H, W) of a picture (C, H, W), once for each seed."""


class Maker(Learner):
    """What was learned, ready for the tasks."""

    def _fill(
        self,
        array: np.ndarray,
        decoded: Decoded,
        hole: np.ndarray,
        run: tasks.Run,
        frame: Frame,
        fill: Fill = tasks.fill,
    ) -> list[np.ndarray]:
        """Fill where `hole` is above 0; the array's own values stay everywhere else, but for the feather."""
        with self._memory(hole.shape):
            unseen = hole if decoded.alpha is None else np.where(decoded.alpha > 0, hole, np.float32(1))
            unknown = torch.from_numpy(unseen).to(self.device)
            made = fill(run, self._content(decoded), unknown, frame)
            alpha = None if decoded.alpha is None else np.maximum(hole, decoded.alpha)
            changed = tasks.feathered(torch.from_numpy(hole)).numpy() > 0
            found = results.arrays(made, decoded.format, alpha)
            return [results.only_where(changed, new, array) for new in found]

    def _frame(self, picture: Size, corner: Size, canvas: Size) -> Frame:
        """Where in a canvas what was learned has its place: a picture's own at `corner`, of which a mask may have left
        only a part; another picture's is where the picture is."""
        (top, left), (height, width) = corner, picture
        if picture == self.size:
            top, left = top - self.source.origin[0], left - self.source.origin[1]
            height, width = self.pyramid.levels[-1].size
        return top / canvas[0], left / canvas[1], height / canvas[0], width / canvas[1]

    def _run(
        self,
        count: int,
        seed: int,
        quality: str,
        engine: str | None,
        on_step: OnStep | None,
        closeness: float = 0.5,
        keep: float = 0.0,
    ) -> tasks.Run:
        if count < 1:
            raise InputError("Ask for at least one variation.")
        if quality not in tasks.QUALITY:
            raise InputError(f"Quality is {', '.join(tasks.QUALITY)}, not {quality!r}: choose one of them.")
        settings = tasks.settings_for(quality, inputs.unit(closeness), inputs.unit(keep))
        learned = self._network(engine)
        pyramid = learned.pyramid if learned else self.pyramid
        return tasks.Run(pyramid, range(seed, seed + count), settings, on_step, learned)

    def _network(self, engine: str | None) -> Learned | None:
        """The network to work with, if that engine is asked for, or none is and there is one."""
        if engine not in (None, "instant", "learned"):
            raise InputError(f"The engine is instant or learned, not {engine!r}: choose one of them.")
        if engine == "learned" and self.learned is None:
            raise InputError("This texture has no trained network: learn it first, or use the instant engine.")
        return None if engine == "instant" else self.learned

    def _size(self, size: Size | None) -> Size:
        height, width = size or self.size
        if min(height, width) < SMALLEST or max(height, width) > LARGEST:
            raise InputError(f"A result of {width}x{height} cannot be made: choose sides from {SMALLEST} to {LARGEST}.")
        return height, width

    def _learned(self, source: Box, target: Box) -> Region:
        """A region of the first picture as one of what was learned, cut to it, and its target cut likewise."""
        level, (top, left), (x, y, width, height) = self.pyramid.levels[-1], self.source.origin, source
        y0, y1 = (min(max(y + top + n, 0), level.size[0]) for n in (0, height))
        x0, x1 = (min(max(x + left + n, 0), level.size[1]) for n in (0, width))
        if not level.used[y0:y1, x0:x1].any():
            raise InputError("A region to place is transparent or was masked out: choose one that was learned.")
        across, down = target[2] / width, target[3] / height
        corner = round(target[0] + (x0 - x - left) * across), round(target[1] + (y0 - y - top) * down)
        return (x0, y0, x1 - x0, y1 - y0), (*corner, round((x1 - x0) * across), round((y1 - y0) * down))

    def _memory(self, size: Size):
        height, width = self.pyramid.levels[-1].size
        channels = self.format.channels
        return within_memory((size[0] * size[1] + height * width) * max(1, channels / 3), self.device)

    def _content(self, decoded: Decoded) -> Tensor:
        """A picture's values as the texture's channels, on its device; refuses what is too small."""
        height, width = decoded.values.shape[:2]
        if min(height, width) < SMALLEST:
            raise InputError(
                f"The picture is {width}x{height} pixels, too small to work on: use one of at least {SMALLEST}."
            )
        values, alpha = decoded.values, decoded.alpha
        if alpha is not None and alpha.any():  # editors keep arbitrary colour under alpha 0
            values = np.where(alpha[..., None] > 0, values, values[alpha > 0].mean(0))
        return results.tensor(match_channels(values, self.format.channels)).to(self.device)

    def _text(
        self,
        wanted: PromptsLike,
        avoided: PromptsLike,
        strength: float,
        share: float,
        model: str | None,
        frames: Sequence[str] = CONTENT,
    ) -> Text:
        """Words as what guides a picture. Raises InputError, also where there is no model for them."""
        if self.format.channels not in (1, 3):
            raise InputError("Text works on pictures in colour or gray: this texture has other channels.")
        said = prompts(wanted, avoided)
        strength, share = inputs.unit(strength), inputs.unit(share)
        clip = models.load(model, self.device)
        return Text(clip, clip.meaning(said, frames), strength, share)
