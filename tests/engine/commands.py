"""What the tests of the command line share: small runs of every task, and their files."""

import os
from pathlib import Path

import numpy as np
import torch

from sinddm import files

ROOT = Path(__file__).parents[2]
HEIGHT, WIDTH = 54, 72
TASKS = ("generate", "tile", "expand", "fill", "paint", "style", "harmonize", "place")
HOLE = (slice(18, 34), slice(24, 46))


def waves(height: int, width: int, tint: tuple[float, float, float] = (0.4, 0.6, 0.3)) -> np.ndarray:
    """A texture of soft crossing waves with some noise, uint8 (H, W, 3), around a tint in 0..1."""
    y, x = np.mgrid[:height, :width]
    rng = np.random.default_rng(0)
    wave = np.sin(x / 3 + np.sin(y / 7)) * np.cos(y / 5 - x / 11) + 0.2 * rng.standard_normal((height, width))
    return (255 * np.clip(np.array(tint) + 0.12 * wave[..., None], 0, 1)).astype(np.uint8)


def hole_mask() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[HOLE] = 255
    return mask


def arguments(task: str, out: str = "results/out.png") -> list[str]:
    """A small run of a task in the folder."""
    own = {
        "generate": ["meadow.png"],
        "tile": ["meadow.png"],
        "expand": ["meadow.png", "--left", "9", "--bottom", "7"],
        "fill": ["meadow.png", "--mask", "mask.png"],
        "paint": ["content.png", "--like", "meadow.png"],
        "style": ["content.png", "--like", "meadow.png"],
        "harmonize": ["pasted.png", "--mask", "mask.png", "--like", "meadow.png"],
        "place": ["meadow.png", "--region", "5,6,20,18", "--at", "40,30"],
    }
    return [task, *own[task], "-o", out, "--quality", "draft"]


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in (folder / "results").rglob("*"))


def pixels(path: Path | str) -> np.ndarray:
    return files.read(path).array


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "TERM": "xterm",
        "COLUMNS": "100",
    }
