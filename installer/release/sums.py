"""The checksums of a release: sha256sum --check SHA256SUMS compares them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from sinddm_installer.folders import write

NAME = "SHA256SUMS"
BLOCK = 1 << 20


def write_sums(out: Path, files: Sequence[Path]) -> Path:
    """Write down the checksums of files of a folder. Returns the path of theirs. Raises InputError, OSError."""
    write(out / NAME, "".join(f"{_sum(path)}  {path.name}\n" for path in sorted(files)).encode())
    return out / NAME


def _sum(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()
