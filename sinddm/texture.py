"""The Python interface: a texture is what has been learned from one or more pictures, and makes new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from sinddm import inputs, results, tasks
from sinddm.denoisers.exact import Frame
from sinddm.errors import InputError
from sinddm.harmonize import harmonize
from sinddm.inputs import ImageLike, MaskLike, Size
from sinddm.maker import Maker
from sinddm.pixels import Decoded, Format
from sinddm.sampler import OnStep, Step
from sinddm.text import tasks as texts
from sinddm.text.clip import STYLE
from sinddm.text.prompts import PromptsLike

Quality = Literal["draft", "normal", "best"]
Engine = Literal["instant", "learned"]


class Texture(Maker):
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

    def text_content(
        self,
        text: PromptsLike,
        count: int = 1,
        *,
        avoid: PromptsLike = (),
        strength: float = 0.8,
        share: float = 0.5,
        size: Size | None = None,
        model: str | None = None,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        format: Format | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Variations with content that a text asks for: those of the same seeds, in which a share of the picture, where
        the text matters most, is drawn towards it.

        text: words, or several with or without weights: ["red flowers", ("snow", 0.5)]; avoid: what is not wanted,
        likewise. strength: 0 changes nothing, 1 most. model: of sinddm.text.models; None: the usual one.
        size, format: as for generate. Raises InputError where open_clip or the model is missing.
        """
        size = self._size(size)
        run = self._run(count, seed, quality, engine, on_step)
        wanted = self._text(text, avoid, strength, share, model)
        with self._memory(size):
            return results.arrays(texts.content(run, size, wanted), format or self.format)

    def text_style(
        self,
        text: PromptsLike,
        count: int = 1,
        *,
        avoid: PromptsLike = (),
        strength: float = 0.5,
        size: Size | None = None,
        model: str | None = None,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        format: Format | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Variations in the colours and the light that a text asks for; all else as for text_content."""
        size = self._size(size)
        run = self._run(count, seed, quality, engine, on_step)
        wanted = self._text(text, avoid, strength, 1.0, model, STYLE)
        with self._memory(size):
            return results.arrays(texts.style(run, size, wanted), format or self.format)

    def text_restyle(
        self,
        picture: ImageLike,
        text: PromptsLike,
        count: int = 1,
        *,
        avoid: PromptsLike = (),
        strength: float = 0.5,
        model: str | None = None,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """A picture in the colours and the light that a text asks for; everything in it stays where it is."""
        decoded = inputs.decode(picture)
        run = self._run(count, seed, quality, engine or "instant", on_step)
        wanted, shown = self._text(text, avoid, strength, 1.0, model, STYLE), self._content(decoded)
        with self._memory(decoded.values.shape[:2]):
            found = texts.style(run, decoded.values.shape[:2], wanted, shown)
            return results.arrays(found, decoded.format, decoded.alpha)

    def text_region(
        self,
        image: ImageLike,
        mask: MaskLike,
        text: PromptsLike,
        count: int = 1,
        *,
        avoid: PromptsLike = (),
        strength: float = 0.8,
        model: str | None = None,
        seed: int = 0,
        quality: Quality = "normal",
        engine: Engine | None = None,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """The picture with its masked part as a text asks for it; beyond a feather of 6 pixels around it nothing
        changes, to the bit. mask: as for fill."""
        given, decoded = inputs.load(image)
        part = inputs.mask(mask, decoded)
        if not (part > 0.5).any():
            raise InputError("The mask is empty: paint the part that is to change in white.")
        run = self._run(count, seed, quality, engine or "instant", on_step)
        wanted = self._text(text, avoid, strength, 1.0, model)

        def fill(run: tasks.Run, picture: Tensor, hole: Tensor, frame: Frame) -> list[Tensor]:
            return texts.region(run, picture, hole, wanted, frame)

        return self._fill(given.array, decoded, part, run, self._frame(part.shape, (0, 0), part.shape), fill)


def _harmonized(run: tasks.Run, composite: Tensor, mask: Tensor, strength: float) -> list[Tensor]:
    """In closed form, once for each seed."""
    picture, made = run.pyramid.levels[-1].image, []
    for index, seed in enumerate(run.seeds):

        def tell(fraction: float, index: int = index) -> None:
            if run.on_step:
                run.on_step(Step((index + fraction) / len(run.seeds), index, 0, 0, composite[None]))

        made.append(harmonize(composite, mask, picture, strength, seed=seed, on_progress=tell))
    return made
