"""How well pasted objects belong after harmonizing: a table of figures, and a sheet of before and after.

    python -m benchmarks.harmonize [FOLDER] [--sheet SHEET.png] [--strength 0..1] [--learn SECONDS]

Own composites, and X_composite, X_mask and X of every such triple of pictures in FOLDER.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch import Tensor

from benchmarks import pictures
from benchmarks.sheet import contact_sheet
from sinddm.harmonize import Belonging, belonging, harmonize
from sinddm.harmonize.photo import painted
from sinddm.harmonize.rim import REACH, distance
from sinddm.tasks import FEATHER, GROWN
from sinddm.texture import Texture
from sinddm.training.recipe import FINEST, named


class Composite(NamedTuple):
    name: str
    image: np.ndarray  # uint8 (h, w, 3)
    mask: np.ndarray  # bool (h, w)
    picture: np.ndarray  # uint8 (h, w, 3), without the object


class Outcome(NamedTuple):
    result: np.ndarray  # uint8 (h, w, 3)
    before: Belonging
    after: Belonging
    painted: bool  # its strokes were matched, a photograph's noise and sharpness
    stray: int  # changed pixels further from the mask than is meant
    seconds: float


def own_composites() -> list[Composite]:
    """A balloon in two paintings, a cat's face in a painting, and objects in two photographs."""
    meadow, night = pictures.meadow(), pictures.night()
    coffee, cat = pictures.photograph("coffee"), pictures.photograph("cat")
    return [
        Composite("balloon in a meadow", *pictures.pasted_balloon(meadow), meadow),
        Composite("balloon at night", *pictures.pasted_balloon(night, (0.5, 0.35)), night),
        Composite("cat in a meadow", *_pasted_face(meadow, 95, 150), meadow),
        Composite("shuttle in a photograph", *pictures.pasted_shuttle(cat), cat),
        Composite("cat in a photograph", *_pasted_face(coffee, 110, 20), coffee),
    ]


def _pasted_face(picture: np.ndarray, top: int, left: int) -> tuple[np.ndarray, np.ndarray]:
    """The face of scikit-image's cat (CC0, Stefan van der Walt) in an oval: (composite, mask)."""
    from skimage import data

    face = Image.fromarray(data.chelsea()).crop((70, 0, 410, 295)).resize((80, 69), Image.Resampling.LANCZOS)
    y, x = np.mgrid[:69, :80]
    oval = ((x - 39) / 33) ** 2 + ((y - 34) / 31) ** 2 < 1
    composite, mask = picture.copy(), np.zeros(picture.shape[:2], bool)
    composite[top : top + 69, left : left + 80][oval] = np.asarray(face)[oval]
    mask[top : top + 69, left : left + 80] = oval
    return composite, mask


def found_composites(folder: Path) -> list[Composite]:
    """Every X_composite with X_mask and X beside it, of any picture format."""
    found = []
    for path in sorted(folder.glob("*_composite.*")):
        stem = path.stem.removesuffix("_composite")
        mask, picture = (next(iter(sorted(folder.glob(f"{name}.*"))), None) for name in (f"{stem}_mask", stem))
        if mask and picture:
            image, plain = (np.asarray(Image.open(p).convert("RGB")) for p in (path, picture))
            found.append(Composite(stem, image, np.asarray(Image.open(mask).convert("L")) > 127, plain))
    return found


def run(composite: Composite, strength: float, texture: Texture | None = None) -> Outcome:
    """In closed form, or by the network of a texture."""
    image, picture = _tensor(composite.image), _tensor(composite.picture)
    mask = torch.from_numpy(composite.mask)
    began = time.perf_counter()
    if texture is None:
        result = harmonize(image, mask, picture, strength)
    else:
        made = texture.harmonize(composite.image, composite.mask, strength=strength, engine="learned")[0]
        result = torch.where(torch.from_numpy((made != composite.image).any(2)), _tensor(made), image)
    seconds = time.perf_counter() - began
    reach = REACH if texture is None else (GROWN + FEATHER) * 2**0.5  # squares grow further at their corners
    far = torch.from_numpy(distance(~composite.mask) > reach)
    return Outcome(
        ((result.permute(1, 2, 0) + 1) * 127.5).round().byte().numpy(),
        belonging(image, image, mask),
        belonging(result, image, mask),
        painted(image / 2 + 0.5, ~mask) > 0,
        int((result != image).any(0)[far].sum()),
        seconds,
    )


