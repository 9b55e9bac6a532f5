"""How well a pasted object belongs: three figures, no pretrained weights. Pictures (3, H, W) in [-1, 1]."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sinddm.harmonize.color import luminance, to_oklab
from sinddm.harmonize.filters import box, gradients
from sinddm.harmonize.rim import distance


@dataclass(frozen=True)
class Belonging:
    shape: float  # correlation of the object's luminance gradients with the pasted one's, 1: kept
    colour: float  # distance of mean and spread in Lab to the surroundings', 0: same
    detail: float  # sliced Wasserstein distance of 5x5 high-pass patches to the surroundings', 0: same


def surroundings(mask: np.ndarray) -> np.ndarray:
    """Ring around a mask (H, W) bool: from 3 px to half the object's size (the root of its area) away."""
    away = distance(~mask)
    return (away > 3) & (away <= max(12, 0.5 * math.sqrt(mask.sum())))


def gradient_correlation(x: Tensor, y: Tensor, mask: Tensor) -> float:
    """Correlation of the luminance gradients (Sobel) of x and y in mask (H, W) bool."""
    both = [gradients(luminance(v))[:, mask].flatten() for v in (x, y)]
    return torch.corrcoef(torch.stack(both))[0, 1].item()


def colour_distance(x: Tensor, mask: Tensor, ring: Tensor) -> float:
    """Distance of the means plus distance of the standard deviations, in Oklab."""
    lab = to_oklab(x / 2 + 0.5)
    a, b = lab[:, mask], lab[:, ring]
    return ((a.mean(1) - b.mean(1)).norm() + (a.std(1) - b.std(1)).norm()).item()


def detail_distance(x: Tensor, y: Tensor, mask: Tensor, ring: Tensor, count: int = 128) -> float:
    """Sliced Wasserstein-1 distance of the 5x5 patches of x in mask and y in ring, both less their 5x5 mean.

    count: random directions (slices) the distance is the mean over.
    """
    slices = torch.randn(count, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    slices = (slices / slices.flatten(1).norm(dim=1)[:, None, None, None]).to(x)
    q = (torch.arange(512) + 0.5) / 512

    def quantiles(image: Tensor, where: Tensor) -> Tensor:
        fine = image - box(image, 2)
        response = F.conv2d(F.pad(fine[None], (2, 2, 2, 2), mode="replicate"), slices)[0][:, where].sort(1)[0]
        return response[:, (q * response.shape[1]).long()]

    return (quantiles(x, mask) - quantiles(y, ring)).abs().mean().item()


def belonging(result: Tensor, composite: Tensor, mask: Tensor) -> Belonging:
    """Measure the object of a result (3, H, W) against the composite it was made from; mask (H, W) bool."""
    ring = torch.from_numpy(surroundings(mask.numpy()))
    return Belonging(
        gradient_correlation(result, composite, mask),
        colour_distance(result, mask, ring),
        detail_distance(result, composite, mask, ring),
    )
