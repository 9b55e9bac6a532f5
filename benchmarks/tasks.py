"""How good the other tasks are: one table of figures, and a sheet to look at. Harmonizing has its own."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from scipy import ndimage

from benchmarks import pictures
from benchmarks.inputs import tensor
from benchmarks.sheet import contact_sheet
from sinddm import metrics
from sinddm.pyramid import resample
from sinddm.tasks import FEATHER
from sinddm.texture import Texture

BAND = 8  # pixels on both sides of a border that count as near it
TARGETS = {
    "tile\nseam": "<= 1.1",
    "tile\nmirror": "<= 0.5",
    "tile\nsharp": ">= 0.9",
    "tile\nswd1": "<= 0.09",
    "paint\nlayout": ">= 0.8",
    "paint\nswd1": "<= 0.09",
    "style\ncoh": "<= 0.004",
    "style\nshape": ">= 0.35",
    "fill\nstray": "<= 0",
    "fill\nseam": "<= 1.1",
    "expand\nstray": "<= 0",
    "expand\nseam": "<= 1.1",
}
LEGEND = (
    "seam: gradient across it over the mean inside (tile) or nearby (fill, expand). mirror: largest correlation of "
    "its details with their mirror image. sharp: mean gradient over the picture's. layout: correlation with the "
    "painting at 16 pixels. shape: correlation of gradients with the photograph's. stray: known pixels that changed "
    "beyond the feather. Red: short of its target."
)


Row = list[tuple[str, np.ndarray]]  # captions and pictures
Part = tuple[dict[str, float], Row]


class Outcome(NamedTuple):
    picture: str
    figures: dict[str, float]  # by the keys of TARGETS
    rows: list[Row]


def run(name: str, picture: np.ndarray) -> Outcome:
    """Tile, paint, style, fill and expand from one picture, seed 0, normal quality."""
    texture = Texture.from_image(picture)
    tile, tiled = _tile(texture, picture)
    paint, painted = _paint(texture, picture, rough(picture))
    style, styled = _style(texture, pictures.photograph("coffee" if name == "cat" else "cat"))
    fill, filled = _fill(picture)
    expand, expanded = _expand(texture, picture)
    figures = tile | paint | style | fill | expand
    return Outcome(name, figures, [[("the picture", picture), *painted, *styled], [*tiled, *filled, *expanded]])


def _tile(texture: Texture, picture: np.ndarray) -> Part:
    made = texture.tile()[0]
    tile = tensor(made)
    figures = {
        "tile\nseam": max(metrics.seam_ratio(tile, "x"), metrics.seam_ratio(tile, "y")),
        "tile\nmirror": max(mirrored(made, axis) for axis in (0, 1)),
        "tile\nsharp": sharpness(made) / sharpness(picture),
        "tile\nswd1": metrics.sliced_wasserstein(tile, tensor(picture)),
    }
    return figures, [("tile, repeated 2 x 2", np.tile(made, (2, 2, 1)))]


def _paint(texture: Texture, picture: np.ndarray, painting: np.ndarray) -> Part:
    made = texture.paint(painting)[0]
    small = np.stack([_thumbnail(made).ravel(), _thumbnail(painting).ravel()])
    figures = {
        "paint\nlayout": float(np.corrcoef(small)[0, 1]),
        "paint\nswd1": metrics.sliced_wasserstein(tensor(made), tensor(picture)),
    }
    return figures, [("painting", painting), ("rendered", made)]


def _style(texture: Texture, content: np.ndarray) -> Part:
    made = texture.style(content)[0]
    picture = texture.pyramid.levels[-1].image
    figures = {
        "style\ncoh": metrics.coherence(tensor(made), picture),
        "style\nshape": metrics.gradient_correlation(tensor(made), tensor(content)),
    }
    return figures, [("photograph", content), ("in its style", made)]


def _fill(picture: np.ndarray) -> Part:
    hole = pictures.hole_mask(*picture.shape[:2])
    made = Texture.from_image(picture, mask=~hole).fill(picture, hole)[0]
    torn = np.where(hole[..., None], np.uint8(255), picture)
    figures = {"fill\nstray": _stray(made, picture, hole), "fill\nseam": border_ratio(made, hole)}
    return figures, [("hole", torn), ("filled", made)]


def _expand(texture: Texture, picture: np.ndarray) -> Part:
    h, w = picture.shape[:2]
    x, y = w // 4, h // 6
    made = texture.expand(picture, left=x, right=x, top=y, bottom=y)[0]
    new = np.pad(np.zeros((h, w), bool), ((y, y), (x, x)), constant_values=True)
    known = np.pad(picture, ((y, y), (x, x), (0, 0)))
    figures = {"expand\nstray": _stray(made, known, new), "expand\nseam": border_ratio(made, new)}
    return figures, [("expanded", made)]


def rough(picture: np.ndarray) -> np.ndarray:
    """A painting in a few flat colours of the picture, which it shows mirrored. uint8 (h, w, 3)."""
    h, w = picture.shape[:2]
    image = Image.fromarray(picture[:, ::-1].copy())
    short = 12 / min(h, w)
    image = image.resize((round(w * short), round(h * short)), Image.Resampling.BOX)
    large = image.resize((w, h), Image.Resampling.BICUBIC)
    return np.asarray(large.quantize(6, kmeans=10, dither=Image.Dither.NONE).convert("RGB"))


def mirrored(tile: np.ndarray, axis: int) -> float:
    """Largest correlation of a tile's details with their mirror image, at any shift: 1 for a mirrored one."""
    gray = tile.mean(-1)
    details = gray - ndimage.gaussian_filter(gray, 3, mode="wrap")
    spectrum, other = np.fft.fft2(details), np.fft.fft2(np.flip(details, axis))
    return float(np.fft.ifft2(spectrum * other.conj()).real.max() / (details**2).sum())


