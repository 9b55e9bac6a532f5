"""Small pictures that the tests draw for themselves, and how pictures are compared."""

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor


def landscape(h: int = 64, w: int = 80, seed: int = 0) -> np.ndarray:
    """A cloudy blue sky above a striped green field with red flowers, uint8 (h, w, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:h, :w]
    clouds = ndimage.gaussian_filter(rng.standard_normal((h, w)), (2, 5))
    sky = np.array([0.5, 0.65, 0.9]) + 0.1 * (clouds / clouds.std())[..., None]
    rows = np.sin(x / 2.5 + 2 * np.sin(y / 6)) + 0.5 * rng.standard_normal((h, w))
    field = np.array([0.3, 0.5, 0.2]) + 0.08 * rows[..., None]
    flowers = ndimage.gaussian_filter(rng.random((h, w)), 1) > 0.66
    field[flowers] = (0.8, 0.15, 0.15)
    picture = np.where((y < 0.45 * h)[..., None], sky, field)
    return (255 * np.clip(picture, 0, 1)).astype(np.uint8)


def spots(h: int = 64, w: int = 64, seed: int = 0) -> np.ndarray:
    """A floor of round spots of several colours that looks the same everywhere, uint8 (h, w, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:h, :w]
    picture = np.full((h, w, 3), 0.25) + 0.04 * rng.standard_normal((h, w, 1))
    colors = np.array([(0.8, 0.7, 0.5), (0.6, 0.35, 0.3), (0.5, 0.6, 0.7)])
    for cy, cx in rng.uniform((-4, -4), (h + 4, w + 4), (h * w // 45, 2)):
        away = np.hypot(y - cy, x - cx)
        color = colors[rng.integers(3)] * (1 - 0.06 * away)[..., None]
        picture = np.where((away < rng.uniform(3, 4.5))[..., None], color, picture)
    return (255 * np.clip(picture, 0, 1)).astype(np.uint8)


def tensor(array: np.ndarray) -> Tensor:
    """uint8 (H, W, C) as the engine has it: (C, H, W) in [-1, 1]."""
    return torch.from_numpy(array.astype(np.float32) / 127.5 - 1).permute(2, 0, 1).contiguous()


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference, in the arrays' own units."""
    return float(np.abs(a.astype(np.float64) - b.astype(np.float64)).mean())


def reduced(array: np.ndarray, short: int = 16) -> np.ndarray:
    """The picture's large forms: float (h, w, C) with a shorter side of `short` pixels."""
    picture = tensor(array)[None]
    h, w = picture.shape[-2:]
    size = [round(h * short / min(h, w)), round(w * short / min(h, w))]
    small = torch.nn.functional.interpolate(picture, size=size, mode="bicubic", antialias=True)
    return small[0].permute(1, 2, 0).numpy()


def magenta(array: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels of a uint8 picture that lean to magenta, which no picture here has."""
    red, green, blue = (array[..., c].astype(int) for c in range(3))
    return (red > green + 40) & (blue > green + 40)


def fair(h: int = 120, w: int = 160, seed: int = 0) -> np.ndarray:
    """Balloons of eight colours in a sky above a field, uint8 (h, w, 3)."""
    from tiny_clip import COLORS

    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:h, :w]
    clouds = ndimage.gaussian_filter(rng.standard_normal((h, w)), (2, 6))
    sky = np.array([0.55, 0.7, 0.9]) + 0.05 * (clouds / clouds.std())[..., None]
    grass = ndimage.gaussian_filter(rng.standard_normal((h, w)), 1)
    field = np.array([0.3, 0.5, 0.2]) + 0.08 * (grass / grass.std())[..., None]
    picture = np.where((y < 0.7 * h + 3 * np.sin(x / 9))[..., None], sky, field)
    colors = list(COLORS.values())
    for k, (row, column) in enumerate(np.ndindex(3, 6)):
        radius, (dy, dx) = rng.uniform(5, 8), rng.uniform(-4, 4, 2)
        away = np.hypot(y - (0.12 + 0.21 * row) * h - dy, x - (0.1 + 0.16 * column) * w - dx)
        inside = (radius - away).clip(0, 1)[..., None]
        balloon = np.array(colors[k % len(colors)]) * (1.1 - 0.3 * (away / radius) ** 2)[..., None]
        picture = (1 - inside) * picture + inside * balloon
    return (255 * picture.clip(0, 1)).astype(np.uint8)
