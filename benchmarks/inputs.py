"""The pictures that are measured, as arrays and as tensors."""

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from torch import Tensor

from benchmarks import pictures
from sinddm import files, pixels
from sinddm.errors import InputError

LARGEST = 300 * 250  # pixels: larger pictures are reduced to as many, so that figures compare
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
COMPANIONS = ("_composite", "_mask")  # what benchmarks.harmonize reads


def load(folder: Path | None, only: list[str]) -> dict[str, np.ndarray]:
    """uint8 (h, w, 3) by name: of the folder, or the project's own; with `only`, those that are named."""
    found = in_folder(folder) if folder else own()
    missing = [name for name in only if name not in found]
    if missing or not found:
        there = ", ".join(found) or "no pictures"
        raise InputError(f"There is no {', '.join(missing) or 'picture'} in {folder or 'the project'}, only {there}.")
    return {name: found[name] for name in only} if only else found


def own() -> dict[str, np.ndarray]:
    """Three paintings of the project's and two free photographs."""
    made = {"meadow": pictures.meadow(), "night": pictures.night(), "pebbles": pictures.pebbles()}
    return made | {name: pictures.photograph(name) for name in ("cat", "coffee")}


def in_folder(folder: Path) -> dict[str, np.ndarray]:
    """Every picture of the folder, but what is named X_composite or X_mask."""
    paths = [path for path in sorted(folder.glob("*")) if path.suffix.lower() in SUFFIXES]
    return {path.stem: _rgb(path) for path in paths if not path.stem.endswith(COMPANIONS)}


def tensor(array: np.ndarray) -> Tensor:
    """uint8 (h, w, 3) as float (3, h, w) in [-1, 1]."""
    return torch.from_numpy(array.astype(np.float32)).permute(2, 0, 1) / 127.5 - 1


def wide_console() -> Console:
    """As wide as the terminal, and wide enough for the tables where there is none."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 130)


def _rgb(path: Path) -> np.ndarray:
    """The picture's colours without its alpha, at most LARGEST."""
    picture = files.read(path)
    values = pixels.decode(picture.array, linear=picture.linear, alpha=picture.has_alpha).values
    colors = pixels.match_channels(values, 3) * 127.5 + 127.5
    image = Image.fromarray(np.clip(np.rint(colors), 0, 255).astype(np.uint8))
    shrink = (LARGEST / (image.width * image.height)) ** 0.5
    if shrink < 1:
        image = image.resize((round(image.width * shrink), round(image.height * shrink)), Image.Resampling.LANCZOS)
    return np.asarray(image)
