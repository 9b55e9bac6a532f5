"""Layers that the tests paint for themselves, in every kind of pixels that GIMP has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sinddm_plugin.client import Picture

DTYPES = {"U8": np.uint8, "U16": np.uint16, "F16": np.float16, "F32": np.float32}


class Kind(NamedTuple):
    """Pixels of an image, and how they are read and written without a loss."""

    precision: str
    format: str
    """For babl."""
    depth: str = "U8"
    layout: str = "rgba"
    linear: bool = False
    base: str = "rgb"

    @property
    def channels(self) -> int:
        """Numbers of a pixel."""
        return len(self.layout) if self.layout == "rgba" else 2

    def picture(self, pixels: np.ndarray) -> Picture:
        """For the backend."""
        height, width = pixels.shape[:2]
        return Picture(pixels.tobytes(), width, height, self.layout, self.depth, self.linear)

    def array(self, data: bytes | memoryview, width: int, height: int) -> np.ndarray:
        """Bytes as numbers, (H, W, C)."""
        return np.frombuffer(data, DTYPES[self.depth]).reshape(height, width, self.channels)

    def waves(self, width: int, height: int, seed: int = 0) -> np.ndarray:
        """Soft crossing waves with some noise, opaque; another seed is another picture."""
        y, x = np.mgrid[:height, :width]
        noise = np.random.default_rng(seed).standard_normal((height, width))
        wave = np.sin(x / 3 + np.sin(y / 7)) * np.cos(y / 5 - x / 11) + 0.2 * noise
        tint = np.roll([0.4, 0.6, 0.3], seed)[: self.channels - 1]
        values = np.ones((height, width, self.channels))
        values[..., :-1] = np.clip(tint + 0.12 * wave[..., None], 0, 1)
        dtype = np.dtype(DTYPES[self.depth])
        return (values * np.iinfo(dtype).max if dtype.kind == "u" else values).astype(dtype)


USUAL = Kind("u8-non-linear", "R'G'B'A u8")
KINDS = {
    "8 bit": USUAL,
    "8 bit perceptual": Kind("u8-perceptual", "R'G'B'A u8"),
    "8 bit linear": Kind("u8-linear", "RGBA u8", linear=True),
    "16 bit": Kind("u16-non-linear", "R'G'B'A u16", "U16"),
    "16 bit linear": Kind("u16-linear", "RGBA u16", "U16", linear=True),
    "half": Kind("half-non-linear", "R'G'B'A half", "F16"),
    "half linear": Kind("half-linear", "RGBA half", "F16", linear=True),
    "float": Kind("float-non-linear", "R'G'B'A float", "F32"),
    "float linear": Kind("float-linear", "RGBA float", "F32", linear=True),
    "double linear": Kind("double-linear", "RGBA float", "F32", linear=True),
    "gray": Kind("u8-non-linear", "Y'A u8", layout="graya", base="gray"),
    "gray 16 bit": Kind("u16-non-linear", "Y'A u16", "U16", layout="graya", base="gray"),
    "gray float linear": Kind("float-linear", "YA float", "F32", layout="graya", linear=True, base="gray"),
}
