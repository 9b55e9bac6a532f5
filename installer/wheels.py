"""SinDDM's own wheel: what the environment gets, what the plugins carry, and what this installer may be run from."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from sinddm_installer.course import quiet
from sinddm_installer.fixed import EPOCH
from sinddm_plugin.client.version import VERSION

from sinddm.errors import InputError

HERE = Path(__file__).resolve()
SOURCES = ("sinddm", "ui", "plugin", "installer", "pyproject.toml", "README.md", "LICENSE")
CANNOT = "The SinDDM of this folder could not be made ready ({}): run make env there first."


def own(folder: Path | None, data: Path) -> Path:
    """The wheel of this installer's version: the one that it runs from, else one that lies about. folder: of wheels.
    data: where an earlier installation has kept it. Raises InputError."""
    packages = HERE.parents[1]
    if packages.suffix == ".whl":
        return packages
    if (packages / "pyproject.toml").is_file():
        return built(packages)
    for place in (folder, packages, Path(sys.executable).parent, data):  # packages: of a program by PyInstaller
        if place and (found := _in(place)):
            return found
    raise InputError(f"The wheel of SinDDM {VERSION} is missing beside this installer: get the installer again.")


def keep(wheel: Path, data: Path) -> None:
    """Keep the wheel, so that the installation can be repaired without this installer; older ones go. Raises
    OSError."""
    for old in data.glob("sinddm-*.whl"):
        if old.name != wheel.name:
            old.unlink()
    kept = data / wheel.name
    if kept != wheel:
        unfinished = data / f".{wheel.name}.part"
        shutil.copyfile(wheel, unfinished)
        unfinished.replace(kept)


@cache
def built(checkout: Path) -> Path:
    """The wheel of a checkout, made of its sources by the Python that runs this. Raises InputError."""
    place = Path(tempfile.mkdtemp(prefix="sinddm-wheel-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    sources = copied(checkout, place / "sources")
    make("pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", place, sources)
    return next(place.glob("sinddm-*.whl"))


def copied(checkout: Path, folder: Path, *more: str) -> Path:
    """What packages are made of, in a new folder: nothing of earlier builds, and readable by all. more: than SOURCES.
    Returns the folder."""
    folder.mkdir()
    for name in (*SOURCES, *more):
        path, copy = checkout / name, folder / name
        if path.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(path, copy, ignore=ignored, copy_function=_copy_plain)
        else:
            _copy_plain(path, copy)
    return folder


def make(*words: str | Path) -> None:
    """Run one of Python's modules that make packages: the same sources make the same ones. Raises InputError."""
    command = [sys.executable, "-m", *map(str, words)]
    fixed = quiet({"SOURCE_DATE_EPOCH": str(EPOCH)})
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=fixed, cwd=words[-1], umask=0o022)
    if done.returncode:
        raise InputError(CANNOT.format(" ".join(done.stderr.split())[-200:] or "it said nothing"))


def _copy_plain(source: str | Path, target: str | Path) -> None:
    shutil.copyfile(source, target)
    Path(target).chmod(0o644)


def _in(folder: Path) -> Path | None:
    return next(iter(sorted(folder.glob(f"sinddm-{VERSION}-*.whl"))), None)
