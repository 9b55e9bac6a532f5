"""The builds of torch, which of them this computer can run, and what they weigh."""

from __future__ import annotations

import os
import platform
import sys
from typing import NamedTuple

from sinddm_installer.probe import Found, probe
from sinddm_plugin.setup import Build

INDEX = "https://download.pytorch.org/whl"
"""Where torch's builds are that the usual index has not; SINDDM_TORCH_INDEX is another one like it."""
OLD_CARDS = (7, 5)
"""Cards below this capability are no longer in the builds for CUDA 13."""
OLDEST_CARD = (5, 0)
ROCM_CARDS = (
    *("gfx900", "gfx906", "gfx908", "gfx90a", "gfx942"),
    *("gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1200", "gfx1201"),
)
"""For which torch's build has been compiled."""
MB = 1_000_000
INTEL_MAC = (
    "The engine's libraries are no longer made for Macs with an Intel processor: use SinDDM on a computer with another "
    "one."
)
AMD_DRIVER = "An AMD graphics card was found, but not AMD's driver for computing: install ROCm to use it."
NONE = "No such graphics card was found."


class Weight(NamedTuple):
    """Of all that is installed, in megabytes, about."""

    download: int
    disk: int


WEIGHTS = {
    ("linux", "cuda"): Weight(2900, 6400),
    ("linux", "rocm"): Weight(5000, 17000),
    ("linux", "cpu"): Weight(450, 1600),
    ("win32", "cuda"): Weight(3000, 6000),
    ("win32", "cpu"): Weight(420, 1500),
    ("darwin", "mps"): Weight(350, 1200),
}
NAMES = {
    "cuda": "NVIDIA graphics card",
    "rocm": "AMD graphics card",
    "mps": "Apple graphics processor",
    "cpu": "Processor",
}


def builds(found: Found | None = None, system: str = sys.platform) -> list[Build]:
    """What there is for this system, the one to choose first; those that cannot run here last."""
    found = probe() if found is None else found
    if system == "darwin":
        return [_build("mps", system, "", INTEL_MAC if not found.apple else "")]
    nvidia, amd = found.nvidia, found.amd
    told = [_build("cuda", system, nvidia.name if nvidia else "", _against_cuda(found))]
    if system == "linux":
        told.append(_build("rocm", system, amd.name if amd else "", _against_rocm(found)))
    told.append(_build("cpu", system, "Runs everywhere; learning takes longer.", ""))
    return sorted(told, key=lambda one: not one.possible)


def index(key: str, found: Found | None = None, system: str = sys.platform) -> str:
    """Where a build of torch is; empty where it is what the usual index has."""
    base = os.environ.get("SINDDM_TORCH_INDEX", "").strip().rstrip("/") or INDEX
    if key == "rocm":
        return f"{base}/rocm6.4"
    if key == "cuda":
        nvidia = (probe() if found is None else found).nvidia
        if nvidia and (nvidia.cuda < 13 or (0, 0) < nvidia.capability < OLD_CARDS):
            return f"{base}/cu126"
        return f"{base}/cu130" if system == "win32" else ""
    return f"{base}/cpu" if key == "cpu" and system == "linux" and platform.machine() == "x86_64" else ""


def kind_of(torch: str, system: str = sys.platform) -> str:
    """Which build a version of torch is."""
    local = torch.partition("+")[2]
    for key, begins in (("cuda", "cu"), ("rocm", "rocm"), ("cpu", "cpu")):
        if local.startswith(begins):
            return key
    usual = {"darwin": "mps", "win32": "cpu"}
    return usual.get(system, "cuda" if platform.machine() == "x86_64" else "cpu")


def _build(key: str, system: str, why: str, against: str) -> Build:
    weight = WEIGHTS[system if (system, key) in WEIGHTS else "linux", key]
    return Build(key, NAMES[key], against or why, not against, weight.download * MB, weight.disk * MB)


def _against_cuda(found: Found) -> str:
    if found.nvidia is None:
        return NONE
    name, capability, cuda = found.nvidia
    if cuda < 12:
        return f"The driver of the {name} is too old: update it to use the card."
    if (0, 0) < capability < OLDEST_CARD:
        return f"The {name} is too old for the engine's libraries: choose the processor."
    return ""


def _against_rocm(found: Found) -> str:
    if found.amd is None:
        return NONE
    if not found.amd.name:
        return AMD_DRIVER
    if found.amd.name not in ROCM_CARDS:
        return f"The AMD graphics card ({found.amd.name}) is not among those of the engine's libraries: use another."
    return ""
