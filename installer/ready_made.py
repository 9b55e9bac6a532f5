"""The backend as a folder that is ready to run, for computers without Python. Its archive comes with the installer."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from sinddm_installer.course import Course
from sinddm_plugin.client.commands import PROGRAM
from sinddm_plugin.client.version import VERSION
from sinddm_plugin.setup import Build

from sinddm.errors import InputError

T = TypeVar("T")
KEY = NAME = "bundle"
WHAT = "Complete, without a download. It uses the processor."
UNPACKED = 4  # times as large as its archive, about


def archive() -> Path | None:
    """The archive beside this installer; None if there is none."""
    here = Path(__file__).resolve().parents[1]
    for place in (Path(sys.executable).parent, here.parent if here.suffix == ".whl" else here):
        for suffix in ("zip", "tar.gz", "tar.xz"):
            if found := sorted(place.glob(f"sinddm-bundle-{VERSION}*.{suffix}")):
                return found[0]
    return None


def build(path: Path) -> Build:
    """It as a choice. path: of its archive."""
    return Build(KEY, "Ready-made", WHAT, True, 0, path.stat().st_size * UNPACKED)


def unpack(path: Path, folder: Path, course: Course) -> Path:
    """Lay it out as a folder. Returns the program in it. Raises InputError."""
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as opened:
                _each(opened.infolist(), lambda one: one.file_size, lambda one: _unzip(opened, one, folder), course)
        else:
            with tarfile.open(path) as opened:
                _each(opened.getmembers(), lambda one: one.size, lambda one: opened.extract(one, folder), course)
        if not (folder / PROGRAM).is_file():  # the archive has a folder that has all
            (inside,) = (one for one in folder.iterdir() if (one / PROGRAM).is_file())
            hidden = inside.rename(folder / ".inside")
            for one in hidden.iterdir():
                one.rename(folder / one.name)
            hidden.rmdir()
    except OSError as error:
        raise InputError(f"{path} could not be unpacked ({error.strerror}): make room, then try again.") from error
    except (ValueError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise InputError(f"{path} is not complete: get it again.") from error
    return folder / PROGRAM


def _each(members: Sequence[T], size: Callable[[T], int], take: Callable[[T], object], course: Course) -> None:
    total, done = sum(size(one) for one in members), 0
    for one in members:
        take(one)
        done += size(one)
        course.at(done, max(total, 1))


def _unzip(opened: zipfile.ZipFile, one: zipfile.ZipInfo, folder: Path) -> None:
    """With who may run it, which Python's own forgets."""
    path = Path(opened.extract(one, folder))
    if mode := one.external_attr >> 16 & 0o777:
        path.chmod(mode)
