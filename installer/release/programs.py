"""The programs that PyInstaller made, as files to give away."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path

from sinddm_installer.fixed import fixed, write_tar
from sinddm_plugin.client.commands import PROGRAM
from sinddm_plugin.client.version import VERSION

from sinddm.errors import InputError

SYSTEMS = {"win32": "windows", "darwin": "macos"}
MACHINES = {"amd64": "x86_64"}


def system() -> str:
    """Which computers the programs of this one are for, as their names say it."""
    machine = platform.machine().lower()
    return f"{SYSTEMS.get(sys.platform, sys.platform)}-{MACHINES.get(machine, machine)}"


def pack(folder: Path, out: Path) -> Path:
    """The bundle's folder as an archive, which the installer takes too. Raises InputError."""
    if not (folder / PROGRAM).is_file():
        raise InputError(f"{folder} is not the bundle: make bundle makes it.")

    def fill(archive) -> None:
        for path in sorted(folder.rglob("*")):
            archive.add(path, Path("sinddm", path.relative_to(folder)).as_posix(), recursive=False, filter=fixed)

    return write_tar(out / f"sinddm-bundle-{VERSION}-{system()}.tar.xz", fill)


def take(program: Path, out: Path) -> Path:
    """The installer's program, under its name. Raises InputError."""
    if not program.is_file():
        raise InputError(f"{program} is not the installer: make installer makes it.")
    return Path(shutil.copy(program, out / f"sinddm-installer-{VERSION}-{system()}{program.suffix}"))
