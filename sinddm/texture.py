"""The Python interface: a texture is what has been learned from one or more pictures, and makes new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from sinddm import inputs, results, tasks
from sinddm.denoisers.exact import Frame
from sinddm.denoisers.learned import Learned
from sinddm.errors import InputError
from sinddm.harmonize import harmonize
from sinddm.inputs import ImageLike, MaskLike, Size
from sinddm.learner import Learner
from sinddm.memory import within_memory
from sinddm.pixels import Decoded, Format, match_channels
from sinddm.pyramid import SMALLEST, Box, Region
from sinddm.sampler import OnStep, Step

Quality = Literal["draft", "normal", "best"]
Engine = Literal["instant", "learned"]
LARGEST = 1 << 15  # pixels on a side of a result


class Texture(Learner):
    """What was learned, ready to make new pictures; `from_image`, `from_images` and `load` make one, `learn` trains it.

    Every task takes `count` variations, of which variation k has the seed `seed` + k and is the same whatever the
    count; `quality` "draft", "normal" or "best"; `engine` "instant", or "learned" where `learn` has trained a network:
    the default then of generate, paint and place, while the other tasks come out sharper in closed form; and `on_step`,
    called with a `sinddm.sampler.Step` at each step, which may raise `sinddm.Cancelled`. It returns a list of arrays
    like the picture it was given: generate, tile and place like the first one that was learned, the others like their
    own.
    """

    def generate(
        self,
        count: int = 1,
        *,
        size: Size | None = None,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        closeness: float = 0.5,
        keep_layout: float = 0.0,
        format: Format | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Variations of any size (height, width).

        closeness: 0 rearranges freely, 1 stays close to the picture. keep_layout: 0 puts things anywhere, 1 where they
        were. format: of the results; None: the format of what was learned.
        """
        size = self._size(size)
        run = self._run(count, seed, quality, engine, on_step, closeness, keep_layout)
        with self._memory(size):
            return results.arrays(tasks.generate(run, size, keep_layout), format or self.format)

    def tile(
        self,
        count: int = 1,
        *,
        axis: Literal["x", "y", "xy"] = "xy",
        size: Size | None = None,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        format: Format | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Pictures that repeat without a seam along x, y or both; format as for generate."""
        if axis not in ("x", "y", "xy"):
            raise InputError(f"A tile repeats along x, y or xy, not {axis!r}: choose one of them.")
        size = self._size(size)
        with self._memory(size):
            found = tasks.tile(self._run(count, seed, quality, engine or "instant", on_step), size, axis)
            return results.arrays(found, format or self.format)

    def place(
        self,
        regions: Sequence[tuple[Sequence[int], Sequence[int]]],
        count: int = 1,
        *,
        size: Size | None = None,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        format: Format | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Variations in which parts of the picture stand where they are wanted.

        regions: pairs ((x, y, width, height) in the picture, (x, y) or (x, y, width, height) in the result).
        format: as for generate.
        """
        size = self._size(size)
        boxes = [inputs.boxes(source, target, self.size, size) for source, target in regions]
        if not boxes:
            raise InputError("There is nothing to place: name at least one region and where it goes.")
        boxes = [self._learned(source, target) for source, target in boxes]
        with self._memory(size):
            found = tasks.place(self._run(count, seed, quality, engine, on_step), boxes, size)
            return results.arrays(found, format or self.format)

    def fill(
        self,
        image: ImageLike,
        mask: MaskLike,
        count: int = 1,
        *,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """The picture with the masked part filled from the texture; beyond a feather of 6 pixels around it nothing
        changes, to the bit.

        mask: (H, W), bool or 0 to 1 (0 to 255 as uint8), with soft edges where wanted. To fill a picture from itself,
        learn it with the part left out: Texture.from_image(image, mask=~mask) for a bool mask.
        """
        picture, decoded = inputs.load(image)
        array = picture.array
        hole = inputs.mask(mask, decoded)
        if not hole.any():
            raise InputError("The mask is empty: paint the part to fill in white.")
        frame = self._frame(hole.shape, (0, 0), hole.shape)
        return self._fill(array, decoded, hole, self._run(count, seed, quality, engine or "instant", on_step), frame)

    def expand(
        self,
        image: ImageLike,
        count: int = 1,
        *,
        left: int = 0,
        right: int = 0,
        top: int = 0,
        bottom: int = 0,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """The picture continued by so many pixels on each side; beyond a feather of 6 pixels along them nothing of it
        changes, to the bit."""
        sides = (top, bottom), (left, right)
        if min(top, bottom, left, right) < 0 or max(top, bottom, left, right) == 0:
            raise InputError("Say by how many pixels to expand, on at least one side, with numbers above 0.")
        picture, decoded = inputs.load(image)
        array = picture.array
        height, width = self._size((array.shape[0] + top + bottom, array.shape[1] + left + right))
        with self._memory((height, width)):
            grown = np.pad(array, sides if array.ndim == 2 else (*sides, (0, 0)))
            values = np.pad(decoded.values, (*sides, (0, 0)), mode="edge")
            alpha = None if decoded.alpha is None else np.pad(decoded.alpha, sides)
            hole = np.pad(np.zeros(array.shape[:2], np.float32), sides, constant_values=1)
        run = self._run(count, seed, quality, engine or "instant", on_step)
        frame = self._frame(array.shape[:2], (top, left), (height, width))
        return self._fill(grown, Decoded(values, alpha, decoded.format), hole, run, frame)

    def paint(
        self,
        painting: ImageLike,
        count: int = 1,
        *,
        strength: float = 0.5,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Rough painted shapes rendered in the picture's look; strength 0 keeps to the shapes, 1 is free."""
        decoded = inputs.decode(painting)
        run = self._run(count, seed, quality, engine, on_step)
        with self._memory(decoded.values.shape[:2]):
            found = tasks.paint(run, self._content(decoded), inputs.unit(strength))
            return results.arrays(found, decoded.format, decoded.alpha)

    def style(
        self,
        content: ImageLike,
        count: int = 1,
        *,
        strength: float = 0.5,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Another picture in this one's style; strength 0 keeps its details, 1 only its large forms."""
        decoded = inputs.decode(content)
        run = self._run(count, seed, quality, engine or "instant", on_step)
        with self._memory(decoded.values.shape[:2]):
            found = tasks.style(run, self._content(decoded), inputs.unit(strength))
            return results.arrays(found, decoded.format, decoded.alpha)

    def harmonize(
        self,
        composite: ImageLike,
        mask: MaskLike,
        count: int = 1,
        *,
        strength: float = 0.6,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """A pasted object made to belong: it takes on the picture's colours and strokes and keeps its shape.

        mask: (H, W), 1 on the object. Outside the mask grown by a few pixels nothing changes, to the bit. The instant
        engine does it better and is the default; the learned one needs a network that knows the finest scale.
        """
        given, decoded = inputs.load(composite)
        inside = inputs.mask(mask, decoded)
        if not inside.any():
            raise InputError("The mask is empty: paint the pasted object in white.")
        content, matte = self._content(decoded), torch.from_numpy(inside).to(self.device)
        with self._memory(decoded.values.shape[:2]):
            run = self._run(count, seed, quality, engine or "instant", on_step)
            harmonized = tasks.harmonize if run.learned else _harmonized
            made = harmonized(run, content, matte, inputs.unit(strength))
        found = results.arrays(made, decoded.format, decoded.alpha)
        return [
            results.only_where((one != content).any(0).cpu().numpy(), new, given.array)
            for new, one in zip(found, made, strict=True)
        ]

    def _fill(
        self, array: np.ndarray, decoded: Decoded, hole: np.ndarray, run: tasks.Run, frame: Frame
    ) -> list[np.ndarray]:
        """Fill where `hole` is above 0; the array's own values stay everywhere else, but for the feather."""
        with self._memory(hole.shape):
            unseen = hole if decoded.alpha is None else np.where(decoded.alpha > 0, hole, np.float32(1))
            unknown = torch.from_numpy(unseen).to(self.device)
            made = tasks.fill(run, self._content(decoded), unknown, frame)
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


def _harmonized(run: tasks.Run, composite: Tensor, mask: Tensor, strength: float) -> list[Tensor]:
    """In closed form, once for each seed."""
    picture, made = run.pyramid.levels[-1].image, []
    for index, seed in enumerate(run.seeds):

        def tell(fraction: float, index: int = index) -> None:
            if run.on_step:
                run.on_step(Step((index + fraction) / len(run.seeds), index, 0, 0, composite[None]))

        made.append(harmonize(composite, mask, picture, strength, seed=seed, on_progress=tell))
    return made