def _tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array.astype(np.float32)).permute(2, 0, 1) / 127.5 - 1


def learned(composite: Composite, seconds: float) -> Texture:
    """The composite's picture with a network that knows its finest scale."""
    texture = Texture.from_image(composite.picture)
    texture.learn(preset=replace(named("fast"), finest=FINEST), seconds=seconds)
    return texture


def table(composites: list[Composite], outcomes: list[Outcome], title: str) -> Table:
    """The figures, with what falls short of its target in red."""
    result = Table(title=title)
    for column in ("composite", "surface"):
        result.add_column(column, no_wrap=True)
    for column in ("px", "shape", "colour", "detail", "stray", "s"):
        result.add_column(column, justify="right")
    for composite, o in zip(composites, outcomes, strict=True):
        colour, detail = (
            after / before - 1
            for after, before in ((o.after.colour, o.before.colour), (o.after.detail, o.before.detail))
        )
        cells = [
            (f"{o.after.shape:.2f}", o.after.shape >= 0.75),
            (f"{colour:+.0%}", colour <= -0.35),
            (f"{detail:+.0%}", detail <= (-0.4 if o.painted else 0)),
            (str(o.stray), o.stray == 0),
        ]
        figures = [text if good else f"[red]{text}[/red]" for text, good in cells]
        surface, size = "strokes" if o.painted else "photo", str(int(composite.mask.sum()))
        result.add_row(composite.name, surface, size, *figures, f"{o.seconds:.1f}")
    return result


def _closeup(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The object with a third of its size around it, three times as large."""
    ys, xs = np.nonzero(mask)
    margin = 10 + (ys.max() - ys.min()) // 3
    part = image[max(0, ys.min() - margin) : ys.max() + margin, max(0, xs.min() - margin) : xs.max() + margin]
    return part.repeat(3, 0).repeat(3, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="pictures named X, X_mask and X_composite")
    parser.add_argument("--sheet", type=Path, default=Path("out/bench/harmonize.png"), help="where the sheet goes")
    parser.add_argument("--strength", type=float, default=0.6)
    parser.add_argument(
        "--learn", type=float, default=0, metavar="S", help="compare with a network that learned so long"
    )
    options = parser.parse_args()
    composites = own_composites() + (found_composites(options.folder) if options.folder else [])
    run(composites[0], options.strength)  # warm
    outcomes = [run(composite, options.strength) for composite in composites]
    console = Console()
    console.print(table(composites, outcomes, "Harmonize, default seed"))
    networks: list[Outcome] = []
    if options.learn:
        networks = [run(one, options.strength, learned(one, options.learn)) for one in composites]
        console.print(table(composites, networks, f"By a network, {options.learn:g} s of learning"))
    console.print("Shape: correlation of the gradients with the pasted object's; at least 0.75.")
    console.print("Colour, detail: change of the distance to the surroundings; at most -35%, -40% (photographs 0).")
    console.print("Stray: pixels changed outside the grown mask; none. Red: short of its target.")
    rows = []
    for number, (composite, outcome) in enumerate(zip(composites, outcomes, strict=True)):
        cards = [("pasted", composite.image), ("harmonized", outcome.result)]
        cards += [("by the network", one.result) for one in networks[number : number + 1]]
        rows.append((composite.name, [(text, _closeup(image, composite.mask)) for text, image in cards]))
    contact_sheet(rows, options.sheet, thumb_height=600, heading="Harmonize, at three times the size")
    console.print(f"Sheet: {options.sheet}")


if __name__ == "__main__":
    main()
