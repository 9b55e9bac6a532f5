"""What users give: pictures, masks, boxes and settings, checked, and refused in words."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from sinddm import files, pixels
from sinddm.errors import InputError
from sinddm.memory import within_memory
from sinddm.pixels import Decoded
from sinddm.pyramid import Box

ImageLike = str | os.PathLike | Image.Image | np.ndarray | files.Picture
MaskLike = str | os.PathLike | np.ndarray
Size = tuple[int, int]


def picture(image: ImageLike) -> files.Picture:
    """What the user calls a picture, read. Raises InputError for anything else."""
    if isinstance(image, files.Picture):
        return image
    if isinstance(image, np.ndarray):
        return files.Picture(image)
    if isinstance(image, Image.Image):
        return files.from_pil(image)
    if isinstance(image, str | os.PathLike):
        return files.read(Path(image))
    raise InputError(f"A picture is a path, a PIL image or an array, not {type(image).__name__}: give one of these.")


def load(image: ImageLike) -> tuple[files.Picture, Decoded]:
    """The picture as it was given, and its values for the engine, if there is memory for them."""
    with within_memory(area(image), torch.device("cpu")):
        found = picture(image)
        return found, pixels.decode(found.array, linear=found.linear, alpha=found.alpha)


def decode(image: ImageLike) -> Decoded:
    """Its values for the engine."""
    return load(image)[1]


def area(image: ImageLike) -> int:
    """Pixels of a picture, without reading more than a file's header."""
    if isinstance(image, files.Picture):
        image = image.array
    if isinstance(image, np.ndarray):
        return int(np.prod(image.shape[:2]))
    if isinstance(image, Image.Image):
        return image.width * image.height
    if isinstance(image, str | os.PathLike):
        return int(np.prod(files.size(image)))
    return picture(image).array.size  # refuses it


def mask(given: MaskLike, decoded: Decoded) -> np.ndarray:
    """A mask as float32 (H, W) in [0, 1]. Raises InputError unless it has the picture's size."""
    given = files.read_mask(given) if isinstance(given, str | os.PathLike) else np.asarray(given)
    height, width = decoded.values.shape[:2]
    if given.shape != (height, width):
        shape = "x".join(str(n) for n in given.shape[::-1])
        raise InputError(f"The mask is {shape} pixels and the picture {width}x{height}: make them the same size.")
    full = np.iinfo(given.dtype).max if given.dtype.kind == "u" else 1
    values = given.astype(np.float32) / np.float32(full)
    if not np.isfinite(values).all():
        raise InputError("The mask has values that are not numbers: use values from 0 to 1.")
    return values.clip(0, 1)


def used(decoded: Decoded, only: MaskLike | None) -> np.ndarray:
    """(H, W) bool: visible pixels that the mask lets through."""
    visible = np.ones(decoded.values.shape[:2], bool) if decoded.alpha is None else decoded.alpha > 0.5
    return visible if only is None else visible & (mask(only, decoded) > 0.5)


def unit(value: float) -> float:
    """A setting from 0 to 1. Raises InputError outside."""
    if not 0 <= value <= 1:
        raise InputError(f"Strength, closeness and layout go from 0 to 1, not {value}: choose a value between.")
    return float(value)


def boxes(source: Sequence[int], target: Sequence[int], have: Size, wanted: Size) -> tuple[Box, Box]:
    """A region and its target as (x, y, width, height), both inside their pictures."""
    if len(source) != 4 or len(target) not in (2, 4):
        raise InputError("A region is x, y, width, height and its place x, y or x, y, width, height.")
    x, y, width, height = source
    to = (*target, width, height) if len(target) == 2 else tuple(target)
    for (left, top, w, h), (most_h, most_w), where in ((source, have, "picture"), (to, wanted, "result")):
        if min(left, top) < 0 or min(w, h) < 1 or left + w > most_w or top + h > most_h:
            raise InputError(
                f"The box {left},{top},{w},{h} is not inside the {where}, which is {most_w}x{most_h} pixels."
            )
    return (x, y, width, height), to  # type: ignore[return-value]
