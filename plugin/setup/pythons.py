"""A Python on this computer that can make the engine's environment. An editor's own cannot be used: it is a part of
the editor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..client.starting import FLAGS, environment

VERSIONS = ((3, 12), (3, 13), (3, 11), (3, 14), (3, 10))
"""That the engine's libraries are made for, the one to use first."""
NAMES = (*(f"python{major}.{minor}" for major, minor in VERSIONS), "python3", "python")
PATIENCE = 20.0  # seconds for a Python to say what it is
TEST = """
import json, ssl, struct, sys, sysconfig, venv, zlib
print(json.dumps([sys.version_info[:2], struct.calcsize("P") * 8, sysconfig.get_platform()]))
"""
MISSING = (
    "There is no Python here that can be used: install Python 3.12 ({how}), or use the SinDDM installer that "
    "brings its own."
)
HOW = {
    "win32": "from python.org, or the Microsoft Store",
    "darwin": "from python.org",
    "linux": "on Debian and Ubuntu: sudo apt install python3-venv",
}


class Python(NamedTuple):
    """A Python that can be used."""

    path: Path
    version: tuple[int, int]


def pythons(first: Iterable[Path] = ()) -> Iterator[Python]:
    """All that can be used, the one to use first. first: paths to try before all others."""
    seen: set[Path] = set()
    for path in (*first, *_candidates()):
        if path.is_file() and path not in seen:
            seen.add(path)
            if found := _tried(path):
                yield found


def best(first: Iterable[Path] = (), suits: Callable[[Python], bool] = lambda _: True) -> Python | None:
    """The one to use; None if there is none."""
    return next((one for one in pythons(first) if suits(one)), None)


def missing() -> str:
    """How to get one, in a sentence."""
    return MISSING.format(how=HOW.get(sys.platform, HOW["linux"]))


def _candidates() -> Iterator[Path]:
    suffix = ".exe" if sys.platform == "win32" else ""
    folders = [Path(folder) for folder in os.get_exec_path() if Path(folder).is_absolute()]
    for name in NAMES:
        yield from (folder / f"{name}{suffix}" for folder in folders if not _is_apples(folder))
    home = Path.home()
    for major, minor in VERSIONS:
        if sys.platform == "win32":
            local, files = os.environ.get("LOCALAPPDATA", ""), os.environ.get("PROGRAMFILES", "")
            for folder in (Path(local, "Programs", "Python"), Path(files)):
                yield folder / f"Python{major}{minor}" / "python.exe"
        elif sys.platform == "darwin":
            yield Path(f"/Library/Frameworks/Python.framework/Versions/{major}.{minor}/bin/python3")
            yield from (Path(folder) / f"python{major}.{minor}" for folder in ("/opt/homebrew/bin", "/usr/local/bin"))
        else:
            yield from (Path(folder) / f"python{major}.{minor}" for folder in ("/usr/bin", "/usr/local/bin"))
        yield from sorted((home / ".pyenv" / "versions").glob(f"{major}.{minor}.*/bin/python"))
        yield from sorted((home / ".local/share/uv/python").glob(f"cpython-{major}.{minor}.*/bin/python3"))


def _is_apples(folder: Path) -> bool:
    """On a Mac the one in /usr/bin is too old, or asks to install another thing."""
    return sys.platform == "darwin" and folder == Path("/usr/bin")


def _tried(path: Path) -> Python | None:
    """What it is, by its own word; None if it cannot be used."""
    try:
        done = subprocess.run(
            [str(path), "-I", "-c", TEST],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=environment(),
            timeout=PATIENCE,
            check=False,
            creationflags=FLAGS,
        )
        version, bits, platform = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    if tuple(version) not in VERSIONS or bits != 64 or platform.startswith("mingw"):
        return None
    exact = path.with_name(f"python{version[0]}.{version[1]}")  # the plain name may be another one's after an update
    return Python(exact if exact.is_file() else path, (version[0], version[1]))
