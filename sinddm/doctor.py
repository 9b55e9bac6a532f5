"""What is installed, what would run where, and whether the engine really runs."""

import json
import os
import platform
import re
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from sinddm import __version__

ENGINE = ("torch", "numpy", "numba", "scipy", "pillow", "tifffile", "imagecodecs", "OpenEXR", "safetensors")
SERVICE = ("fastapi", "uvicorn")


def examine() -> dict[str, Any]:
    """The whole report: sections of names and plain values. It tells every failure and raises none."""
    return {
        "versions": _versions(),
        "computer": _computer(),
        "devices": _devices(),
        "cache": _cache(),
        "backend": _backend(),
        "engine": _try_engine(),
    }


def _versions() -> dict[str, str]:
    found = {"sinddm": __version__, "python": platform.python_version()}
    for name in (*ENGINE, *SERVICE):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def _computer() -> dict[str, Any]:
    import psutil

    memory = psutil.virtual_memory()
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "cores for this program": _usable_cores(),
        "memory free": _gigabytes(memory.available),
        "memory": _gigabytes(memory.total),
    }


def _devices() -> dict[str, Any]:
    """Each device torch can use, its threads or memory, and which one `--device auto` takes."""
    try:
        import torch

        from sinddm.device import pick_device
    except Exception as error:  # a broken installation fails in many ways
        return {"error": _sentence(error)}
    found: dict[str, Any] = {
        "used by default": pick_device().type,
        "cpu": f"{torch.get_num_threads()} threads",
    }
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        found["cuda"] = f"{name}, {_gigabytes(free)} of {_gigabytes(total)} free"
    if torch.backends.mps.is_available():
        found["mps"] = f"Metal, up to {_gigabytes(torch.mps.recommended_max_memory())}"
    return found


def _cache() -> dict[str, Any]:
    from platformdirs import user_cache_path

    folder = user_cache_path("sinddm")
    parent = folder
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    return {"folder": str(folder), "writable": os.access(parent, os.W_OK)}


def _backend() -> dict[str, Any]:
    """Whether one runs, and what the one that runs, or the last that did, says of itself."""
    from sinddm.backend import contact, places

    found: dict[str, Any] = {"running": False}
    try:
        folder = places.state_path()
        found["folder"] = str(folder)
        told = json.loads((folder / places.CONTACT).read_bytes())
        found |= {name: told[name] for name in ("version", "protocol")}
        found["running"] = contact.alive(folder) is not None
    except FileNotFoundError:
        pass
    except Exception as error:  # the file may hold anything
        found["problem"] = f"{places.CONTACT}: {_sentence(error)}"
    return found


def _try_engine() -> dict[str, Any]:
    """Make a small variation of a small picture, with the device that `--device auto` takes."""
    start = time.perf_counter()
    try:
        import numpy as np

        from sinddm.texture import Texture

        y, x = np.mgrid[:48, :64]
        waves = [127.5 + 120 * np.sin(x / a + y / b) for a, b in ((5, 9), (11, 4), (7, 7))]
        texture = Texture.from_image(np.stack(waves, -1).astype(np.uint8))
        ready = time.perf_counter()
        (made,) = texture.generate(size=(40, 56), seed=1, quality="draft")
        if made.shape != (40, 56, 3) or not made.std() > 1:
            return {"ok": False, "problem": "It ran, but the picture it made is empty."}
    except Exception as error:  # whatever it is, the user wants to read it
        return {"ok": False, "problem": _sentence(error)}
    seconds = time.perf_counter() - ready
    return {
        "ok": True,
        "runs on": str(texture.device),
        "start": f"{ready - start:.1f} s",
        "a 56 x 40 draft": f"{seconds:.2f} s",
    }


def words(value: Any) -> str:
    """A value of the report as people read it."""
    return {"True": "yes", "False": "no", "None": "unknown"}.get(str(value), str(value))


def _sentence(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _gigabytes(size: int) -> str:
    return f"{size / 2**30:.1f} GB"


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    """The processor's name; platform.processor() is empty or cryptic on most systems."""
    try:
        if sys.platform == "darwin":
            return _output("sysctl", "-n", "machdep.cpu.brand_string")
        match = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        if match:
            return match[1].strip()
    except (OSError, subprocess.SubprocessError):
        pass
    return platform.processor() or platform.machine()


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
