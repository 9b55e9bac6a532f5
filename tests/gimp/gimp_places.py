"""Which GIMP 3 is tested, how it is started, and what is missing for that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
import systems

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RELEASE = "trixie"
INSIDE = ("gimp", "fonts-dejavu-core", "adwaita-icon-theme")
PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool", "import": "imagemagick"}
CONSOLES = ("gimp-console", "gimp-console-3", "gimp-console-3.0", "gimp-console-3.2")


def name(release: str) -> str:
    """Of the system that is made with this release's GIMP."""
    return f"gimp-{release}"


@cache
def root() -> str:
    """The folder of the system whose GIMP is tested; empty where it is this system's own."""
    if chosen := os.environ.get("SINDDM_TEST_GIMP"):
        return chosen
    return "" if _own() else str(systems.folder_of(name(RELEASE)))


def build(release: str = RELEASE) -> Path:
    """Make the system with GIMP, if it is not there: about a minute, once."""
    return systems.build(name(release), release, INSIDE)


def prepare() -> None:
    """Make what the tests need."""
    if root() == str(systems.folder_of(name(RELEASE))):
        build()


def command(*words: str, folders: tuple[Path, ...] = ()) -> list[str]:
    """A command line of the tested GIMP's system. folders: of this system, which it needs in their places."""
    return systems.command(root(), *words, folders=folders)


def console() -> str:
    """The program without windows."""
    return _own() if not root() else "gimp-console-3"


def program() -> str:
    """The one with windows."""
    return console().replace("-console", "")


def backend_command() -> str:
    """What starts this system's backend, from the tested GIMP."""
    return systems.program_here(root(), ROOT / ".venv" / "bin" / "sinddm")


def own_plug_ins() -> Path:
    """Where the plug-ins are that GIMP itself brings, in its system."""
    top = Path(root() or "/")
    found = next(
        folder for lib in ("usr/lib/*", "usr/lib", "usr/lib64") for folder in top.glob(f"{lib}/gimp/3.0/plug-ins")
    )
    return Path("/") / found.relative_to(top)


def missing() -> str:
    """A sentence that says how to get what is missing; empty where all is there or can be made."""
    if packages := [package for program, package in PROGRAMS.items() if not shutil.which(program)]:
        return f"Missing for the tests in GIMP. Get it by: apt-get install {' '.join(packages)}"
    if root() and not Path(root()).exists() and (why := systems.cannot_build()):
        return f"There is no GIMP 3 here, and no system with one can be made. {why}"
    return ""


@cache
def _own() -> str:
    """This system's GIMP 3, the program without windows; empty if it has none."""
    return next((one for one in CONSOLES if shutil.which(one) and _is_three(one)), "")


def _is_three(program: str) -> bool:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return " 3." in said
