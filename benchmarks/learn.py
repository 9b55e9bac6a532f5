"""The learned engine: its quality after a minute, our recipe against the published one, quality against time.

    python -m benchmarks.learn [FOLDER] [--seconds 60] [--seeds 3] [--only NAME]... [--curve 15,30,60,120,300]
                               [--device auto] [--set width=48]... [--no-paper]

Each picture is learned for the same time with each recipe, in one run, and variations of it are measured as in
benchmarks.quality. --set changes our recipe, to explore; --curve learns once more for each of the times.
"""

import argparse
import dataclasses
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks import tasks
from benchmarks.inputs import load, tensor, wide_console
from benchmarks.sheet import contact_sheet
from sinddm import metrics
from sinddm.errors import InputError
from sinddm.texture import Engine, Texture
from sinddm.training.recipe import Recipe, named

TARGETS = {"swd1": "<= 0.075", "coh": "<= 0.010", "nnfdiv": ">= 0.40", "bigcopy": "<= 0.06"}  # after a minute
SHOWN = ("swd1", "coh", "nnfdiv", "bigcopy", "spec")
DIGITS = {"coh": 4, "nnfdiv": 3, "bigcopy": 3, "spec": 3, "ratio": 2, "steps": 0, "seconds": 0}


class Outcome(NamedTuple):
    """What came of learning one picture, and of making variations of it."""

    variations: list[np.ndarray]
    figures: dict[str, float]
    """Those of sinddm.metrics; steps and seconds of learning; ratio: time to sample, to that of the instant engine."""


def run(picture: np.ndarray, recipe: Recipe, seconds: float, seeds: int, device: str) -> Outcome:
    texture = Texture.from_image(picture, device=device)
    texture.learn(preset=recipe, seconds=seconds)
    texture.generate(engine="instant")  # so that no time includes compiling
    instant, learned = (_timed(texture, engine, seeds) for engine in ("instant", "learned"))
    reference = tensor(picture)
    measured = metrics.mean([metrics.measure(tensor(one), reference) for one in learned.made])._asdict()
    figures = {name: measured[name] for name in SHOWN}
    about = texture.figures or {}
    times = {"ratio": learned.seconds / instant.seconds, "steps": about["steps"], "seconds": about["seconds"]}
    return Outcome(learned.made, figures | times)


class _Timed(NamedTuple):
    made: list[np.ndarray]
    seconds: float


def _timed(texture: Texture, engine: Engine, seeds: int) -> _Timed:
    began = time.perf_counter()
    return _Timed(texture.generate(seeds, engine=engine), time.perf_counter() - began)


def table(title: str, outcomes: dict[str, Outcome], targets: dict[str, str]) -> Table:
    """The figures of each picture, and their mean beside the targets, with what falls short in red."""
    result = Table(title=title, box=SIMPLE_HEAD)
    mean = _mean(outcomes)
    result.add_column("picture", no_wrap=True)
    for name in mean:
        result.add_column(name, justify="right", no_wrap=True)
    for picture, outcome in outcomes.items():
        result.add_row(picture, *(_text(name, value) for name, value in outcome.figures.items()))
    result.add_section()
    result.add_row("mean", *(_text(name, value, targets.get(name, "")) for name, value in mean.items()))
    if targets:
        result.add_row("target", *(targets.get(name, "") for name in mean))
    return result


def _mean(outcomes: dict[str, Outcome]) -> dict[str, float]:
    every = [outcome.figures for outcome in outcomes.values()]
    return {name: float(np.mean([figures[name] for figures in every])) for name in every[0]}


def _text(name: str, value: float, target: str = "") -> str:
    text = f"{value:.{DIGITS.get(name, 3)}f}"
    return f"[red]{text}[/red]" if target and not tasks.meets(value, target) else text


def plot(curve: dict[float, dict[str, Outcome]], path: Path) -> None:
    """Quality against seconds of learning: the mean in bold, each picture in its colour."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(TARGETS), figsize=(4 * len(TARGETS), 3.4), layout="constrained")
    for axis, (name, target) in zip(axes, TARGETS.items(), strict=True):
        for picture in next(iter(curve.values())):
            values = [outcomes[picture].figures[name] for outcomes in curve.values()]
            axis.plot(list(curve), values, lw=1, alpha=0.6, label=picture)
        axis.plot(list(curve), [_mean(outcomes)[name] for outcomes in curve.values()], "k-o", lw=2, label="mean")
        axis.axhline(float(target.split()[1]), color="gray", ls=":", label=f"target after 60 s, {target}")
        axis.set(title=name, xlabel="seconds of learning", xscale="log", ylim=(0, None))
        axis.set_xticks(list(curve), [f"{seconds:g}" for seconds in curve])
        axis.minorticks_off()
    axes[0].legend(fontsize=7)
    figure.savefig(path, dpi=110)


def changed(recipe: Recipe, changes: list[str]) -> Recipe:
    """A recipe with some of its values replaced: name=value each."""
    kinds = {field.name: type(getattr(recipe, field.name)) for field in dataclasses.fields(recipe)}
    for change in changes:
        name, _, value = change.partition("=")
        if name not in kinds:
            raise InputError(f"A recipe has no {name}, only {', '.join(kinds)}.")
        recipe = dataclasses.replace(recipe, **{name: kinds[name](value)})
    return recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="pictures to measure on (default: the project's own)")
    parser.add_argument("--seconds", type=float, default=60, help="of learning a picture")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="of a picture; can be repeated")
    parser.add_argument("--curve", default="", metavar="S,S,...", help="seconds of learning to compare, for the plot")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change our recipe")
    parser.add_argument("--no-paper", action="store_true", help="leave out the published recipe")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="where the sheet and the plot go")
    options = parser.parse_args()
    try:
        pictures, ours = load(options.folder, options.only), changed(named("fast"), options.set)
    except InputError as error:
        sys.exit(str(error))
    options.out.mkdir(parents=True, exist_ok=True)
    console, rows = wide_console(), []

    def learn(recipe: Recipe, seconds: float, targets: dict[str, str]) -> dict[str, Outcome]:
        title = f"{seconds:g} s of learning, recipe {recipe.name}, {options.seeds} variations of each picture"
        outcomes = {
            name: run(picture, recipe, seconds, options.seeds, options.device) for name, picture in pictures.items()
        }
        console.print(table(title, outcomes, targets))
        for name, outcome in outcomes.items():
            cards = [(f"seed {seed}", made) for seed, made in enumerate(outcome.variations)]
            rows.append((f"{name}, {recipe.name}, {seconds:g} s", [("the picture", pictures[name]), *cards]))
        return outcomes

    found = learn(ours, options.seconds, TARGETS)
    if not options.no_paper:
        _compare(found, learn(named("paper"), options.seconds, {}), console)
    times = [float(part) for part in options.curve.split(",") if part]
    if times:
        curve = {s: found if s == options.seconds else learn(ours, s, {}) for s in times}
        plot(curve, options.out / "learn.png")
        console.print(f"Plot: {options.out / 'learn.png'}")
    contact_sheet(rows, options.out / "learned.png", thumb_height=300, heading="Variations by the learned engine")
    console.print(f"Sheet: {options.out / 'learned.png'}")


def _compare(ours: dict[str, Outcome], theirs: dict[str, Outcome], console: Console) -> None:
    mine, other = _mean(ours), _mean(theirs)
    factors = ", ".join(f"{name} by {other[name] / mine[name]:.1f}" for name in ("swd1", "coh"))
    console.print(f"At equal time our recipe beats the published one: {factors} (target: each by 2 or more).")


if __name__ == "__main__":
    main()
