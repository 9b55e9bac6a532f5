"""A folder that is made beside the one in use, and put in its place when it is complete: what is in use is the old one
or the new one, whenever a run was given up, and the next run clears away what is left."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sinddm.errors import InputError

IN_USE = "{} is in use ({}): close the programs that use SinDDM, then start this again."


def beside(current: Path) -> Path:
    """A name for a new folder; every run has another one, as a program of one that was killed may go on."""
    return current.with_name(f"{current.name}.new-{secrets.token_hex(3)}")


def clear(current: Path) -> None:
    """Take away what an earlier run has left: it was killed, or its disk was full."""
    data = current.parent
    for old in sorted(data.glob(f"{current.name}.old-*")):
        if not current.exists():  # it was killed between the two names
            with suppress(OSError):
                old.rename(current)
    for left in (*data.glob(f"{current.name}.new-*"), *data.glob(f"{current.name}.old-*")):
        shutil.rmtree(left, ignore_errors=True)


def put_in_place(fresh: Path, current: Path) -> Callable[[bool], None]:
    """Make it the one in use. Returns what is to be called then: with True to let the one before it go, with False to
    have that one back. Raises InputError, and nothing has changed then."""
    old = current.with_name(f"{current.name}.old-{secrets.token_hex(3)}")
    try:
        if current.exists():
            current.rename(old)
        fresh.rename(current)
    except OSError as error:
        if old.exists() and not current.exists():
            old.rename(current)
        raise InputError(IN_USE.format(current, error.strerror)) from error

    def settle(good: bool) -> None:
        if not good:
            current.rename(fresh)
            if old.exists():
                old.rename(current)
        shutil.rmtree(old if good else fresh, ignore_errors=True)

    return settle
