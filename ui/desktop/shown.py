"""Pixels as they are shown: sRGB in 8 bits, colour multiplied by alpha, at several sizes."""

from __future__ import annotations

import io
from contextlib import suppress
from functools import cache

import numpy as np
from PIL import Image, ImageCms
from sinddm_ui.desktop.boxes import slices
from sinddm_ui.desktop.document import Artwork, PaintLayer
from sinddm_ui.desktop.form import ALPHA, Form
from sinddm_ui.host import Box

from sinddm import pixels


class Shown:
    """What is seen of a document, kept up to date, whole and at halves, quarters and so on."""

    def __init__(self, picture: Artwork):
        self.picture = picture
        self.levels: list[np.ndarray] = []
        """(H, W, 4) of bytes, premultiplied; each half as large as the one before."""
        width, height = picture.width, picture.height
        while True:
            self.levels.append(np.zeros((height, width, 4), np.uint8))
            if max(width, height) <= 256:
                break
            width, height = (width + 1) // 2, (height + 1) // 2
        self.update(picture.canvas)

    def update(self, box: Box) -> None:
        """Draw a box of the canvas anew."""
        if box.empty:
            return
        x0, y0, x1, y1 = box.x, box.y, box.x + box.width, box.y + box.height
        self.levels[0][y0:y1, x0:x1] = eight_bits(self.picture.seen(box), self.picture.form)
        for above, level in zip(self.levels, self.levels[1:], strict=False):
            x0, y0, x1, y1 = x0 // 2, y0 // 2, (x1 + 1) // 2, (y1 + 1) // 2
            part = above[2 * y0 : 2 * y1, 2 * x0 : 2 * x1]
            level[y0:y1, x0:x1] = halved(part)


def halved(array: np.ndarray) -> np.ndarray:
    """Half as large, the mean of four; the last row and column count twice where their number is odd."""
    odd = array.shape[0] % 2, array.shape[1] % 2
    if any(odd):
        array = np.pad(array, ((0, odd[0]), (0, odd[1]), (0, 0)), mode="edge")
    rows = array[::2].astype(np.uint16) + array[1::2]
    return ((rows[:, ::2] + rows[:, 1::2] + 2) >> 2).astype(np.uint8)


def eight_bits(array: np.ndarray, form: Form, premultiplied: bool = True) -> np.ndarray:
    """(H, W, 4) of a form as sRGB bytes."""
    out = np.empty(array.shape, np.uint8)
    out[..., :ALPHA] = _through(array[..., :ALPHA], form.linear)
    out[..., ALPHA] = _through(array[..., ALPHA], False)
    transform = None if form.linear or form.profile is None else _to_srgb(form.profile)
    if transform is not None and out.size:
        rgb = Image.fromarray(np.ascontiguousarray(out[..., :ALPHA]))
        changed = ImageCms.applyTransform(rgb, transform)
        out[..., :ALPHA] = np.asarray(changed)
    if premultiplied and (out[..., ALPHA] != 255).any():
        alpha = out[..., ALPHA:].astype(np.uint16)
        out[..., :ALPHA] = (out[..., :ALPHA] * alpha + 127) // 255
    return out


def thumbnail(layer: PaintLayer, form: Form, side: int) -> np.ndarray:
    """A layer as (H, W, 4) of bytes, straight alpha, its larger side at most so many pixels."""
    box = layer.box
    if box.empty:
        return np.zeros((side, side, 4), np.uint8)
    return small(layer.pixels[slices(box, layer.place)], form, side)


def small(array: np.ndarray, form: Form, side: int) -> np.ndarray:
    """(H, W, 4) of a form as bytes with straight alpha, its larger side at most so many pixels."""
    step = max(1, max(array.shape[:2]) // (side * 4))  # thin it out first: a huge one is not to cost seconds
    small = eight_bits(array[::step, ::step], form)
    while max(small.shape[:2]) > side * 2:
        small = halved(small)
    scale = min(1.0, side / max(small.shape[:2]))
    if scale < 1:
        size = max(1, round(small.shape[1] * scale)), max(1, round(small.shape[0] * scale))
        planes = [Image.fromarray(small[..., i]).resize(size, Image.Resampling.BOX) for i in range(4)]
        small = np.stack([np.asarray(plane) for plane in planes], axis=2)
    return straight(small)


def straight(premultiplied: np.ndarray) -> np.ndarray:
    """Bytes of premultiplied colour with straight alpha."""
    alpha = premultiplied[..., ALPHA:].astype(np.uint16)
    color = np.minimum(255, (premultiplied[..., :ALPHA] * np.uint16(255) + alpha // 2) // np.maximum(alpha, 1))
    return np.concatenate([color.astype(np.uint8), premultiplied[..., ALPHA:]], axis=2)


def _through(array: np.ndarray, linear: bool) -> np.ndarray:
    """Values of any depth as bytes."""
    if array.dtype == np.uint8 and not linear:
        return array
    if array.dtype == np.uint8:
        return _table(True, "U16")[array.astype(np.uint16) * 257]
    if array.dtype == np.uint16:
        return _table(linear, "U16")[array]
    with np.errstate(over="ignore"):
        half = np.ascontiguousarray(array, np.float16)
    return _table(linear, "F16")[half.view(np.uint16)]


@cache
def _table(linear: bool, depth: str) -> np.ndarray:
    """A byte for each value of 16 bits."""
    every = np.arange(1 << 16, dtype=np.uint16)
    values = every.view(np.float16).astype(np.float32) if depth == "F16" else every / np.float32(65535)
    values = np.clip(np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0), 0, 1).astype(np.float32)
    if linear:
        values = pixels.srgb_from_linear(values)
    return np.rint(values * 255).astype(np.uint8)


@cache
def _to_srgb(icc: bytes) -> ImageCms.ImageCmsTransform | None:
    """From a profile's colours to sRGB; None where it cannot be used."""
    with suppress(OSError, ImageCms.PyCMSError, ValueError):
        profile = ImageCms.getOpenProfile(io.BytesIO(icc))
        return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    return None
