"""How long SinDDM takes to start: the command, the backend, the engine, the window.

    python -m benchmarks.starting [dist/sinddm/sinddm] [--repeat 3]

Cold: none of the program's files are in memory, as after the computer was started. Warm: the best of some starts.
Needs Xvfb and xdotool.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sinddm_plugin import client as c
from sinddm_plugin.client.places import read_address

TARGET = 5.0  # seconds, warm
MEASURED = ("the command (--version)", "the backend answers", "the engine is ready", "the window is seen")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.starting", description=(__doc__ or "").split("\n")[0])
    beside = Path(sys.executable).with_name("sinddm")
    parser.add_argument("program", nargs="?", type=Path, default=beside, help="default: this environment's")
    parser.add_argument("--repeat", type=int, default=3, help="warm starts (default 3)")
    options = parser.parse_args()
    program = options.program.absolute()
    files = program.parent if (program.parent / "_internal").is_dir() else Path(sys.prefix)
    _forget(files)
    cold = starts(program)
    warm = [min(times) for times in zip(*(starts(program) for _ in range(options.repeat)), strict=True)]
    table = Table("", "cold", "warm", title=f"Seconds until {program} is there")
    for name, first, later in zip(MEASURED, cold, warm, strict=True):
        table.add_row(name, f"{first:.1f}", f"{later:.1f}")
    Console().print(table)
    return 0 if max(warm) < TARGET else 1


def starts(program: Path) -> tuple[float, ...]:
    """Seconds of each of MEASURED, one after another."""
    with tempfile.TemporaryDirectory(prefix="sinddm-starting-") as folder:
        env = {**os.environ, "SINDDM_STATE": folder, "SINDDM_LIBRARY": f"{folder}/library"}
        began = time.perf_counter()
        subprocess.run([program, "--version"], env=env, check=True, capture_output=True)
        command = time.perf_counter() - began
        began = time.perf_counter()
        served = subprocess.Popen([program, "serve"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = _until(lambda: (found := read_address(Path(folder))) and c.Client(found))
        _until(client.health)
        answers = time.perf_counter() - began
        _until(lambda: client.health().engine == "ready")
        ready = time.perf_counter() - began
        window = _window(program, env)
        client.stop()
        served.wait()
        return command, answers, ready, window


def _window(program: Path, env: dict[str, str]) -> float:
    """Seconds until the window is on a screen that nobody sees."""
    reads, writes = os.pipe()
    screen = subprocess.Popen(["Xvfb", "-displayfd", str(writes)], pass_fds=[writes], stderr=subprocess.DEVNULL)
    os.close(writes)
    with os.fdopen(reads) as answer:
        env = {**env, "DISPLAY": f":{answer.readline().strip()}"}
    began = time.perf_counter()
    app = subprocess.Popen([program, "app"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(
        ["xdotool", "search", "--sync", "--onlyvisible", "--name", "SinDDM"], env=env, check=True, capture_output=True
    )
    took = time.perf_counter() - began
    for process in (app, screen):
        process.terminate()
        process.wait()
    return took


def _until(found: Callable[[], Any]) -> Any:
    while True:
        with suppress(c.ClientError):
            if value := found():
                return value
        time.sleep(0.005)


def _forget(folder: Path) -> None:
    """Have the system keep none of the files in memory, where it can be asked to."""
    if hasattr(os, "posix_fadvise"):
        os.sync()
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


if __name__ == "__main__":
    sys.exit(main())
