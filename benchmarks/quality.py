"""How good variations are: a table for each quality, and a sheet to look at.

    python -m benchmarks.quality [FOLDER] [--seeds 3] [--quality draft,normal,best] [--only NAME]...

The figures are those of sinddm.metrics; their mean is over the pictures, each the mean of its seeds, with one
setting for all pictures. Then the other tasks, on the same pictures: see benchmarks.tasks.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks import tasks
from benchmarks.inputs import load, tensor, wide_console
from benchmarks.sheet import contact_sheet
from sinddm import metrics
from sinddm.errors import InputError
from sinddm.texture import Quality, Texture

QUALITIES = get_args(Quality)
TARGETS = {"swd1": "<= 0.060", "coh": "<= 0.0018", "nnfdiv": ">= 0.25", "bigcopy": "<= 0.13"}  # normal, the mean
DIGITS = {"coh": 4, "comp": 4, "nnfdiv": 3, "bigcopy": 3, "spec": 3, "seconds": 2}


class Outcome(NamedTuple):
    picture: str
    variations: list[np.ndarray]
    figures: dict[str, float]


def run(name: str, picture: np.ndarray, seeds: int, quality: Quality) -> Outcome:
    """Variations with seeds 0, 1, ... and the mean of their figures; seconds: of one variation."""
    texture = Texture.from_image(picture)
    began = time.perf_counter()
    made = texture.generate(seeds, quality=quality)
    seconds = (time.perf_counter() - began) / seeds
    reference, samples = tensor(picture), [tensor(variation) for variation in made]
    figures = metrics.mean([metrics.measure(sample, reference) for sample in samples])._asdict()
    figures["div"] = metrics.diversity(samples, reference) if seeds > 1 else float("nan")
    return Outcome(name, made, figures | {"seconds": seconds})


def table(quality: str, outcomes: list[Outcome], targets: dict[str, str]) -> Table:
    """The figures, and their mean beside the targets, with what falls short in red."""
    count = len(outcomes[0].variations)
    result = Table(title=f"Variations, quality {quality}, {count} of each picture", box=SIMPLE_HEAD)
    names = list(outcomes[0].figures)
    result.add_column("picture", no_wrap=True)
    for name in names:
        result.add_column(name, justify="right", no_wrap=True)
    for outcome in outcomes:
        result.add_row(outcome.picture, *(_text(name, outcome.figures[name]) for name in names))
    result.add_section()
    mean = _mean(outcomes)
    result.add_row("mean", *(_text(name, mean[name], targets.get(name, "")) for name in names))
    if targets:
        result.add_row("target", *(targets.get(name, "") for name in names))
    return result


def targets(quality: str, found: dict[str, list[Outcome]]) -> dict[str, str]:
    """What the mean is to reach: for normal the project's targets; best is to be better than normal."""
    if quality == "best" and "normal" in found:
        mean = _mean(found["normal"])
        return {name: f"<= {_text(name, mean[name])}" for name in ("swd1", "coh")}
    return TARGETS if quality == "normal" else {}


def _mean(outcomes: list[Outcome]) -> dict[str, float]:
    return {name: float(np.mean([o.figures[name] for o in outcomes])) for name in outcomes[0].figures}


def _text(name: str, value: float, target: str = "") -> str:
    if np.isnan(value):
        return "-"
    text = f"{value:.{DIGITS.get(name, 3)}f}"
    return f"[red]{text}[/red]" if target and not tasks.meets(value, target) else text


def sheet(pictures: dict[str, np.ndarray], found: dict[str, list[Outcome]], path: Path) -> None:
    """Each picture, then its variations, a row for each quality; under each its middle at three times its size."""
    rows = []
    for quality, outcomes in found.items():
        for outcome in outcomes:
            cards = [("the picture", pictures[outcome.picture])]
            cards += [(f"seed {seed}", made) for seed, made in enumerate(outcome.variations)]
            rows.append((f"{outcome.picture}, {quality}", cards))
    contact_sheet(rows, path, thumb_height=300, zoom=(110, 130), heading="Variations, and three times their middle")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="pictures to measure on (default: the project's own)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quality", default=",".join(QUALITIES), help="some of draft,normal,best, or none")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="of a picture; can be repeated")
    parser.add_argument("--no-tasks", action="store_true", help="variations alone")
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="where the sheets go")
    options = parser.parse_args()
    wanted = [quality for quality in QUALITIES if quality in options.quality.split(",")]
    try:
        pictures = load(options.folder, options.only)
    except InputError as error:
        sys.exit(str(error))
    options.out.mkdir(parents=True, exist_ok=True)
    console = wide_console()
    found: dict[str, list[Outcome]] = {}
    Texture.from_image(next(iter(pictures.values()))).generate(quality="draft")  # so that no time includes compiling
    for quality in wanted:
        found[quality] = [run(name, picture, options.seeds, quality) for name, picture in pictures.items()]
        console.print(table(quality, found[quality], targets(quality, found)))
    if found:
        sheet(pictures, found, options.out / "quality.png")
        console.print(f"Sheet: {options.out / 'quality.png'}")
    if not options.no_tasks:
        tasks.show(pictures, options.out / "tasks.png", console)


if __name__ == "__main__":
    main()
