"""What Python's package index gets: a wheel, and the sources."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path

from sinddm_installer import wheels
from sinddm_installer.fixed import fixed, write_tar

ROOT = Path(__file__).resolve().parents[2]
MORE = ("tests", "benchmarks", "docs", "Makefile", "CHANGELOG.md", "MANIFEST.in")
LOCKS = ("requirements.lock", "requirements-bundle.lock")


def wheel(out: Path) -> Path:
    """Make the wheel, which is the one in the editors' archives too. Raises InputError, OSError."""
    made = wheels.built(ROOT)
    return Path(shutil.copyfile(made, out / made.name))


def sdist(out: Path) -> Path:
    """Make the archive of the sources, with all that tests and makes them. Raises InputError, OSError."""
    with tempfile.TemporaryDirectory(prefix="sinddm-sources-") as folder:
        sources, made = wheels.copied(ROOT, Path(folder, "sources"), *MORE, *LOCKS), Path(folder, "made")
        wheels.make("build", "--sdist", "--no-isolation", "--outdir", made, sources)
        (path,) = made.iterdir()
        with tarfile.open(path) as loose:
            return write_tar(out / path.name, lambda archive: _copy(loose, archive))


def _copy(loose: tarfile.TarFile, archive: tarfile.TarFile) -> None:
    """Entry by entry, sorted: setuptools gives them times and owners of the day."""
    for entry in sorted(loose.getmembers(), key=lambda entry: entry.name):
        archive.addfile(fixed(entry), loose.extractfile(entry))
