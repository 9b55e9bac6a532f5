"""Where the backend and its clients find each other: its folders, and the file that says where it listens."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

FILE = "backend.json"
LONGEST_FILE = 1 << 16


class Address(NamedTuple):
    """Where a backend listens, as it wrote it down."""

    port: int
    token: str
    pid: int
    version: str
    protocol: int


def state_folder(system: str = sys.platform) -> Path:
    """The folder of backend.json: SINDDM_STATE, or where programs keep their state on this system."""
    wanted = os.environ.get("SINDDM_STATE")
    return Path(wanted).absolute() if wanted else _users_folder(system, "XDG_STATE_HOME", ".local/state")


def data_folder(system: str = sys.platform) -> Path:
    """The folder that the installer installs into: SINDDM_DATA, or where programs keep their data on this system."""
    wanted = os.environ.get("SINDDM_DATA")
    return Path(wanted).absolute() if wanted else _users_folder(system, "XDG_DATA_HOME", ".local/share")


def read_address(folder: Path | None = None) -> Address | None:
    """What backend.json says; None where there is none, or none that this user's backend has finished writing."""
    found = read_json((folder or state_folder()) / FILE)
    if not isinstance(found, dict):
        return None
    values: list[Any] = [found.get(name) for name in Address._fields]
    if [type(value) for value in values] != [int, str, int, str, int]:
        return None
    address = Address(*values)
    sendable = address.token.isascii() and address.token.isprintable() and address.token
    return address if sendable and 0 < address.port < 1 << 16 else None


def read_json(path: Path) -> Any:
    """A small JSON file of this user's; None if it is anything else, or not there."""
    try:
        if not path.is_file():  # a pipe would never end
            return None
        with path.open("rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                return None  # somebody else's must not get the artist's pictures
            text = file.read(LONGEST_FILE + 1)
        return json.loads(text) if len(text) <= LONGEST_FILE else None
    except (OSError, ValueError, RecursionError):
        return None


def _users_folder(system: str, variable: str, usual: str) -> Path:
    """The program's folder, as platformdirs says; variable and usual: of Linux."""
    home = Path.home()
    if system == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "sinddm"
    wanted = os.environ.get(variable, "")
    if wanted.startswith("/"):
        return Path(wanted) / "sinddm"
    return home / ("Library/Application Support" if system == "darwin" else usual) / "sinddm"
