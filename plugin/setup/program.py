"""The installer that came with this plugin: a wheel of SinDDM's own, which Python runs as it is."""

from __future__ import annotations

import os
from pathlib import Path

from ..client.commands import split
from ..client.errors import StartFailed
from ..client.version import VERSION
from . import pythons

START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from sinddm_installer.cli import main; sys.exit(main())"
INCOMPLETE = "This plugin came without its installer: get SinDDM's archive again, or run its installer."


def installer() -> list[str]:
    """The command line of the installer, to which a command is added. Raises StartFailed, saying what to do."""
    if wanted := os.environ.get("SINDDM_INSTALLER", "").strip():
        return split(wanted)
    wheel = own_wheel()
    if wheel is None:
        raise StartFailed(INCOMPLETE)
    python = pythons.best()
    if python is None:
        raise StartFailed(pythons.missing())
    return [str(python.path), "-I", "-c", START, str(wheel)]


def own_wheel() -> Path | None:
    """The wheel beside the plugin's packages, or the one that this runs from."""
    packages = Path(__file__).resolve().parents[2]
    if packages.suffix == ".whl":
        return packages
    return next(iter(sorted(packages.glob(f"sinddm-{VERSION}-*.whl"))), None)
