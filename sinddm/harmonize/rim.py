"""The rim of a cut-out: rebuilt from the inside and blended with what lies behind, so no halo is left."""

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from sinddm.harmonize.filters import blur

REACH = 3  # pixels outside the mask that may change


def distance(where: np.ndarray) -> np.ndarray:
    """Distance in pixels of each pixel of where (H, W) bool to the nearest outside it, 0 there."""
    return np.asarray(ndimage.distance_transform_edt(where))


def nearest(image: Tensor, where: np.ndarray) -> Tensor:
    """image (3, H, W), whose pixels in where (H, W) bool take the nearest one outside it."""
    found = np.asarray(ndimage.distance_transform_edt(where, return_distances=False, return_indices=True))
    y, x = torch.from_numpy(found).long().to(image.device)
    return image[:, y, x]


def thin_parts(mask: np.ndarray) -> np.ndarray:
    """Pixels of mask (H, W) bool that belong to parts at most 2 px wide, whose outline must stay as it is."""
    opened = np.asarray(ndimage.binary_opening(np.pad(mask, 1, mode="edge"), np.ones((3, 3), bool)))[1:-1, 1:-1]
    return mask & np.logical_not(ndimage.binary_dilation(opened))


def rebuild(image: Tensor, mask: Tensor, thin: Tensor) -> Tensor:
    """The object continued from its inside over its rim, which holds the old background's colour, and beyond.

    image (3, H, W); mask and thin (H, W) bool.
    """
    inner = mask.cpu().numpy()
    inner = np.asarray(ndimage.binary_erosion(np.pad(inner, 1, mode="edge")))[1:-1, 1:-1]
    inner = np.asarray(inner | thin.cpu().numpy())
    if not inner.any():
        inner = mask.cpu().numpy()
    return nearest(image, ~inner)


def outline(mask: Tensor, thin: Tensor, strokes: Tensor, amount: float) -> Tensor:
    """Opacity (1, H, W) of the object: its silhouette, softened, following strokes (1, H, W) by amount."""
    alpha = blur(mask.to(strokes)[None], 1.0)
    relief = strokes / strokes[:, mask].std(correction=0).clamp_min(1e-6)
    alpha = alpha + 0.5 * amount * alpha * (1 - alpha) * relief.clamp(-3, 3)
    alpha = ((alpha - 0.5) * (2 - 0.8 * amount) + 0.5).clamp(0, 1)
    return torch.where(thin, alpha.clamp_min(0.9), alpha)
