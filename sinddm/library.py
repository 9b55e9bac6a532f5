"""The saved textures of this user, by name: one file each, in one folder."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import platformdirs

from sinddm import saved
from sinddm.atomic import UNFINISHED, write_whole
from sinddm.errors import InputError

FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')  # in the file names of some system
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # names of devices on Windows
LONGEST_NAME = 100
MOST_BYTES = 240  # so many, and the suffix, are a file's name on every system
STALE = 3600  # seconds after which an unfinished file belongs to a process that was killed


class Entry(NamedTuple):
    """A texture of the library."""

    name: str
    about: dict[str, Any]
    """See saved.read_about."""
    thumbnail: np.ndarray
    """uint8 (h, w, 3)."""
    bytes: int


def default_folder() -> Path:
    """Where this user's textures are: SINDDM_LIBRARY, or where programs keep their data on this system."""
    wanted = os.environ.get("SINDDM_LIBRARY")
    return Path(wanted) if wanted else platformdirs.user_data_path("sinddm", appauthor=False) / "textures"


class Library:
    """Textures by name in a folder, which is made when first needed."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or default_folder()

    def path(self, name: str) -> Path:
        """The file of a texture, there or not. Raises InputError for a name that cannot be one."""
        if not name.strip() or name != name.strip() or name.startswith(".") or len(name) > LONGEST_NAME:
            raise InputError(
                f"{name!r} cannot be a texture's name: use up to {LONGEST_NAME} characters that do not begin with a "
                "dot, nor begin or end with a space."
            )
        if name.lower().endswith(saved.SUFFIX):
            raise InputError(f"{name!r} cannot be a texture's name: leave out the {saved.SUFFIX} of its file.")
        if len(name.encode(errors="replace")) > MOST_BYTES:
            raise InputError(f"{name!r} cannot be a texture's name: use fewer characters, these take more room.")
        if FORBIDDEN.search(name) or RESERVED.fullmatch(name) or name.endswith("."):
            raise InputError(f"{name!r} cannot be a texture's name: leave out < > : \" / \\ | ? * and device names.")
        return self.folder / f"{name}{saved.SUFFIX}"

    def find(self, name: str) -> Path:
        """The file of a texture. Raises InputError if there is none of that name."""
        path = self.path(name)
        if not path.is_file():
            known = ", ".join(self.names()) or "none yet, sinddm learn makes one"
            raise InputError(f"There is no texture called {name!r}: the library has {known}.")
        return path

    def free(self, name: str) -> Path:
        """The file of a texture to be. Raises InputError if the name is taken."""
        path = self.path(name)
        if path.exists():
            raise InputError(
                f"There is already a texture called {name!r}: choose another name, or delete that one first."
            )
        self._make_folder()
        return path

    def try_writing(self) -> None:
        """Raises InputError where nothing can be saved, before anything is learned for it."""
        trial = self.folder / f"{UNFINISHED}trial"
        write_whole(trial, lambda unfinished: unfinished.write_bytes(b"trial"))
        trial.unlink(missing_ok=True)

    def names(self) -> list[str]:
        """All names, in alphabetical order."""
        if not self.folder.is_dir():
            return []
        self._sweep()
        files = self.folder.glob(f"*{saved.SUFFIX}")
        return sorted((path.stem for path in files if not path.name.startswith(".")), key=str.casefold)

    def show(self, name: str) -> Entry:
        """What a texture says about itself. Raises InputError if it is not there or damaged."""
        path = self.find(name)
        about, thumbnail = saved.read_about(path)
        return Entry(name, about, thumbnail, path.stat().st_size)

    def rename(self, name: str, new: str) -> None:
        """Give a texture another name. Raises InputError if that is taken."""
        try:
            self.find(name).rename(self.free(new))
        except OSError as error:
            raise InputError(f"{name!r} could not be renamed ({error.strerror}): try again.") from error

    def delete(self, name: str) -> None:
        """Remove a texture."""
        try:
            self.find(name).unlink()
        except OSError as error:
            raise InputError(f"{name!r} could not be deleted ({error.strerror}): try again.") from error

    def export(self, name: str, path: Path) -> Path:
        """Copy a texture to a file, or into a folder; return the file's path."""
        source = self.find(name)
        saved.read(source)  # a damaged one does not leave the house
        if path.is_dir():
            path = path / source.name
        if path.suffix.lower() != saved.SUFFIX:
            raise InputError(f"{path} does not end in {saved.SUFFIX}: give the exported texture such a name.")
        _copy(source, path)
        return path

    def add(self, path: Path, name: str | None = None) -> str:
        """Copy a texture file into the library, called as the file is unless `name` says otherwise; return its name."""
        name = path.stem if name is None else name
        target = self.free(name)
        saved.read(path)
        _copy(path, target)
        return name

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"The library {self.folder} cannot be made ({error.strerror}): set SINDDM_LIBRARY to another folder."
            ) from error

    def _sweep(self) -> None:
        """Remove what killed processes left unfinished."""
        for path in self.folder.glob(f"{UNFINISHED}*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > STALE:
                    path.unlink()


def _copy(source: Path, target: Path) -> None:
    write_whole(target, lambda unfinished: unfinished.write_bytes(source.read_bytes()))
