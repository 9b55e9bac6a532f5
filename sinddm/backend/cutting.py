"""Between layers and flat pictures: an object put over what lies beneath it, and a result reduced to what is new."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sinddm.files import Picture


def composite(layer: Picture, below: Picture) -> tuple[Picture, np.ndarray]:
    """A layer over a picture of the same size, as an editor shows it; and the layer's alpha, float32 (H, W) in [0, 1].

    Both have straight alpha as their last channel. Porter and Duff's "over", in the layer's own values.
    """
    scale = np.float32(1 if layer.array.dtype.kind == "f" else np.iinfo(layer.array.dtype).max)
    top, back = layer.array.astype(np.float32) / scale, below.array.astype(np.float32) / scale
    alpha = top[..., -1:]
    behind = back[..., -1:] * (1 - alpha)
    whole = alpha + behind
    colour = (top[..., :-1] * alpha + back[..., :-1] * behind) / np.maximum(whole, np.float32(1e-6))
    values = np.concatenate([colour, whole], axis=2) * scale
    if layer.array.dtype.kind != "f":
        values = values.round()
    array = values.astype(layer.array.dtype)
    untouched = alpha[..., 0] == 0
    array[untouched] = below.array[untouched]  # to the bit
    return replace(layer, array=array), alpha[..., 0]


def changed(result: np.ndarray, below: np.ndarray, object: np.ndarray) -> np.ndarray:
    """Where a result (H, W, C) is not what lies beneath, or the object (H, W) was: float32 (H, W), 0 or 1."""
    return ((result != below).any(2) | (object > 0)).astype(np.float32)


def cut(tensor: np.ndarray, part: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The part of a picture (H, W, C) where `part` (H, W) is above 0, its alpha, the last channel, times `part`; and
    its corner, x and y. The part is nowhere empty of pixels: refused earlier."""
    rows, columns = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    found, inside = tensor[box].copy(), part[box]
    alpha = found[..., -1] * inside
    found[..., -1] = alpha if found.dtype.kind == "f" else alpha.round()
    found[inside == 0] = 0  # nothing is hidden where nothing is seen
    return found, int(columns[0]), int(rows[0])
