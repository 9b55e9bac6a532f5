"""Editors in Flatpak's sandbox: what they may do, and how they start what is outside of it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

from sinddm_installer.course import quiet
from sinddm_installer.folders import write

from sinddm.errors import InputError

NEEDED = {
    "--talk-name=org.freedesktop.Flatpak": "start SinDDM, which is outside of its sandbox",
    "--share=network": "talk to SinDDM, which is on this computer",
}
"""What an editor has to be allowed, and what for."""
DENIED = {
    "--talk-name=org.freedesktop.Flatpak": "--no-talk-name=org.freedesktop.Flatpak",
    "--share=network": "--unshare=network",
}
GRANTED = "{} ({}) could not be allowed what it needs: run this in a terminal, then try again: {}"
PROGRAM = "sinddm"
# the values go through a pipe, as command lines can be read by others, and one of them is secret
SCRIPT = """#!/bin/sh
# SinDDM is outside of this program's sandbox and is started there.
printf 'SINDDM_STATE=%s\\0SINDDM_PANEL_TOKEN=%s\\0' "$SINDDM_STATE" "$SINDDM_PANEL_TOKEN" |
    flatpak-spawn --host --env-fd=3 {command} "$@" 3<&0 </dev/null
"""


def is_there(app: str) -> bool:
    """Whether an app is installed."""
    users = Path.home() / ".local/share/flatpak"
    return any((folder / "app" / app).is_dir() for folder in (users, Path("/var/lib/flatpak")))


def lacking(app: str) -> list[str]:
    """What an app has to be allowed yet."""
    said = _flatpak("info", "--show-permissions", app)
    shared = next((line.partition("=")[2] for line in said.splitlines() if line.startswith("shared=")), "")
    has = {
        "--talk-name=org.freedesktop.Flatpak": "org.freedesktop.Flatpak=talk" in said.splitlines(),
        "--share=network": "network" in shared.split(";"),
    }
    return [one for one in NEEDED if not has[one]]


def allow(app: str, name: str) -> list[str]:
    """Allow an app what it needs. name: as the artist knows it. Returns what it was not allowed before. Raises
    InputError."""
    wanted = lacking(app)
    if wanted:
        _flatpak("override", "--user", *wanted, app)
        if lacking(app):
            raise InputError(GRANTED.format(name, app, shlex.join(["flatpak", "override", "--user", *wanted, app])))
    return wanted


def forbid(app: str, allowed: list[str]) -> None:
    """Take back what was allowed."""
    if allowed:
        _flatpak("override", "--user", *(DENIED[one] for one in allowed if one in DENIED), app)


def write_program(folder: Path, command: list[str]) -> list[str]:
    """A program for within the sandbox that starts one outside of it. Returns its command line. Raises InputError."""
    path = folder / PROGRAM
    write(path, SCRIPT.format(command=shlex.join(command)).encode())
    path.chmod(0o755)
    return [str(path)]


def _flatpak(*words: str) -> str:
    """What flatpak says; empty where it fails."""
    if not shutil.which("flatpak"):
        return ""
    done = subprocess.run(["flatpak", *words], capture_output=True, text=True, check=False, env=quiet({}))
    return done.stdout if done.returncode == 0 else ""
