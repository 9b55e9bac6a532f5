"""What the installers of all editors do: a plugin's folder as a whole, its packages, and where the backend is."""

from __future__ import annotations

import json
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sinddm_plugin.client.places import read_json

from sinddm.atomic import write_whole
from sinddm.errors import InputError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

RECORD = "install.json"


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder beside its place, then put it there: it is the old one or the new one, and never half of one.
    files: by their paths in it. Raises OSError."""
    tag = secrets.token_hex(6)
    fresh, old = folder.with_name(f".{folder.name}-new-{tag}"), folder.with_name(f".{folder.name}-old-{tag}")
    try:
        for name, data in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            if data.startswith(b"#!"):
                path.chmod(0o755)
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def package_files(package: str, left_out: set[str]) -> Iterator[tuple[str, bytes]]:
    """The files of a package, by their paths in it, in order: also where this runs from a wheel. left_out: names of
    files and folders."""

    def below(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
        for one in sorted(folder.iterdir(), key=lambda one: one.name):
            if one.name.startswith(".") or one.name in left_out | {"__pycache__"}:
                continue
            if one.is_dir():
                yield from below(one, f"{path}{one.name}/")
            else:
                yield f"{path}{one.name}", one.read_bytes()

    return below(files(package), "")


def this_command() -> list[str]:
    """By which command the backend of this Python starts."""
    beside = Path(sys.executable).with_name("sinddm.exe" if sys.platform == "win32" else "sinddm")
    return [str(beside)] if beside.is_file() else [sys.executable, "-m", "sinddm.cli"]


def write_record(folder: Path, command: list[str], **more: Any) -> None:
    """Tell the plugins by which command the backend starts. folder: where they look. more: what the installer wants to
    know the next time. Raises InputError."""
    record = {**read_record(folder), "command": command, **more}
    write(folder / RECORD, json.dumps(record, indent=1).encode())


def read_record(folder: Path) -> dict[str, Any]:
    """What was written down the last time."""
    found = read_json(folder / RECORD)
    return found if isinstance(found, dict) else {}


def write(path: Path, data: bytes) -> None:
    """A file as a whole; it keeps who may read it. Raises InputError."""

    def fill(unfinished: Path) -> None:
        unfinished.write_bytes(data)
        if path.exists():
            shutil.copymode(path, unfinished)

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error) from error
    write_whole(path, fill)


def unwritable(path: Path, error: OSError) -> InputError:
    """In words."""
    return InputError(
        f"{path} could not be changed ({error.strerror}): close the editor, and see that you may write there."
    )
