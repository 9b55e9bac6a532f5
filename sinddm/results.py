"""Between arrays as users have them and the tensors that tasks work on."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sinddm import pixels
from sinddm.pixels import Format, match_channels


def tensor(values: np.ndarray) -> Tensor:
    """(H, W, C) values as a (C, H, W) tensor."""
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))


def arrays(results: list[Tensor], format: Format, alpha: np.ndarray | None = None) -> list[np.ndarray]:
    """Results (C, H, W) as arrays of a picture's format, with its alpha (H, W); None: opaque."""
    made = []
    for result in results:
        values = match_channels(result.permute(1, 2, 0).cpu().numpy(), format.channels)
        made.append(pixels.encode(values, alpha, format))
    return made


def only_where(changed: np.ndarray, new: np.ndarray, old: np.ndarray) -> np.ndarray:
    """The new array where changed (H, W) says so, the old one elsewhere, to the bit."""
    return np.where(changed if old.ndim == 2 else changed[..., None], new, old)
