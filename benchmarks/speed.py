"""How long the main work takes, and how much memory: a table with the targets.

    python -m benchmarks.speed [--small] [--profile]

The targets are for two cores with nothing else to do.
"""

import argparse
import cProfile
import os
import platform
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks import pictures
from benchmarks.inputs import wide_console
from sinddm import files
from sinddm.texture import Texture

MEGAPIXELS = {1: 1024, 2: 1448, 4: 2048}  # and the sides of a square of as many
MB = 2**20


class Taken(NamedTuple):
    seconds: float
    cpu: float  # seconds of all cores together: what others do at the same time changes it less


class Row(NamedTuple):
    what: str
    value: float
    unit: str
    most: float | None = None  # the target
    cpu: float | None = None  # the same in seconds of all cores, where it is a time of this process


def photograph(h: int, w: int) -> np.ndarray:
    """A photograph of that size, enlarged where it must be, with grain so that it has detail. uint8 (h, w, 3)."""
    grain = np.random.default_rng(0).normal(0, 6, (h, w, 1))
    return np.clip(pictures.photograph("coffee", h, w) + grain, 0, 255).astype(np.uint8)


def small() -> list[Row]:
    """The layers of a sketch: the best of three runs, warm."""
    picture = pictures.meadow(167, 298)
    texture = Texture.from_image(picture)
    made = {
        "learn 298x167": (partial(Texture.from_image, picture), None),
        "298x167, one variation": (texture.generate, 0.8),
        "298x167, four variations": (partial(texture.generate, 4), 2.5),
        "298x167, a draft": (partial(texture.generate, quality="draft"), 0.25),
    }
    texture.generate()
    return [_row(what, best_of(3, work), most) for what, (work, most) in made.items()]


def large() -> list[Row]:
    """Learning and making together, each once; the time per pixel from one megapixel to four."""
    wide = photograph(576, 1024)
    rows = [_row("1024x576 widened to 1536x576", best_of(1, partial(make, wide, (576, 1536))), 9.0)]
    per_pixel = []
    for megapixels, side in MEGAPIXELS.items():
        taken = best_of(1, partial(make, photograph(side, side), (side, side)))
        rows.append(_row(f"{side}x{side} from as large", taken, 45.0 if megapixels == 4 else None))
        per_pixel.append((taken.seconds / side**2, taken.cpu / side**2))
    wall, cpu = (max(values) / min(values) for values in zip(*per_pixel, strict=True))
    return [*rows, Row("time per pixel from 1 to 4 megapixels, most over least", wall, "", 1.15, cpu)]


def _row(what: str, taken: Taken, most: float | None) -> Row:
    return Row(what, taken.seconds, "s", most, taken.cpu)


def make(picture: np.ndarray, size: tuple[int, int]) -> None:
    Texture.from_image(picture).generate(size=size)


def best_of(times: int, work: Callable[[], object]) -> Taken:
    """What the quickest run took."""
    runs = []
    for _ in range(times):
        began, cpu = time.perf_counter(), time.process_time()
        work()
        runs.append(Taken(time.perf_counter() - began, time.process_time() - cpu))
    return min(runs)


def starting() -> list[Row]:
    """Imports and the first results, each in a process of its own."""
    timed = "import time; began = time.perf_counter(); import sinddm; print(time.perf_counter() - began)"
    imported = min(float(_python("-c", timed)) for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        picture, out = Path(folder, "picture.png"), Path(folder, "variation.png")
        files.write(picture, files.Picture(pictures.meadow(167, 298)))
        command = ["-m", "sinddm.cli", "generate", str(picture), "-o", str(out)]
        first = best_of(1, lambda: _python(*command, NUMBA_CACHE_DIR=str(Path(folder, "compiled")))).seconds
        later = best_of(2, lambda: _python(*command, NUMBA_CACHE_DIR=str(Path(folder, "compiled")))).seconds
    return [
        Row("import sinddm", imported, "s", 0.1),
        Row("command line, 298x167, from start to file", later, "s"),
        Row("the same for the first time on a computer, which compiles", first, "s"),
    ]


def memory() -> list[Row]:
    """Peak memory of 2048x2048 from a 2048x2048 picture, above the imports, in a process of its own."""
    used = float(_python("-c", "from benchmarks import speed; speed.print_peak()"))
    return [Row("peak memory at 4 megapixels, above the imports", used / MB, "MB", 2048)]


def print_peak() -> None:
    """Bytes by which the peak of this process grows over what the imports left."""
    before = psutil.Process().memory_info().rss
    side = MEGAPIXELS[4]
    make(photograph(side, side), (side, side))
    print(peak() - before)


def peak() -> int:
    """Most bytes of memory that this process has held."""
    if platform.system() == "Windows":
        return psutil.Process().memory_info().peak_wset  # type: ignore[attr-defined]
    if platform.system() == "Linux":  # rusage would include the parent's memory at the fork
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _python(*arguments: str, **environment: str) -> str:
    """What Python prints, run with these arguments."""
    run = subprocess.run(
        [sys.executable, *arguments], env=os.environ | environment, check=True, capture_output=True, text=True
    )
    return run.stdout


def profile() -> None:
    """Where the time of one variation goes."""
    picture = pictures.meadow(167, 298)
    make(picture, (167, 298))
    with cProfile.Profile() as profiler:
        make(picture, (167, 298))
    pstats.Stats(profiler).sort_stats("tottime").print_stats(20)


def table(rows: list[Row]) -> Table:
    """The figures, with what falls short of its target in red."""
    result = Table(title=f"Speed, {os.cpu_count()} cores, load {_load()}", box=SIMPLE_HEAD)
    for column in ("what", "measured", "target", "all cores"):
        result.add_column(column, justify="left" if column == "what" else "right", no_wrap=True)
    for row in rows:
        text = _text(row.value, row.unit)
        good = row.most is None or row.value <= row.most
        target = "" if row.most is None else f"<= {row.most:g} {row.unit}".rstrip()
        cpu = "" if row.cpu is None else _text(row.cpu, row.unit)
        result.add_row(row.what, text if good else f"[red]{text}[/red]", target, cpu)
    return result


def _text(value: float, unit: str) -> str:
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.{2 if value >= 0.1 else 3}f} {unit}".rstrip()


def _load() -> str:
    return f"{psutil.getloadavg()[0]:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--small", action="store_true", help="only what takes seconds")
    parser.add_argument("--profile", action="store_true", help="show where the time of a variation goes instead")
    options = parser.parse_args()
    if options.profile:
        profile()
        return
    parts = [starting, small] if options.small else [starting, small, large, memory]
    wide_console().print(table([row for part in parts for row in part()]))


if __name__ == "__main__":
    main()
