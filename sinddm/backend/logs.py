"""The backend's log: a few files in the state folder, the oldest lines of which go when they are full."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from sinddm.backend.places import LOG

NAME = "backend.log"
BYTES = 1 << 20  # of a file
FILES = 5  # with the one that is being written
SOURCES = "sinddm", "uvicorn.error", "asyncio"  # loggers whose lines are kept
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up(folder: Path) -> None:
    """Write what the program logs to files in the state folder; what goes wrong with these is nobody else's trouble."""
    handler = _Handler(folder / LOG / NAME)
    for name in SOURCES:
        logger = logging.getLogger(name)
        for old in [one for one in logger.handlers if isinstance(one, _Handler)]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    logging.getLogger("uvicorn.access").disabled = True


def tail(folder: Path, lines: int) -> list[str]:
    """The last lines of the log in the state folder, the latest last; [] where there is none."""
    found: list[str] = []
    for number in range(FILES):
        path = folder / LOG / (f"{NAME}.{number}" if number else NAME)
        with suppress(OSError):
            found = path.read_text(encoding="utf-8", errors="replace").splitlines() + found
        if len(found) >= lines:
            break
    return found[-lines:] if lines else []


class _Handler(RotatingFileHandler):
    """Files that only their user can read. A full disk costs lines of the log, and nothing else."""

    def __init__(self, path: Path):
        super().__init__(path, "a", BYTES, FILES - 1, encoding="utf-8", delay=True, errors="backslashreplace")
        self.setFormatter(logging.Formatter(FORMAT))

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open(path, "a", encoding=self.encoding, errors=self.errors, opener=_private)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Begin anew with the next line; the file may be closed, or hold half of this one."""
        stream: Any = self.stream
        self.stream = None  # type: ignore[assignment]
        with suppress(OSError, ValueError, AttributeError):
            stream.close()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
