"""Layers as editors hand them over, small ones that the tests draw for themselves."""

from __future__ import annotations

import numpy as np
from sinddm_plugin.client import Mask, Picture

DEPTHS = {"U8": np.uint8, "U16": np.uint16, "F16": np.float16, "F32": np.float32}
CHANNELS = {"gray": 1, "graya": 2, "rgb": 3, "rgba": 4, "bgr": 3, "bgra": 4}


def layer(
    width: int = 72, height: int = 54, *, layout: str = "rgba", depth: str = "U8", seed: int = 0, **more
) -> Picture:
    """Soft crossing waves with some noise, opaque; another seed is another picture."""
    y, x = np.mgrid[:height, :width]
    rng = np.random.default_rng(seed)
    wave = np.sin(x / 3 + np.sin(y / 7)) * np.cos(y / 5 - x / 11) + 0.2 * rng.standard_normal((height, width))
    tint = np.array([0.4, 0.6, 0.3, 0.5])[: CHANNELS[layout]]
    values = np.clip(np.roll(tint, seed) + 0.12 * wave[..., None], 0, 1)
    if layout.endswith("a"):
        values[..., -1] = 1
    return picture(values, layout, depth, **more)


def picture(values: np.ndarray, layout: str, depth: str = "U8", **more) -> Picture:
    """Values (H, W, C) in 0..1 as a layer."""
    height, width = values.shape[:2]
    dtype = np.dtype(DEPTHS[depth])
    scaled = values * np.iinfo(dtype).max if dtype.kind == "u" else values
    return Picture(scaled.astype(dtype).tobytes(), width, height, layout, depth, **more)


def hole(width: int = 72, height: int = 54) -> Mask:
    """A selection in the middle."""
    values = np.zeros((height, width), np.uint8)
    values[height // 3 : height * 2 // 3, width // 3 : width * 2 // 3] = 255
    return Mask(values.tobytes(), width, height)


def array(given: Picture) -> np.ndarray:
    """A layer's numbers, (H, W, C)."""
    return np.frombuffer(memoryview(given.data), DEPTHS[given.depth]).reshape(given.height, given.width, -1)
