"""What a texture is learned from: pictures, decoded and put side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from sinddm import inputs, results
from sinddm.atlas import side_by_side
from sinddm.errors import InputError
from sinddm.inputs import ImageLike, MaskLike
from sinddm.pixels import Format, match_channels


@dataclass(frozen=True)
class Source:
    """One or several pictures as one."""

    image: Tensor
    """(C, H, W) float32, engine values."""
    used: Tensor
    """(H, W) bool: what may be learned from."""
    origin: tuple[int, int]
    """Where in it the first picture's upper left corner is, (y, x); cut off if negative."""
    size: tuple[int, int]
    """(height, width) of the first picture."""
    format: Format
    """Of the first picture, and of what is made from the texture."""
    icc: bytes | None = None
    """Its colour profile."""
    chromaticities: tuple[float, ...] | None = None
    """Its primaries and white, where it has them instead: x, y of R, G, B, W."""
    names: tuple[str, ...] = ()
    """Of the files, as far as they were files."""


def gather(images: Sequence[ImageLike], masks: Sequence[MaskLike | None] | None) -> Source:
    """Pictures, and for each a mask of what to learn. Raises InputError for what cannot be learned together."""
    wanted = list(masks) if masks is not None else [None] * len(images)
    if not images:
        raise InputError("There is no picture to learn from: give at least one.")
    if len(wanted) != len(images):
        raise InputError(f"There are {len(wanted)} masks for {len(images)} pictures: give one for each.")
    loaded = [inputs.load(image) for image in images]
    (first, decoded), channels = loaded[0], loaded[0][1].format.channels
    parts = [
        (results.tensor(match_channels(one.values, channels)), torch.from_numpy(inputs.used(one, mask)))
        for (_, one), mask in zip(loaded, wanted, strict=True)
    ]
    image, used, origin = side_by_side(parts)
    height, width = decoded.values.shape[:2]
    files = [Path(image).name for image in images if isinstance(image, str | os.PathLike)]
    names = tuple(name.encode(errors="replace").decode() for name in files)  # Linux allows what is no text
    return Source(image, used, origin, (height, width), decoded.format, first.icc, first.chromaticities, names)