def sharpness(picture: np.ndarray) -> float:
    """Mean absolute gradient."""
    values = picture.astype(float)
    return float(np.mean([np.abs(np.diff(values, axis=axis)).mean() for axis in (0, 1)]))


def border_ratio(picture: np.ndarray, mask: np.ndarray) -> float:
    """Mean absolute gradient across a mask's border, over that of pixels next to each other on one side nearby."""
    grown = np.asarray(ndimage.binary_dilation(mask, iterations=BAND), bool)
    core = np.asarray(ndimage.binary_erosion(mask, iterations=BAND, border_value=1), bool)
    near = grown & ~core
    across, beside = [], []
    for axis in (0, 1):
        step = np.abs(np.diff(picture.astype(float), axis=axis)).mean(-1)
        first, second = (slice(None, -1), slice(1, None)) if axis == 0 else (np.s_[:, :-1], np.s_[:, 1:])
        border = mask[first] != mask[second]
        across.append(step[border])
        beside.append(step[near[first] & near[second] & ~border])
    return float(np.concatenate(across).mean() / np.concatenate(beside).mean())


def meets(value: float, target: str) -> bool:
    """Whether a value meets a target such as "<= 0.06"; a hair's breadth of floating point is forgiven."""
    sign, limit = target.split()
    return value <= float(limit) + 1e-9 if sign == "<=" else value >= float(limit) - 1e-9


def _thumbnail(array: np.ndarray) -> np.ndarray:
    """At a short side of 16 pixels."""
    short = 16 / min(array.shape[:2])
    size = (round(array.shape[0] * short), round(array.shape[1] * short))
    return resample(tensor(array), size).numpy()


def _stray(made: np.ndarray, picture: np.ndarray, free: np.ndarray) -> float:
    """Pixels that are not what they were, beyond the feather around `free`."""
    near = np.asarray(ndimage.binary_dilation(free, np.ones((3, 3)), iterations=FEATHER), bool)
    return float((made != picture).any(-1)[~near].sum())


def table(outcomes: list[Outcome]) -> Table:
    """The figures, with what falls short of its target in red."""
    result = Table(title="Tasks, quality normal, seed 0", box=SIMPLE_HEAD)
    result.add_column("picture", no_wrap=True)
    for name in TARGETS:
        result.add_column(name, justify="right", no_wrap=True)
    for outcome in outcomes:
        result.add_row(outcome.picture, *(_text(outcome.figures[name], target) for name, target in TARGETS.items()))
    result.add_section()
    result.add_row("target", *TARGETS.values())
    return result


def _text(value: float, target: str) -> str:
    digits = 0 if target == "<= 0" else 4 if value < 0.02 else 2 if value > 0.1 else 3
    text = f"{value:.{digits}f}"
    return text if meets(value, target) else f"[red]{text}[/red]"


def show(found: dict[str, np.ndarray], path: Path, console: Console) -> None:
    """Measure every picture, print the table and write the sheet."""
    outcomes = [run(name, picture) for name, picture in found.items()]
    console.print(table(outcomes))
    console.print(LEGEND, style="dim")
    rows = [(outcome.picture, row) for outcome in outcomes for row in outcome.rows]
    contact_sheet(rows, path, thumb_height=400, heading="Paint, style, tile, fill and expand")
    console.print(f"Sheet: {path}")
