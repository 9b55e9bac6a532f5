"""What the pages for artists show: screens of real editors, cut to what matters and small enough to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
LARGEST = 150_000  # bytes of one
COLORS = (256, 128, 64)
GAP = 8  # pixels between two

Box = tuple[int, int, int, int]
"""Left, top, right and bottom."""


def cut(path: Path, box: Sequence[int]) -> Image.Image:
    """A part of a screen."""
    return Image.open(path).convert("RGB").crop((box[0], box[1], box[2], box[3]))


def beside(*pictures: Image.Image) -> Image.Image:
    """Pictures in a row."""
    width = sum(one.width for one in pictures) + GAP * (len(pictures) - 1)
    row = Image.new("RGB", (width, max(one.height for one in pictures)), "white")
    left = 0
    for one in pictures:
        row.paste(one, (left, 0))
        left += one.width + GAP
    return row


def keep(picture: Image.Image, name: str) -> None:
    """Write docs/pictures/NAME.png in as many colours as it has room for."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.png"
    for colors in COLORS:
        reduced = picture.quantize(colors, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        reduced.save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            break
    else:
        raise ValueError(f"{path} has {path.stat().st_size} bytes: cut out less")
    print(f"{path}: {picture.width} x {picture.height}, {path.stat().st_size // 1000} kB")
