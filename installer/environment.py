"""The engine's own Python environment.

A new one begins as a copy of the old one by hard links, which takes no time and no space; pip never writes into a file
that is there, so the old one stays as it is.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sinddm_installer.course import Course, quiet
from sinddm_plugin.client.commands import PROGRAM, SCRIPTS
from sinddm_plugin.client.starting import FLAGS

from sinddm.errors import InputError

NAME = "venv"
PYTHON = "python.exe" if sys.platform == "win32" else "python"
WHERE = "import json, sys, sysconfig as s; print(json.dumps([sys.prefix, s.get_path('purelib'), sys.version_info[1]]))"
LONGEST_SCRIPT = 1 << 20
BLOCK = 1 << 20


class Environment(NamedTuple):
    """A folder with a Python and its packages."""

    folder: Path
    packages: Path
    """Where they are."""
    minor: int
    """Its Python is 3.so much."""

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.folder / SCRIPTS / PYTHON


def opened(folder: Path) -> Environment | None:
    """The environment of a folder; None if its Python does not run, as where the system has got another one."""
    try:
        done = subprocess.run(
            [str(folder / SCRIPTS / PYTHON), "-I", "-c", WHERE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=quiet({}),
            check=True,
            timeout=60,
            creationflags=FLAGS,
        )
        prefix, packages, minor = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    here = folder.samefile(prefix) and Path(packages).is_dir()
    return Environment(folder, Path(packages), minor) if here else None


def program(folder: Path) -> Path:
    """SinDDM itself, in an environment."""
    return folder / SCRIPTS / PROGRAM


def begun(folder: Path, python: Path, course: Course, like: Environment | None) -> Environment:
    """An environment in a new folder, which has what `like` has, or nothing. Raises InputError."""
    if like is None or not _linked(like.folder, folder, course):
        shutil.rmtree(folder, ignore_errors=True)
        course.run(python, "-I", "-m", "venv", "--without-pip", folder)
    made = opened(folder)
    if made is None:
        raise InputError(f"{python} made an environment that does not run: install another Python, then try again.")
    return made


def tell_scripts(folder: Path, place: Path) -> None:
    """The scripts know by its whole path which Python runs them: tell them the one it will have. They may be links
    into the old environment, so they are written anew."""
    here, there = os.fsencode(folder), os.fsencode(place)
    for path in (folder / SCRIPTS).iterdir():
        if path.is_file() and not path.is_symlink() and path.stat().st_size < LONGEST_SCRIPT:
            text = path.read_bytes()
            if here in text:
                fresh = path.with_name(f".{path.name}.new")
                fresh.write_bytes(text.replace(here, there))
                shutil.copymode(path, fresh)
                fresh.replace(path)


def broken(made: Environment, course: Course) -> list[Path]:
    """The packages of which a file is missing or is not what was installed, by the folders that describe them."""
    described = sorted(made.packages.glob("*.dist-info"))
    total, done, found = sum(_size(one) for one in described), 0, []
    for info in described:
        try:
            whole = all(_is_whole(made.packages / name, digest, size) for name, digest, size in _record(info))
        except (OSError, ValueError):
            whole = False
        if not whole:
            found.append(info)
        done += _size(info)
        course.at(done, total)
    return found


def discard(made: Environment, infos: list[Path]) -> None:
    """Take packages out, however broken they are."""
    for info in infos:
        with suppress(OSError, ValueError):
            for name, _, _ in list(_record(info)):
                with suppress(OSError):
                    (made.packages / name).unlink()
        shutil.rmtree(info, ignore_errors=True)


def _linked(source: Path, target: Path, course: Course) -> bool:
    """Have the same files in another folder; False where the disk cannot do that."""

    def link(one: str, other: str) -> None:
        course.check()
        os.link(one, other, follow_symlinks=False)

    try:
        shutil.copytree(source, target, symlinks=True, copy_function=link)
    except (OSError, shutil.Error):
        return False
    return True


def _record(info: Path) -> Iterator[tuple[str, str, str]]:
    """What is written down of a package's files: path, digest, size. Raises OSError, ValueError."""
    with (info / "RECORD").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if row:
                name, digest, size = row
                yield name, digest, size


def _size(info: Path) -> int:
    with suppress(OSError, ValueError):
        return sum(int(size or 0) for _, _, size in _record(info))
    return 0


def _is_whole(path: Path, digest: str, size: str) -> bool:
    """Whether a file is as it was written down. What Python compiles for itself does not matter."""
    kind, _, wanted = digest.partition("=")
    if path.suffix == ".pyc":
        return True
    if not path.is_file() or path.parent.name == SCRIPTS:  # scripts are told where they are
        return path.is_file()
    if size and path.stat().st_size != int(size):
        return False
    if not wanted:
        return True
    with path.open("rb") as file:
        found = hashlib.new(kind)
        while block := file.read(BLOCK):
            found.update(block)
    return base64.urlsafe_b64encode(found.digest()).rstrip(b"=").decode() == wanted
