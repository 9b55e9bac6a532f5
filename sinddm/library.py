"""The saved textures of this user, by name: one file each, in one folder.

Several processes may use it at once: who gives a texture a name holds a lock for a moment, all else needs none. Only
export and add, which read a whole texture, import torch.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import platformdirs
from filelock import FileLock, Timeout

from sinddm.about import SUFFIX, read_about
from sinddm.atomic import UNFINISHED, write_whole
from sinddm.errors import InputError

FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')  # in the file names of some system
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # names of devices on Windows
LONGEST_NAME = 100
MOST_BYTES = 240  # so many, and the suffix, are a file's name on every system
LOCK = ".lock"  # a file in the library; the system frees it when the process that holds it ends
WAIT = 30.0  # seconds, at most, for others to be done with giving names
STALE = 3600  # seconds after which an unfinished file belongs to a process that was killed


class Entry(NamedTuple):
    """A texture of the library."""

    name: str
    about: dict[str, Any]
    """See about.read_about."""
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
        if name.lower().endswith(SUFFIX):
            raise InputError(f"{name!r} cannot be a texture's name: leave out the {SUFFIX} of its file.")
        if len(name.encode(errors="replace")) > MOST_BYTES:
            raise InputError(f"{name!r} cannot be a texture's name: use fewer characters, these take more room.")
        if FORBIDDEN.search(name) or RESERVED.fullmatch(name) or name.endswith("."):
            raise InputError(f"{name!r} cannot be a texture's name: leave out < > : \" / \\ | ? * and device names.")
        return self.folder / f"{name}{SUFFIX}"

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
        files = self.folder.glob(f"*{SUFFIX}")
        return sorted((path.stem for path in files if not path.name.startswith(".")), key=str.casefold)

    def show(self, name: str) -> Entry:
        """What a texture says about itself. Raises InputError if it is not there or damaged."""
        path = self.find(name)
        about, thumbnail = read_about(path)
        try:
            return Entry(name, about, thumbnail, path.stat().st_size)
        except OSError as error:
            raise InputError(f"There is no texture called {name!r} any more: look which ones there are.") from error

    def rename(self, name: str, new: str) -> None:
        """Give a texture another name. Raises InputError if that is taken."""
        self.find(name)
        self.free(new)
        try:
            with self._alone():
                self.find(name).rename(self.free(new))
        except OSError as error:
            raise InputError(f"{name!r} could not be renamed ({error.strerror}): try again.") from error

    def delete(self, name: str) -> None:
        """Remove a texture."""
        try:
            self.find(name).unlink()  # one step, without the lock: where the disk is full, that could not be made
        except OSError as error:
            raise InputError(f"{name!r} could not be deleted ({error.strerror}): try again.") from error

    def export(self, name: str, path: Path) -> Path:
        """Copy a texture to a file, or into a folder; return the file's path."""
        source = self.find(name)
        _check(source)  # a damaged one does not leave the house
        if path.is_dir():
            path = path / source.name
        if path.suffix.lower() != SUFFIX:
            raise InputError(f"{path} does not end in {SUFFIX}: give the exported texture such a name.")
        write_whole(path, lambda unfinished: unfinished.write_bytes(source.read_bytes()))
        return path

    def add(self, path: Path, name: str | None = None) -> str:
        """Copy a texture file into the library, called as the file is unless `name` says otherwise; return its name."""
        name = path.stem if name is None else name
        self.free(name)
        _check(path)
        self._put(name, lambda unfinished: unfinished.write_bytes(path.read_bytes()), lambda: self.free(name))
        return name

    def keep(self, write: Callable[[Path], object], name: str) -> str:
        """Have `write` write a texture file, Texture.save for one; return the name under which it is kept.

        That is `name`, or where it was taken meanwhile the first that is free of "name 2", "name 3" and so on: what
        took minutes to learn is not lost.
        """
        self.path(name)
        self._make_folder()
        return self._put(name, write, lambda: self._first_free(name)).stem

    def _put(self, name: str, write: Callable[[Path], object], choose: Callable[[], Path]) -> Path:
        """Have `write` write a file, then move it where `choose` says; others are kept waiting for the move only."""
        unfinished = self.folder / f"{UNFINISHED}{secrets.token_hex(6)}{SUFFIX}"
        try:
            try:
                write_whole(unfinished, write)
            except InputError as error:
                raise InputError(str(error).replace(str(unfinished), str(self.path(name)))) from error
            with self._alone():
                target = choose()
                unfinished.rename(target)
        except OSError as error:
            raise InputError(f"{name!r} could not be kept ({error.strerror}): try again.") from error
        finally:
            with suppress(OSError):
                unfinished.unlink()
        return target

    def _first_free(self, name: str) -> Path:
        """The file of the first free name: this one, or a number behind it, and as much of it as there is room for."""
        path, number = self.path(name), 1
        while path.exists():
            number += 1
            end, start = f" {number}", name
            while len(start + end) > LONGEST_NAME or len((start + end).encode()) > MOST_BYTES:
                start = start[:-1]
            path = self.path(start.rstrip() + end)
        return path

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While this lasts no other process gives out names. Raises InputError if others do so for too long."""
        try:
            with FileLock(self.folder / LOCK, timeout=WAIT):
                yield
        except Timeout as error:
            raise InputError(
                "Another program has been changing the library for too long: try again, or close that program first."
            ) from error

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


def _check(path: Path) -> None:
    """Raises InputError for anything but a whole texture."""
    from sinddm.saved import read

    read(path)
