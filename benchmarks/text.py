"""What text costs: seconds and memory of a step towards a text, by CLIP's architecture, with weights by chance.

    python -m benchmarks.text [--models ViT-B-32 ViT-B-16] [--views 8] [--steps 5]

The weights do not matter to the time. A variation takes the engine's own time and about 16 such steps.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psutil
import torch
from rich.console import Console
from rich.table import Table

from benchmarks import pictures
from sinddm import Texture, tasks
from sinddm.device import pick_device
from sinddm.text import tasks as texts
from sinddm.text.clip import Clip
from sinddm.text.guide import Text, gradient
from sinddm.text.models import CONFIG, WEIGHTS
from sinddm.text.prompts import Prompt

SIZE = (64, 96)  # of the estimate that is drawn: the views are as large as CLIP wants them


def main() -> None:
    """Measure each architecture and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["ViT-B-32", "ViT-B-16"], metavar="ARCHITECTURE")
    parser.add_argument("--views", type=int, default=8, help="that CLIP is shown at each step")
    parser.add_argument("--steps", type=int, default=5, help="to measure")
    parser.add_argument("--device", default="auto")
    asked = parser.parse_args()
    device, table = pick_device(asked.device), Table(title="Text, by architecture")
    for column in ("architecture", "parameters", "seconds a step", "memory a step", "a variation without", "and with"):
        table.add_column(column, justify="right")
    for name in asked.models:  # each in a process of its own, that has no memory of an earlier one
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            table.add_row(name, *alone.submit(_measure, name, device, asked.views, asked.steps).result())
    console = Console(width=120)
    console.print(f"{device}, torch {torch.__version__}, {torch.get_num_threads()} threads, {asked.views} views")
    console.print(table)


def _measure(name: str, device: torch.device, views: int, steps: int) -> tuple[str, ...]:
    """The cells of an architecture's row."""
    clip, parameters = _by_chance(name, device)
    seconds, memory = _step(clip, device, views, steps)
    without, with_text = _variation(clip, device, views)
    return (
        f"{parameters / 1e6:.0f} M",
        f"{seconds:.2f}",
        f"{memory / 2**20:.0f} MB",
        f"{without:.1f} s",
        f"{with_text:.1f} s",
    )


def _by_chance(name: str, device: torch.device) -> tuple[Clip, int]:
    """A CLIP of that architecture whose weights are random."""
    import open_clip
    from safetensors.torch import save_file

    model = open_clip.create_model(name, pretrained_text=False)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / CONFIG).write_text(json.dumps({"model_cfg": open_clip.get_model_config(name)}))
        save_file({key: one.contiguous() for key, one in model.state_dict().items()}, folder / WEIGHTS)
        return Clip(folder, device), sum(one.numel() for one in model.parameters())


def _step(clip: Clip, device: torch.device, views: int, steps: int) -> tuple[float, int]:
    """Seconds of a step, and the bytes that it takes for a moment."""
    text = Text(clip, clip.meaning([Prompt("a field of red flowers")]), 0.8)
    x0, chance = torch.zeros(1, 3, *SIZE, device=device), torch.Generator().manual_seed(0)

    def step() -> None:
        gradient(lambda x: x, x0, text, views, chance)
        if device.type == "cuda":
            torch.cuda.synchronize()

    with _Memory(device) as memory:
        step()
    began = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - began) / steps, memory.most


def _variation(clip: Clip, device: torch.device, views: int) -> tuple[float, float]:
    """Seconds of a variation of a small picture without a text, and with one for all of it."""
    texture = Texture.from_image(pictures.meadow(), device=str(device))
    run = tasks.Run(texture.pyramid, [0], tasks.settings_for("normal"))
    text = Text(clip, clip.meaning([Prompt("a field of red flowers")]), 0.8, views=views)
    tasks.generate(run, texture.size)
    began = time.perf_counter()
    tasks.generate(run, texture.size)
    between = time.perf_counter()
    texts.content(run, texture.size, text)
    return between - began, time.perf_counter() - between


class _Memory:
    """The most that is taken meanwhile, on the device or by this process."""

    def __init__(self, device: torch.device):
        self._cuda, self.most = device.type == "cuda", 0
        self._stop = threading.Event()

    def __enter__(self) -> _Memory:
        if self._cuda:
            torch.cuda.reset_peak_memory_stats()
        self._before = self._now()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._cuda:
            self.most = torch.cuda.max_memory_allocated() - self._before

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            self.most = max(self.most, self._now() - self._before)

    def _now(self) -> int:
        return torch.cuda.memory_allocated() if self._cuda else psutil.Process().memory_info().rss


if __name__ == "__main__":
    main()
