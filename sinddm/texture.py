"""The Python interface: a texture is what has been learned from one or more pictures, and makes new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from sinddm import inputs, pixels, tasks
from sinddm.atlas import side_by_side
from sinddm.denoisers.exact import Frame
from sinddm.device import pick_device
from sinddm.errors import InputError
from sinddm.harmonize import harmonize
from sinddm.inputs import ImageLike, MaskLike, Size
from sinddm.memory import within_memory
from sinddm.pixels import Decoded, match_channels
from sinddm.pyramid import SMALLEST, Box, Pyramid, Region
from sinddm.sampler import OnStep, Step

Quality = Literal["draft", "normal", "best"]
LARGEST = 1 << 15  # pixels on a side of a result


class Texture:
    """A picture's pyramid, ready to make new pictures; `Texture.from_image` and `Texture.from_images` make one.

    Every task takes `count` variations, of which variation k has the seed `seed` + k and is the same whatever the
    count; `quality` "draft", "normal" or "best"; and `on_step`, called with a `sinddm.sampler.Step` at each step, which
    may raise `sinddm.Cancelled`. It returns a list of arrays like the picture it was given: generate, tile and place
    like the first one that was learned, the others like their own.
    """

    def __init__(self, pyramid: Pyramid, first: Decoded, origin: tuple[int, int] = (0, 0)):
        self.pyramid, self._first, self._origin = pyramid, first, origin
        self.device = pyramid.levels[-1].image.device

    @classmethod
    def from_image(cls, image: ImageLike, *, mask: MaskLike | None = None, device: str = "auto") -> Texture:
        """Learn one picture; see from_images."""
        return cls.from_images([image], masks=[mask], device=device)

    @classmethod
    def from_images(
        cls,
        images: Sequence[ImageLike],
        *,
        masks: Sequence[MaskLike | None] | None = None,
        device: str = "auto",
    ) -> Texture:
        """Learn pictures together, all at their own size in pixels.

        images: paths, PIL images, or arrays (H, W) or (H, W, C) of uint8, uint16, float16 or float32 (0 to 1); 2 and 4
        channels have alpha, other numbers are colour or aligned material maps. masks: for each picture an (H, W) array
        or a path, to learn only where it is above one half. Transparent pixels are never learned from.
        device: "auto", "cpu", "cuda" or "mps". Raises InputError, in words, for what cannot be learned.
        """
        if not images:
            raise InputError("There is no picture to learn from: give at least one.")
        chosen = pick_device(device)
        wanted = list(masks) if masks is not None else [None] * len(images)
        if len(wanted) != len(images):
            raise InputError(f"There are {len(wanted)} masks for {len(images)} pictures: give one for each.")
        with within_memory(sum(inputs.area(image) for image in images), chosen):
            decoded = [inputs.decode(image) for image in images]
            channels = decoded[0].format.channels
            parts = [
                (_tensor(match_channels(one.values, channels)), torch.from_numpy(inputs.used(one, mask)))
                for one, mask in zip(decoded, wanted, strict=True)
            ]
            image, used, origin = side_by_side(parts)
            return cls(Pyramid(image.to(chosen), used.to(chosen)), decoded[0], origin)

    @property
    def size(self) -> Size:
        """(height, width) of the first picture."""
        return self._first.values.shape[0], self._first.values.shape[1]

    def generate(
        self,
        count: int = 1,
        *,
        size: Size | None = None,
        seed: int = 0,
        quality: Quality = "normal",
        closeness: float = 0.5,
        keep_layout: float = 0.0,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Variations of any size (height, width).

        closeness: 0 rearranges freely, 1 stays close to the picture. keep_layout: 0 puts things anywhere, 1 where they
        were.
        """
        size = self._size(size)
        run = self._run(count, seed, quality, on_step, closeness, keep_layout)
        with self._memory(size):
            return self._like_first(tasks.generate(run, self.pyramid, size))

    def tile(
        self,
        count: int = 1,
        *,
        axis: Literal["x", "y", "xy"] = "xy",
        size: Size | None = None,
        seed: int = 0,
        quality: Quality = "normal",
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Pictures that repeat without a seam along x, y or both."""
        if axis not in ("x", "y", "xy"):
            raise InputError(f"A tile repeats along x, y or xy, not {axis!r}: choose one of them.")
        size = self._size(size)
        with self._memory(size):
            found = tasks.tile(self._run(count, seed, quality, on_step), self.pyramid, size, axis)
            return self._like_first(found)

    def place(
        self,
        regions: Sequence[tuple[Sequence[int], Sequence[int]]],
        count: int = 1,
        *,
        size: Size | None = None,
        seed: int = 0,
        quality: Quality = "normal",
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Variations in which parts of the picture stand where they are wanted.

        regions: pairs ((x, y, width, height) in the picture, (x, y) or (x, y, width, height) in the result).
        """
        size = self._size(size)
        boxes = [inputs.boxes(source, target, self.size, size) for source, target in regions]
        if not boxes:
            raise InputError("There is nothing to place: name at least one region and where it goes.")
        boxes = [self._learned(source, target) for source, target in boxes]
        with self._memory(size):
            found = tasks.place(self._run(count, seed, quality, on_step), self.pyramid, boxes, size)
            return self._like_first(found)

    def fill(
        self,
        image: ImageLike,
        mask: MaskLike,
        count: int = 1,
        *,
        seed: int = 0,
        quality: Quality = "normal",
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """The picture with the masked part filled from the texture; beyond a feather of 6 pixels around it nothing
        changes, to the bit.

        mask: (H, W), bool or 0 to 1 (0 to 255 as uint8), with soft edges where wanted. To fill a picture from itself,
        learn it with the part left out: Texture.from_image(image, mask=~mask) for a bool mask.
        """
        array, decoded = inputs.load(image)
        hole = inputs.mask(mask, decoded)
        if not hole.any():
            raise InputError("The mask is empty: paint the part to fill in white.")
        frame = self._frame(hole.shape, (0, 0), hole.shape)
        return self._fill(array, decoded, hole, self._run(count, seed, quality, on_step), frame)

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
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """The picture continued by so many pixels on each side; beyond a feather of 6 pixels along them nothing of it
        changes, to the bit."""
        sides = (top, bottom), (left, right)
        if min(top, bottom, left, right) < 0 or max(top, bottom, left, right) == 0:
            raise InputError("Say by how many pixels to expand, on at least one side, with numbers above 0.")
        array, decoded = inputs.load(image)
        height, width = self._size((array.shape[0] + top + bottom, array.shape[1] + left + right))
        with self._memory((height, width)):
            grown = np.pad(array, sides if array.ndim == 2 else (*sides, (0, 0)))
            values = np.pad(decoded.values, (*sides, (0, 0)), mode="edge")
            alpha = None if decoded.alpha is None else np.pad(decoded.alpha, sides)
            hole = np.pad(np.zeros(array.shape[:2], np.float32), sides, constant_values=1)
        run = self._run(count, seed, quality, on_step)
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
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Rough painted shapes rendered in the picture's look; strength 0 keeps to the shapes, 1 is free."""
        decoded = inputs.decode(painting)
        run = self._run(count, seed, quality, on_step)
        with self._memory(decoded.values.shape[:2]):
            return _like(decoded, tasks.paint(run, self.pyramid, self._content(decoded), inputs.unit(strength)))

    def style(
        self,
        content: ImageLike,
        count: int = 1,
        *,
        strength: float = 0.5,
        seed: int = 0,
        quality: Quality = "normal",
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Another picture in this one's style; strength 0 keeps its details, 1 only its large forms."""
        decoded = inputs.decode(content)
        run = self._run(count, seed, quality, on_step)
        with self._memory(decoded.values.shape[:2]):
            return _like(decoded, tasks.style(run, self.pyramid, self._content(decoded), inputs.unit(strength)))

    def harmonize(
        self,
        composite: ImageLike,
        mask: MaskLike,
        count: int = 1,
        *,
        strength: float = 0.6,
        seed: int = 0,
        quality: Quality = "normal",
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """A pasted object made to belong: it takes on the picture's colours and strokes and keeps its shape.

        mask: (H, W), 1 on the object. Outside the mask grown by a few pixels nothing changes, to the bit.
        """
        array, decoded = inputs.load(composite)
        inside = inputs.mask(mask, decoded)
        if not inside.any():
            raise InputError("The mask is empty: paint the pasted object in white.")
        picture, content = self.pyramid.levels[-1].image, self._content(decoded)
        results = []
        with self._memory(decoded.values.shape[:2]):
            run = self._run(count, seed, quality, on_step)
            for index, one in enumerate(run.seeds):
                tell = None if on_step is None else _progress(on_step, index, count, content)
                matte = torch.from_numpy(inside).to(self.device)
                results.append(harmonize(content, matte, picture, inputs.unit(strength), seed=one, on_progress=tell))
        found = _like(decoded, results)
        return [
            _only_where((result != content).any(0).cpu().numpy(), new, array)
            for new, result in zip(found, results, strict=True)
        ]

    def _fill(
        self, array: np.ndarray, decoded: Decoded, hole: np.ndarray, run: tasks.Run, frame: Frame
    ) -> list[np.ndarray]:
        """Fill where `hole` is above 0; the array's own values stay everywhere else, but for the feather."""
        with self._memory(hole.shape):
            unseen = hole if decoded.alpha is None else np.where(decoded.alpha > 0, hole, np.float32(1))
            unknown = torch.from_numpy(unseen).to(self.device)
            results = tasks.fill(run, self.pyramid, self._content(decoded), unknown, frame)
            alpha = None if decoded.alpha is None else np.maximum(hole, decoded.alpha)
            changed = tasks.feathered(torch.from_numpy(hole)).numpy() > 0
            found = _like(Decoded(decoded.values, alpha, decoded.format), results)
            return [_only_where(changed, new, array) for new in found]

    def _frame(self, picture: Size, corner: Size, canvas: Size) -> Frame:
        """Where in a canvas what was learned has its place: a picture's own at `corner`, of which a mask may have left
        only a part; another picture's is where the picture is."""
        (top, left), (height, width) = corner, picture
        if picture == self.size:
            top, left = top - self._origin[0], left - self._origin[1]
            height, width = self.pyramid.levels[-1].size
        return top / canvas[0], left / canvas[1], height / canvas[0], width / canvas[1]

    def _run(
        self,
        count: int,
        seed: int,
        quality: str,
        on_step: OnStep | None,
        closeness: float = 0.5,
        keep: float = 0.0,
    ) -> tasks.Run:
        if count < 1:
            raise InputError("Ask for at least one variation.")
        if quality not in tasks.QUALITY:
            raise InputError(f"Quality is {', '.join(tasks.QUALITY)}, not {quality!r}: choose one of them.")
        settings = tasks.settings_for(quality, inputs.unit(closeness), inputs.unit(keep))
        return tasks.Run(range(seed, seed + count), settings, on_step)

    def _size(self, size: Size | None) -> Size:
        height, width = size or self.size
        if min(height, width) < SMALLEST or max(height, width) > LARGEST:
            raise InputError(f"A result of {width}x{height} cannot be made: choose sides from {SMALLEST} to {LARGEST}.")
        return height, width

    def _learned(self, source: Box, target: Box) -> Region:
        """A region of the first picture as one of what was learned, cut to it, and its target cut likewise."""
        level, (top, left), (x, y, width, height) = self.pyramid.levels[-1], self._origin, source
        y0, y1 = (min(max(y + top + n, 0), level.size[0]) for n in (0, height))
        x0, x1 = (min(max(x + left + n, 0), level.size[1]) for n in (0, width))
        if not level.used[y0:y1, x0:x1].any():
            raise InputError("A region to place is transparent or was masked out: choose one that was learned.")
        across, down = target[2] / width, target[3] / height
        corner = round(target[0] + (x0 - x - left) * across), round(target[1] + (y0 - y - top) * down)
        return (x0, y0, x1 - x0, y1 - y0), (*corner, round((x1 - x0) * across), round((y1 - y0) * down))

    def _memory(self, size: Size):
        height, width = self.pyramid.levels[-1].size
        channels = self._first.format.channels
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
        return _tensor(match_channels(values, self._first.format.channels)).to(self.device)

    def _like_first(self, results: list[Tensor]) -> list[np.ndarray]:
        return _like(self._first._replace(alpha=None), results)


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))


def _like(decoded: Decoded, results: list[Tensor]) -> list[np.ndarray]:
    """Results (C, H, W) as arrays of a picture's format, with its alpha."""
    arrays = []
    for result in results:
        values = match_channels(result.permute(1, 2, 0).cpu().numpy(), decoded.format.channels)
        arrays.append(pixels.encode(values, decoded.alpha, decoded.format))
    return arrays


def _only_where(changed: np.ndarray, new: np.ndarray, old: np.ndarray) -> np.ndarray:
    return np.where(changed if old.ndim == 2 else changed[..., None], new, old)


def _progress(on_step: OnStep, index: int, count: int, content: Tensor):
    return lambda fraction: on_step(Step((index + fraction) / count, index, 0, 0, content[None]))
