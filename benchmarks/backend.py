"""What the backend costs over the engine's own time, and the memory it takes.

    python -m benchmarks.backend [--side 4096] [--jobs 40]

A real backend is started as a plugin starts it, and used through the plugin's client.
"""

import argparse
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table
from sinddm_plugin import client as c

from benchmarks import pictures

ROUND_TRIP, SMALL, COPIES = 0.5, 0.030, 4.0  # targets: seconds, seconds, copies of the layer


def painted(side: int) -> tuple[bytes, bytes]:
    """A layer of that side, BGRA of 8 bits, and a selection of a small part of it."""
    meadow = pictures.meadow()
    row = b"".join(bytes(pixel) + b"\xff" for pixel in meadow[meadow.shape[0] // 2, :, ::-1])
    line = (row * (side * 4 // len(row) + 1))[: side * 4]
    lines = [line[4 * (y * 7 % side) :] + line[: 4 * (y * 7 % side)] for y in range(64)]
    selection = bytearray(side * side)
    for y in range(side // 2, side // 2 + 24):
        selection[y * side + side // 2 : y * side + side // 2 + 24] = b"\xff" * 24
    return b"".join(lines[y % 64] for y in range(side)), bytes(selection)


class Memory:
    """The most that this process and the service have grown since `watching` began, together, in bytes."""

    def __init__(self, service: int):
        self._processes = [psutil.Process(), psutil.Process(service)]
        self.most = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look every few milliseconds."""
        stop, before = threading.Event(), self._now()

        def watch() -> None:
            while not stop.wait(0.005):
                self.most = max(self.most, self._now() - before)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _now(self) -> int:
        return sum(process.memory_info().rss for process in self._processes)


def fetched(client: c.Client, wish: c.Request) -> tuple[float, float, int]:
    """Hand in a job, wait for it and fetch its one result: seconds, the engine's part of them, bytes of the result."""
    began = time.perf_counter()
    job = client.wait(client.submit(wish).id)
    result = client.result(job.id, 0)
    return time.perf_counter() - began, job.engine_seconds, memoryview(result.picture.data).nbytes


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--side", type=int, default=4096, help="pixels of the large layer's sides")
    parser.add_argument("--jobs", type=int, default=40, help="how many small jobs")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="sinddm-bench-"))
    os.environ |= {"SINDDM_STATE": str(folder / "state"), "SINDDM_LIBRARY": str(folder / "library")}
    began = time.perf_counter()
    client = c.Client.connect()
    connected = time.perf_counter() - began
    try:
        table = Table(title="The backend, over the engine's own time")
        for column in ("what", "seconds", "engine", "over it", "target"):
            table.add_column(column, justify="left" if column == "what" else "right")

        def row(what: str, whole: float, engine: float, target: float) -> None:
            over, color = whole - engine, "green" if whole - engine <= target else "red"
            table.add_row(what, f"{whole:.3f}", f"{engine:.3f}", f"[{color}]{over:.3f}[/{color}]", f"{target:.3f}")

        small, _ = painted(48)
        tiny = c.Picture(small, 48, 48, "bgra")
        runs = [fetched(client, c.Generate(source=[tiny], quality="draft", seed=seed)) for seed in range(args.jobs)]
        whole, engine, _ = sorted(runs, key=lambda run: run[0] - run[1])[len(runs) // 2]
        row(f"a small job, the middle one of {args.jobs}", whole, engine, SMALL)
        data, selection = painted(args.side)
        layer = c.Picture(data, args.side, args.side, "bgra")
        mask = c.Mask(selection, args.side, args.side)
        memory = Memory(client.health().pid)
        with memory.watching():
            whole, engine, size = fetched(client, c.Fill(source=[layer], picture=layer, mask=mask, quality="draft"))
        row(f"a {args.side}x{args.side} layer filled and fetched", whole, engine, ROUND_TRIP)
        console = Console(highlight=False)
        console.print(table)
        grown = f"{memory.most / len(data):.2f} copies of the layer, target {COPIES}"
        console.print(f"memory of service and client: grown by {grown}")
        console.print(f"the layer: {size / 2**20:.0f} MB; from nothing to a backend that answers: {connected:.2f} s")
    finally:
        client.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
