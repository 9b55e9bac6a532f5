"""Small pictures of large ones, as screens show them."""

from __future__ import annotations

import numpy as np
import torch

from sinddm import pixels
from sinddm.backend.requests import WITH_ALPHA
from sinddm.pixels import match_channels
from sinddm.pyramid import resample

PREVIEW_SIDE = 256  # pixels, of what shows how far a job is
THUMBNAIL_SIDE = 512  # of a result; enough to choose by, and to show it on the canvas


def thumbnail(tensor: np.ndarray, layout: str, linear: bool) -> np.ndarray:
    """A result (H, W, C) of a layout as a small RGBA picture, uint8 (h, w, 4), alpha straight."""
    shown = tensor[..., [2, 1, 0, *range(3, tensor.shape[2])]] if layout.startswith("bgr") else tensor
    step = max(1, max(shown.shape[:2]) // (2 * THUMBNAIL_SIDE))  # so that huge ones cost little
    found = pixels.decode(shown[::step, ::step], linear=linear, alpha=layout in WITH_ALPHA)
    colour = (match_channels(found.values, 3) + 1) / 2
    alpha = np.ones(colour.shape[:2], np.float32) if found.alpha is None else found.alpha
    weighted = np.concatenate([colour * alpha[..., None], alpha[..., None]], axis=2)
    height, width = colour.shape[:2]
    scale = min(1.0, THUMBNAIL_SIDE / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    small = resample(torch.from_numpy(weighted).permute(2, 0, 1), size).permute(1, 2, 0).numpy()
    small[..., :3] /= np.maximum(small[..., 3:], 1e-3)
    return (small * 255).round().clip(0, 255).astype(np.uint8)
