"""Which Krita is tested, how it is started, and what is missing for that."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CHROOT = os.environ.get("SINDDM_TEST_KRITA", "")
"""A folder with a system of its own whose Krita is to be tested; this system's where it is empty."""
CACHE = Path(os.environ.get("SINDDM_TEST_CACHE") or Path.home() / ".cache" / "sinddm-tests")
PACKAGES = "krita python3-pyqt5 xvfb xdotool imagemagick"

# what the other system needs of this one: its kernel's folders, the screen's socket and the tests' folders, and this
# system itself, whose backend is started from there
MOUNTS = """
set -e
root=$1; shift
for one in proc dev tmp sys; do mount --rbind /$one "$root/$one"; done
mkdir -p "$root/host"; mount --rbind / "$root/host"
for one in "$@"; do [ "$one" = -- ] && break; mkdir -p "$root$one"; mount --rbind "$one" "$root$one"; done
while [ "$1" != -- ]; do shift; done; shift
exec chroot "$root" "$@"
"""


def command(*words: str, folders: tuple[Path, ...] = ()) -> list[str]:
    """A command line of the tested Krita's system. folders: of this system, which it needs in their places."""
    if not CHROOT:
        return list(words)
    shared = [str(folder) for folder in folders if not str(folder).startswith("/tmp/")]
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNTS, "sh", CHROOT, *shared, "--", *words]


def backend_command() -> str:
    """What starts this system's backend, from the tested Krita."""
    program = ROOT / ".venv" / "bin" / "sinddm"
    return f"chroot /host {program}" if CHROOT else str(program)


@cache
def version() -> str:
    """Of the tested Krita, such as 5.1.5."""
    found = _ask("env", "QT_QPA_PLATFORM=offscreen", "krita", "--version")
    return (re.findall(r"\d+\.\d+[.\w-]*", found) or ["unknown"])[0]


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
