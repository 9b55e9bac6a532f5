"""Everything the command line can do, shown on pictures made here and free photographs.

    python -m benchmarks.demo [--out out/demo]

Saves the inputs, runs `sinddm` on them as a user would, and shows inputs and results on one sheet.
"""

import argparse
import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw
from rich.console import Console

from benchmarks import pictures
from benchmarks.sheet import contact_sheet
from sinddm import files
from sinddm.cli import main as sinddm

Card = tuple[str, np.ndarray]
MOON, LEFT = (194, 2, 64, 64), (16, 10)  # where it is in the night, and where it is to be: x, y, width, height
LEARNING = 60  # seconds
MARGINS = {"left": 90, "right": 90}  # pixels to add


class Job(NamedTuple):
    title: str
    before: list[Card]
    command: list[str]  # of sinddm, without -o
    out: str  # a file, or a pattern with {seed}, in the folder of results
    after: Callable[[list[np.ndarray]], list[Card]]  # what the sheet shows of the results
    before_it: tuple[str, ...] = ()  # another command of sinddm that has to come first


def save_inputs(folder: Path) -> dict[str, np.ndarray]:
    """Make the inputs and write each as folder/NAME.png; bool masks in black and white."""
    meadow, night = pictures.meadow(), pictures.night()
    cat = pictures.photograph("cat")
    hole = pictures.hole_mask(*meadow.shape[:2])
    torn = meadow.copy()
    torn[hole] = (255, 0, 255)
    balloon, balloon_mask = pictures.pasted_balloon(meadow)
    shuttle, shuttle_mask = pictures.pasted_shuttle(cat)
    made = {
        "meadow": meadow,
        "night": night,
        "pebbles": pictures.pebbles(),
        "coffee": pictures.photograph("coffee"),
        "cat": cat,
        "painting": pictures.rough_painting(),
        "torn": torn,
        "torn_mask": hole,
        "balloon": balloon,
        "balloon_mask": balloon_mask,
        "shuttle": shuttle,
        "shuttle_mask": shuttle_mask,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in made.items():
        files.write(folder / f"{name}.png", files.Picture(array * np.uint8(255) if array.dtype == bool else array))
    return made


def jobs(folder: Path, made: dict[str, np.ndarray]) -> list[Job]:
    """What is shown, in order. folder: where save_inputs has put what it made."""

    def path(name: str) -> str:
        return str(folder / f"{name}.png")

    def card(name: str, caption: str = "") -> Card:
        return caption or name, made[name]

    def only(caption: str) -> Callable[[list[np.ndarray]], list[Card]]:
        return lambda results: [(caption, results[0])]

    def harmonized(title: str, object_: str, behind: str) -> Job:
        command = ["harmonize", path(object_), "--mask", path(f"{object_}_mask"), "--like", path(behind)]
        return Job(title, [card(object_, "pasted")], command, f"{object_}_harmonized.png", only("harmonized"))

    sides = [part for side, n in MARGINS.items() for part in (f"--{side}", str(n))]
    place = ["--region", ",".join(map(str, MOON)), "--at", ",".join(map(str, LEFT))]
    return [
        Job(
            "Variations",
            [card("meadow", "the picture")],
            ["generate", path("meadow"), "--count", "4", "--seed", "1"],
            "variation_{seed}.png",
            lambda results: [(f"seed {1 + k}", result) for k, result in enumerate(results)],
        ),
        Job(
            "Any size",
            [card("night", "the picture")],
            ["generate", path("night"), "--scale", "3,1", "--seed", "1"],
            "wide.png",
            only("three times as wide"),
        ),
        Job(
            "Seamless tile",
            [card("pebbles", "the picture")],
            ["tile", path("pebbles")],
            "tile.png",
            lambda results: [("tile", results[0]), ("repeated 2 x 2", np.tile(results[0], (2, 2, 1)))],
        ),
        Job(
            "Painted shapes rendered",
            [card("painting", "painted"), card("meadow", "in the look of this")],
            ["paint", path("painting"), "--like", path("meadow")],
            "painted.png",
            only("rendered"),
        ),
        Job(
            "Hole filled",
            [card("torn", "the hole is masked")],
            ["fill", path("torn"), "--mask", path("torn_mask")],
            "filled.png",
            only("filled"),
        ),
        Job(
            "Expanded",
            [card("meadow", "the picture")],
            ["expand", path("meadow"), *sides],
            "expanded.png",
            lambda results: [("expanded", results[0]), ("the picture in it", _framed(results[0], made["meadow"]))],
        ),
        harmonized("Pasted object in a painting, harmonized", "balloon", "meadow"),
        harmonized("Pasted object in a photograph, harmonized", "shuttle", "cat"),
        Job(
            "Photograph in the style of a painting",
            [card("coffee", "the photograph"), card("night", "in the style of this")],
            ["style", path("coffee"), "--like", path("night")],
            "styled.png",
            only("styled"),
        ),
        Job(
            "Region placed",
            [("the moon is to go left", _boxed(made["night"], MOON, (*LEFT, *MOON[2:])))],
            ["place", path("night"), *place, "--seed", "1"],
            "placed.png",
            only("placed"),
        ),
        Job(
            f"Variations by a network that learned for {LEARNING} seconds",
            [card("meadow", "the picture")],
            ["generate", "--texture", "meadow", "--count", "3"],
            "learned_{seed}.png",
            lambda results: [(f"seed {k}", result) for k, result in enumerate(results)],
            ("learn", path("meadow"), "--name", "meadow", "--seconds", str(LEARNING)),
        ),
    ]


def run(job: Job, results: Path) -> tuple[list[np.ndarray], float]:
    """Run the command; its pictures, and the seconds it took. Ends the program if it fails."""
    pattern = results / job.out
    stale = list(results.glob(job.out.replace("{seed}", "*")))
    for path in stale:
        path.unlink()
    began = time.perf_counter()
    code = sinddm(list(job.before_it)) if job.before_it else 0
    code = code or sinddm([*job.command, "-o", str(pattern)])
    seconds = time.perf_counter() - began
    if code:
        sys.exit(code)
    written = sorted(results.glob(job.out.replace("{seed}", "*")))
    return [files.read(path).array for path in written], seconds


def _framed(result: np.ndarray, picture: np.ndarray) -> np.ndarray:
    h, w = picture.shape[:2]
    return _boxed(result, (MARGINS["left"], 0, w, h))


def _boxed(picture: np.ndarray, *boxes: tuple[int, int, int, int]) -> np.ndarray:
    """The picture with boxes (x, y, width, height) drawn, the first one white."""
    image = Image.fromarray(picture)
    for (x, y, w, h), color in zip(boxes, ("white", "red"), strict=False):
        ImageDraw.Draw(image).rectangle([x, y, x + w - 1, y + h - 1], outline=color)
    return np.asarray(image)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="where everything goes")
    out: Path = parser.parse_args().out
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Making the inputs in {out / 'inputs'}")
    made = save_inputs(out / "inputs")
    (out / "results").mkdir(exist_ok=True)
    rows, total = [], 0.0
    os.environ["SINDDM_LIBRARY"] = str(out / "library")  # not the user's own
    shutil.rmtree(out / "library", ignore_errors=True)
    for job in jobs(out / "inputs", made):
        if job.before_it:
            console.print(f"[dim]sinddm {shlex.join(job.before_it)}[/dim]")
        console.print(f"[dim]sinddm {shlex.join([*job.command, '-o', str(out / 'results' / job.out)])}[/dim]")
        results, seconds = run(job, out / "results")
        console.print(f"  {job.title}: {seconds:.1f} s")
        rows.append((f"{job.title}, {seconds:.1f} s", [*job.before, *job.after(results)]))
        total += seconds
    heading = "What sinddm makes; the first time includes starting up"
    contact_sheet(rows, out / "sheet.png", thumb_height=400, heading=heading)
    console.print(
        f"Everything in {total:.0f} s. Results: {out / 'results'}  All of it on one sheet: {out / 'sheet.png'}"
    )


if __name__ == "__main__":
    main()
