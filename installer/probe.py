"""What this computer computes with, found out without torch: the driver's own tools and libraries, and the system's
files."""

from __future__ import annotations

import ctypes
import platform
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sinddm_plugin.client.starting import FLAGS, environment

PATIENCE = 10.0  # seconds for a driver's tool to answer
QUERY = "--query-gpu=name,driver_version,compute_cap"
NVIDIA_FOLDERS = ("C:/Windows/System32", "C:/Program Files/NVIDIA Corporation/NVSMI", "/usr/lib/wsl/lib")
CAPABILITY = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR
AMD = "0x1002"
AMD_NODES = "sys/class/kfd/kfd/topology/nodes"


class Nvidia(NamedTuple):
    """A graphics card of NVIDIA's, the best one that was found."""

    name: str
    capability: tuple[int, int]
    """(0, 0) where it could not be found out."""
    cuda: int
    """The newest CUDA whose programs the driver runs, by its first number; 0 where it is too old to tell."""


class Amd(NamedTuple):
    """A graphics card of AMD's, the best one that was found."""

    name: str
    """As the compiler calls it, gfx1030; empty where its driver for computing is not there."""


class Found(NamedTuple):
    """What there is."""

    nvidia: Nvidia | None = None
    amd: Amd | None = None
    apple: bool = False
    """One of Apple's own processors."""


def probe(root: Path = Path("/")) -> Found:
    """Look. root: where the system's files are."""
    if sys.platform == "darwin":
        return Found(apple=_apple())
    return Found(nvidia=_by_tool() or _by_library(), amd=_amd(root) if sys.platform == "linux" else None)


def _apple() -> bool:
    """Also where this Python is one for the older processors and is translated."""
    return platform.machine() == "arm64" or _said("sysctl", "-n", "sysctl.proc_translated").strip() == "1"


def _by_tool() -> Nvidia | None:
    """What nvidia-smi says."""
    tool = next((at for path in (None, *NVIDIA_FOLDERS) if (at := shutil.which("nvidia-smi", path=path))), None)
    if tool is None:
        return None
    found = []
    for line in _said(tool, QUERY, "--format=csv,noheader").splitlines():
        name, driver, capability = ([part.strip() for part in line.rsplit(",", 2)] + ["", ""])[:3]
        if match := re.match(r"(\d+)\.", driver):
            found.append(Nvidia(name, _capability(capability), _cuda_of(int(match[1]))))
    return max(found, key=lambda one: one.capability, default=None)


def _cuda_of(driver: int) -> int:
    """The newest CUDA of a driver: NVIDIA's table of the CUDA toolkit and the drivers that it needs."""
    return next((cuda for least, cuda in ((580, 13), (525, 12), (450, 11)) if driver >= least), 0)


def _capability(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _by_library() -> Nvidia | None:
    """What the driver's own library says, where its tool is not there, as in a sandbox."""
    try:
        cuda = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        version, count, found = ctypes.c_int(), ctypes.c_int(), []
        if cuda.cuInit(0) or cuda.cuDriverGetVersion(ctypes.byref(version)) or cuda.cuDeviceGetCount(_at(count)):
            return None
        for device in range(count.value):
            name, parts = ctypes.create_string_buffer(100), []
            cuda.cuDeviceGetName(name, 100, device)
            for attribute in CAPABILITY:
                value = ctypes.c_int()
                cuda.cuDeviceGetAttribute(_at(value), attribute, device)
                parts.append(value.value)
            found.append(Nvidia(name.value.decode(errors="replace"), (parts[0], parts[1]), version.value // 1000))
    except (OSError, AttributeError):
        return None
    return max(found, key=lambda one: one.capability, default=None)


def _at(value: ctypes.c_int):
    return ctypes.byref(value)


def _amd(root: Path) -> Amd | None:
    """What the kernel's driver for computing lists; else whether there is a card at all."""
    names = []
    for path in (root / AMD_NODES).glob("*/properties"):
        with suppress(OSError):
            if (match := re.search(r"^gfx_target_version (\d+)$", path.read_text(), re.MULTILINE)) and int(match[1]):
                names.append(_gfx(int(match[1])))
    if names:
        return Amd(max(names, key=lambda name: (len(name), name)))
    for path in (root / "sys/class/drm").glob("card*/device/vendor"):
        with suppress(OSError):
            if path.read_text().strip() == AMD:
                return Amd("")
    return None


def _gfx(version: int) -> str:
    """110001 is gfx1101: two decimal digits each, of which the last are written in hexadecimal."""
    return f"gfx{version // 10000}{version // 100 % 100:x}{version % 100:x}"


def _said(*command: str) -> str:
    """What a program says; empty if it is not there or fails."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=environment(),
            timeout=PATIENCE,
            check=False,
            creationflags=FLAGS,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""
