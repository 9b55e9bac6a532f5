"""What the installers of all editors do: a plugin's folder as a whole, its packages, and where the backend is."""

from __future__ import annotations

import json
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sinddm_plugin.client.places import read_json

from sinddm.atomic import write_whole
from sinddm.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
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


def package_files(folder: Path, left_out: set[str]) -> Iterator[tuple[str, bytes]]:
    """The files of a package, by their paths in it, in order. left_out: names of files and folders."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts) or "__pycache__" in parts
        if path.is_file() and not hidden and not left_out & set(parts):
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def write_record(folder: Path) -> None:
    """Tell the plugins by which command this installation's backend starts. folder: where they look. Raises
    InputError."""
    path = folder / RECORD
    beside = Path(sys.executable).with_name("sinddm.exe" if sys.platform == "win32" else "sinddm")
    command = [str(beside)] if beside.is_file() else [sys.executable, "-m", "sinddm.cli"]
    known = read_json(path)
    write(path, json.dumps({**(known if isinstance(known, dict) else {}), "command": command}, indent=1).encode())


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
