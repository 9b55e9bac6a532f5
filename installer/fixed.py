"""Archives that are the same whenever, wherever and by whomever they are made: sorted, with fixed times and owners."""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sinddm.atomic import write_whole

TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell
EPOCH = 315532800
"""The same in seconds since 1970, as SOURCE_DATE_EPOCH tells it to other programs."""
FOLDER, PROGRAM, FILE = 0o40755, 0o100755, 0o100644
UNIX = 3  # whose modes these are


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip of files by their names; names that end in / are folders. Returns the path. Raises InputError."""

    def write(unfinished: Path) -> None:
        with zipfile.ZipFile(unfinished, "w") as archive:
            for name, data in sorted(files.items()):
                mode = FOLDER if name.endswith("/") else PROGRAM if data.startswith(b"#!") else FILE
                entry = zipfile.ZipInfo(name, TIME)
                entry.create_system = UNIX
                entry.external_attr = mode << 16 | (0x10 if mode == FOLDER else 0)
                entry.compress_type = zipfile.ZIP_STORED if mode == FOLDER else zipfile.ZIP_DEFLATED
                archive.writestr(entry, data)

    write_whole(path, write)
    return path


def write_tar(path: Path, fill: Callable[[tarfile.TarFile], object]) -> Path:
    """A tar, packed as its name says, that `fill` fills with entries made `fixed`. Returns the path. Raises
    InputError."""

    def write(unfinished: Path) -> None:
        packing = _gzip if path.suffix == ".gz" else lzma.open
        with packing(unfinished, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
            fill(archive)

    write_whole(path, write)
    return path


def fixed(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """An entry of nobody and of no time."""
    entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname, entry.pax_headers = EPOCH, 0, 0, "", "", {}
    entry.mode = (FOLDER if entry.isdir() else PROGRAM if entry.mode & 0o100 else FILE) & 0o777
    return entry


@contextmanager
def _gzip(path: Path, mode: Literal["wb"]) -> Iterator[gzip.GzipFile]:
    """Without name and time, which gzip writes down."""
    with path.open(mode) as file, gzip.GzipFile("", mode, 9, file, EPOCH) as packed:
        yield packed
