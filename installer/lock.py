"""One installation at a time: a lock that the system frees when whoever holds it ends, in whatever way."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sinddm.errors import InputError

FILE = "install.lock"
PATIENCE = 10.0  # seconds in which one that was cancelled ends
POLL = 0.1
BUSY = "Another installation of SinDDM is running: wait until it has ended, then start this one again."

if sys.platform == "win32":
    import msvcrt

    def _lock(number: int) -> None:
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _locked(number: int) -> bool:
    try:
        _lock(number)
    except OSError:
        return False
    return True


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one that installs into this folder, which is made if it is not there. Raises InputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written to ({error.strerror}): see that you may, or set SINDDM_DATA to another folder."
        ) from error
    try:
        until = time.monotonic() + PATIENCE
        while not _locked(number):
            if time.monotonic() > until:
                raise InputError(BUSY)
            time.sleep(POLL)
        yield
    finally:
        os.close(number)
