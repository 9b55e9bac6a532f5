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
from sinddm_plugin.client.version import VERSION

from sinddm.errors import InputError

HERE = Path(__file__).resolve()
SOURCES = ("sinddm", "ui", "plugin", "installer", "pyproject.toml", "README.md", "LICENSE")
EPOCH = "315532800"  # 1980: the same sources make the same wheel
CANNOT = "The SinDDM of this folder could not be made ready ({}): run make env there first."


def own(folder: Path | None, data: Path) -> Path:
    """The wheel of this installer's version: the one that it runs from, else one that lies about. folder: of wheels.
    data: where an earlier installation has kept it. Raises InputError."""
    packages = HERE.parents[1]
    if packages.suffix == ".whl":
        return packages
    if (packages / "pyproject.toml").is_file():
        return built(packages)
    for place in (folder, Path(sys.executable).parent, data):
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
    sources = place / "sources"
    sources.mkdir()
    for name in SOURCES:  # a copy: what was left there from earlier builds must not get in
        path = checkout / name
        if path.is_dir():
            shutil.copytree(path, sources / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(path, sources / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--wheel-dir", str(place), str(sources)]
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, env=quiet({"SOURCE_DATE_EPOCH": EPOCH}), cwd=place
        )
    except subprocess.CalledProcessError as error:
        raise InputError(CANNOT.format(" ".join(error.stderr.split())[-200:] or "it said nothing")) from error
    return next(place.glob("*.whl"))


def _in(folder: Path) -> Path | None:
    return next(iter(sorted(folder.glob(f"sinddm-{VERSION}-*.whl"))), None)
