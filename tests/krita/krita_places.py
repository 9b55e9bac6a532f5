"""Which Krita is tested, how it is started, and what is missing for that."""

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
CHROOT = os.environ.get("SINDDM_TEST_KRITA", "")
"""A folder with a system of its own whose Krita is to be tested; this system's where it is empty."""
CACHE = systems.CACHE
PACKAGES = "krita python3-pyqt5 xvfb xdotool imagemagick"


def command(*words: str, folders: tuple[Path, ...] = ()) -> list[str]:
    """A command line of the tested Krita's system. folders: of this system, which it needs in their places."""
    return systems.command(CHROOT, *words, folders=folders)


def backend_command() -> str:
    """What starts this system's backend, from the tested Krita."""
    return systems.program_here(CHROOT, ROOT / ".venv" / "bin" / "sinddm")


def profile_name() -> str:
    """Of the folder that keeps a profile of the tested Krita; an update of Krita has another one."""
    program = (Path(CHROOT) / "usr/bin/krita" if CHROOT else Path(shutil.which("krita") or "")).stat()
    return f"krita-{Path(CHROOT).name or 'here'}-{program.st_size:x}-{int(program.st_mtime):x}"


@cache
def missing() -> str:
    """A sentence that says how to get what is missing; empty where all is there."""
    here = [program for program in ("Xvfb", "xdotool", "import") if not shutil.which(program)]
    if not CHROOT and not shutil.which("krita"):
        here.append("krita")
    elif not _ask("python3", "-c", "import PyQt5.QtWidgets; print('here')"):
        here.append("PyQt5")
    if not here:
        return ""
    return f"Missing for the tests in Krita: {', '.join(here)}. Get it by: apt-get install {PACKAGES}"


def _ask(*words: str) -> str:
    """What a command of the tested Krita's system says; empty if it fails."""
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "HOME": "/tmp"}
    found = subprocess.run(command(*words), capture_output=True, text=True, env=environment, check=False)
    return found.stdout if found.returncode == 0 else ""
