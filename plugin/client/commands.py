"""Which command starts the backend on this computer."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from .errors import NotInstalled, StartFailed
from .places import data_folder, read_json

WINDOWS = sys.platform == "win32"
PROGRAM = "sinddm.exe" if WINDOWS else "sinddm"
SCRIPTS = "Scripts" if WINDOWS else "bin"


def serve_command() -> list[str]:
    """The command line that starts the backend. Raises StartFailed, saying what to do, if there is none."""
    return [*program(), "serve"]


def program() -> list[str]:
    """The command line of SinDDM itself, to which a command is added. Raises NotInstalled if it is not there."""
    command = found()
    if not command:
        raise NotInstalled("SinDDM is not installed where its plugins look for it: run its installer, then try again.")
    return command


def found() -> list[str] | None:
    """The command line of SinDDM itself; None if it is not there."""
    wanted = os.environ.get("SINDDM_BACKEND", "").strip()
    return split(wanted) if wanted else _installed() or next(_programs(), None)


def by_installer() -> bool:
    """Whether what is used is the environment that the installer made, to which it can add."""
    return found() == [str(data_folder() / "venv" / SCRIPTS / PROGRAM)]


def split(line: str, windows: bool = WINDOWS) -> list[str]:
    """The words of a command line. On Windows a backslash is a part of a path, and only " quotes."""
    if Path(line).is_file():
        return [line]  # its name may have spaces
    words = shlex.shlex(line, posix=not windows, punctuation_chars=False)
    words.whitespace_split, words.commenters = True, ""
    if windows:
        words.quotes = '"'
    try:
        return [word.strip('"') if windows else word for word in words]
    except ValueError as error:
        raise StartFailed("SINDDM_BACKEND has a quote that does not end: correct it, or remove it.") from error


def _installed() -> list[str] | None:
    """What the installer wrote down, if it is still there."""
    found = read_json(data_folder() / "install.json")
    command = found.get("command") if isinstance(found, dict) else None
    if not isinstance(command, list) or not command or not all(isinstance(word, str) for word in command):
        return None
    return command if shutil.which(command[0]) else None


def _programs() -> Iterator[list[str]]:
    """The programs that are there, the one to use first."""
    data, here = data_folder(), Path(__file__).resolve()
    checkouts = [folder for folder in here.parents if (folder / "pyproject.toml").is_file()]
    on_path = [Path(folder) for folder in os.get_exec_path() if Path(folder).is_absolute()]
    for path in (
        data / "bundle" / PROGRAM,
        data / "venv" / SCRIPTS / PROGRAM,
        *(folder / ".venv" / SCRIPTS / PROGRAM for folder in checkouts),
        *(folder / PROGRAM for folder in on_path),  # not shutil.which: on Windows it looks where the editor was started
    ):
        if path.is_file() and os.access(path, os.X_OK):
            yield [str(path)]
