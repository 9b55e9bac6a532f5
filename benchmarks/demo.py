"""Everything the backend can do, shown on pictures made here and free photographs.

    python -m benchmarks.demo [--out out/demo]

Starts a backend and hands it jobs, as a plugin does with an editor's layers; shows inputs and results on one sheet.
"""

import argparse
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw
from rich.console import Console
from sinddm_plugin import client as c

from benchmarks import pictures
from benchmarks.sheet import contact_sheet
from sinddm import files

Card = tuple[str, np.ndarray]
MOON, LEFT = (194, 2, 64, 64), (16, 10)  # where it is in the night, and where it is to be: x, y, width, height
LEARNING = 60  # seconds
MARGIN = 90  # pixels to add at the left and at the right


class Job(NamedTuple):
    title: str
    before: list[Card]
    wish: c.Request
    name: str  # of the files of its results
    after: Callable[[list[np.ndarray]], list[Card]]  # what the sheet shows of the results
    first: c.Learn | None = None  # what has to be learned before


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


def jobs(made: dict[str, np.ndarray]) -> list[Job]:
    """What is shown, in order. made: the inputs."""
    layers = {name: _layer(array) for name, array in made.items() if array.dtype != bool}
    masks = {name: _mask(array) for name, array in made.items() if array.dtype == bool}

    def card(name: str, caption: str = "") -> Card:
        return caption or name, made[name]

    def only(caption: str) -> Callable[[list[np.ndarray]], list[Card]]:
        return lambda results: [(caption, results[0])]

    def harmonized(title: str, object_: str, behind: str) -> Job:
        wish = c.Harmonize(source=[layers[behind]], picture=layers[object_], mask=masks[f"{object_}_mask"])
        return Job(title, [card(object_, "pasted")], wish, f"{object_}_harmonized", only("harmonized"))

    meadow, night = layers["meadow"], layers["night"]
    torn = replace(layers["torn"], without=masks["torn_mask"])
    return [
        Job(
            "Variations",
            [card("meadow", "the picture")],
            c.Generate(source=[meadow], count=4, seed=1),
            "variation",
            lambda results: [(f"seed {1 + k}", result) for k, result in enumerate(results)],
        ),
        Job(
            "Any size",
            [card("night", "the picture")],
            c.Generate(source=[night], width=3 * night.width, height=night.height, seed=1),
            "wide",
            only("three times as wide"),
        ),
        Job(
            "Seamless tile",
            [card("pebbles", "the picture")],
            c.Tile(source=[layers["pebbles"]]),
            "tile",
            lambda results: [("tile", results[0]), ("repeated 2 x 2", np.tile(results[0], (2, 2, 1)))],
        ),
        Job(
            "Painted shapes rendered",
            [card("painting", "painted"), card("meadow", "in the look of this")],
            c.Paint(source=[meadow], picture=layers["painting"]),
            "painted",
            only("rendered"),
        ),
        Job(
            "Hole filled",
            [card("torn", "the hole is masked")],
            c.Fill(source=[torn], picture=layers["torn"], mask=masks["torn_mask"]),
            "filled",
            only("filled"),
        ),
        Job(
            "Expanded",
            [card("meadow", "the picture")],
            c.Expand(source=[meadow], picture=meadow, left=MARGIN, right=MARGIN),
            "expanded",
            lambda results: [("expanded", results[0]), ("the picture in it", _framed(results[0], made["meadow"]))],
        ),
        harmonized("Pasted object in a painting, harmonized", "balloon", "meadow"),
        harmonized("Pasted object in a photograph, harmonized", "shuttle", "cat"),
        Job(
            "Photograph in the style of a painting",
            [card("coffee", "the photograph"), card("night", "in the style of this")],
            c.Style(source=[night], picture=layers["coffee"]),
            "styled",
            only("styled"),
        ),
        Job(
            "Region placed",
            [("the moon is to go left", _boxed(made["night"], MOON, (*LEFT, *MOON[2:])))],
            c.Place(source=[night], regions=[(MOON, (*LEFT, *MOON[2:]))], seed=1),
            "placed",
            only("placed"),
        ),
        Job(
            f"Variations by a network that learned for {LEARNING} seconds",
            [card("meadow", "the picture")],
            c.Generate(source="meadow", count=3),
            "learned",
            lambda results: [(f"seed {k}", result) for k, result in enumerate(results)],
            c.Learn(source=[meadow], name="meadow", seconds=LEARNING),
        ),
    ]


def run(client: c.Client, job: Job, folder: Path, show: Callable[[c.JobView], object]) -> list[np.ndarray]:
    """Have the backend do the job; its pictures, which are also written to the folder."""
    if job.first:
        _follow(client, job.first, show)
    done = _follow(client, job.wish, show)
    for path in folder.glob(f"{job.name}*.png"):  # of an earlier demo
        path.unlink()
    made = []
    for listed in done.results:
        result = client.result(done.id, listed.index).picture
        made.append(
            np.frombuffer(memoryview(result.data), np.uint8).reshape(result.height, result.width, result.channels)
        )
        number = f"_{listed.seed}" if len(done.results) > 1 else ""
        files.write(folder / f"{job.name}{number}.png", files.Picture(made[-1]))
    return made


def _follow(client: c.Client, wish: c.Request, show: Callable[[c.JobView], object]) -> c.JobView:
    """The job when it is done."""
    id = client.submit(wish).id
    with client.follow(id) as changes:
        for change in changes:
            show(change)
    return client.wait(id)


def _layer(array: np.ndarray) -> c.Picture:
    """(H, W, 3) as an editor hands it over."""
    return c.Picture(array.tobytes(), array.shape[1], array.shape[0], "rgb")


def _mask(array: np.ndarray) -> c.Mask:
    return c.Mask((array * np.uint8(255)).tobytes(), array.shape[1], array.shape[0])


def _framed(result: np.ndarray, picture: np.ndarray) -> np.ndarray:
    h, w = picture.shape[:2]
    return _boxed(result, (MARGIN, 0, w, h))


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
    rows, began = [], time.perf_counter()
    state, library = out / "backend", out / "library"
    shutil.rmtree(library, ignore_errors=True)
    os.environ |= {"SINDDM_STATE": str(state.absolute()), "SINDDM_LIBRARY": str(library.absolute())}  # not the user's
    with console.status("Starting the backend"):
        client = c.Client.connect()
    try:
        for job in jobs(made):
            start = time.perf_counter()
            with console.status(job.title) as status:
                results = run(client, job, out / "results", lambda now, job=job: status.update(_words(job, now)))
            seconds = time.perf_counter() - start
            console.print(f"  {job.title}: {seconds:.1f} s")
            rows.append((f"{job.title}, {seconds:.1f} s", [*job.before, *job.after(results)]))
    finally:
        client.stop()
    total = time.perf_counter() - began
    heading = "What the backend makes of these; the first time includes starting up"
    contact_sheet(rows, out / "sheet.png", thumb_height=400, heading=heading)
    console.print(
        f"Everything in {total:.0f} s. Results: {out / 'results'}  All of it on one sheet: {out / 'sheet.png'}"
    )


def _words(job: Job, now: c.JobView) -> str:
    left = f", {now.left:.0f} s left" if now.left else ""
    return f"{job.title}: {now.words or now.state} {now.fraction:.0%}{left}"


if __name__ == "__main__":
    main()
