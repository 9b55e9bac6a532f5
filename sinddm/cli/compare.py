"""`sinddm compare`: the quality figures of samples, as a table or as JSON."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sinddm import files, pixels
from sinddm.cli.progress import Report, bar, interruptible

if TYPE_CHECKING:
    from torch import Tensor

    from sinddm.metrics import Quality


def run(args: argparse.Namespace) -> int:
    """Measure every sample, print the figures of each and their mean."""
    reference, samples = files.read(args.reference), [files.read(path) for path in args.samples]
    with bar(quiet=False) as report:
        rows, mean, diversity = interruptible(lambda check: _measure(reference, samples, report, check))
    if args.json:
        named = [{"sample": path, **row._asdict()} for path, row in zip(args.samples, rows, strict=True)]
        print(json.dumps({"reference": args.reference, "samples": named, "mean": {**mean._asdict(), "div": diversity}}))
    else:
        _print_table(args.samples, rows, mean, diversity)
    return 0


def _measure(
    reference: files.Picture, samples: list[files.Picture], report: Report, check
) -> tuple[list["Quality"], "Quality", float | None]:
    from sinddm import metrics

    y, xs = _tensor(reference), [_tensor(sample) for sample in samples]
    rows = []
    for k, x in enumerate(xs):
        check()
        report(k / len(xs), f"Measuring {k + 1} of {len(xs)}")
        rows.append(metrics.measure(x, y))
    same_size = len(xs) > 1 and len({x.shape for x in xs}) == 1
    return rows, metrics.mean(rows), metrics.diversity(xs, y) if same_size else None


def _tensor(picture: files.Picture) -> "Tensor":
    """The picture as the engine sees it (C, H, W), without its alpha."""
    import torch

    values = pixels.decode(picture.array, linear=picture.linear, alpha=picture.alpha).values
    return torch.from_numpy(values).permute(2, 0, 1)


def _print_table(paths: list[str], rows: list["Quality"], mean: "Quality", diversity: float | None) -> None:
    """One line a sample and one for their mean; columns as in sinddm.metrics.Quality."""
    from rich.console import Console
    from rich.table import Table

    table = Table()
    table.add_column("sample", overflow="fold")
    for name in (*mean._fields, "div"):
        table.add_column(name, justify="right", no_wrap=True)
    for path, row in zip(paths, rows, strict=True):
        table.add_row(Path(path).name, *(f"{figure:.4f}" for figure in row), "")
    div = "" if diversity is None else f"{diversity:.4f}"
    table.add_section()
    table.add_row("mean", *(f"{figure:.4f}" for figure in mean), div)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
