"""Files that appear complete or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sinddm.errors import InputError

UNFINISHED = ".unfinished-"  # how the names of files begin that are being written


def write_whole(path: Path, write: Callable[[Path], object], *, durable: bool = True) -> None:
    """Have `write` write a file beside `path` with the same suffix, and put it in its place when it is complete.

    durable: wait for the disk, so that it is whole even after the computer stops; what can be made again need not.
    Raises InputError, in words, where that fails; what was at `path` is then still there.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the name of a file in it.")
    unfinished = path.with_name(f"{UNFINISHED}{secrets.token_hex(6)}{path.suffix}")
    try:
        write(unfinished)
        if durable:
            _to_disk(unfinished)
        unfinished.replace(path)
    except InputError as error:
        raise InputError(str(error).replace(str(unfinished), str(path))) from error
    except (OSError, RuntimeError) as error:  # OpenEXR raises RuntimeError
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise InputError(
            f"{path} could not be written ({reason}): choose a folder with space that you may write to."
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _to_disk(path: Path) -> None:
    """Wait until the file is on the disk: a name must not get there before what it names."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
