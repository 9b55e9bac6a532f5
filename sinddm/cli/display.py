"""What the commands with windows need, checked before Qt is."""

import argparse
import importlib.util
import os
import subprocess
import sys

from sinddm.backend.command import own_command
from sinddm.errors import InputError

TELLING = ("connect to display", "Could not find", "is needed to load", ".so")  # in what Qt says


def check() -> None:
    """Refuse in words where Qt is missing, or would end the program: it does that where it finds no display, or no
    library for it."""
    if importlib.util.find_spec("PyQt6") is None:
        raise InputError("The window needs PyQt6, which is not here: install it with pip install PyQt6.")
    if not sys.platform.startswith("linux"):
        return
    if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        raise InputError("The window needs a display, and there is none here: run it in a desktop session.")
    tried = subprocess.run([*own_command(), "display"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if tried.returncode:
        told = [line.split(": ", 1)[-1].strip() for line in tried.stderr.decode(errors="replace").splitlines()]
        why = next((line for line in told if any(word in line for word in TELLING)), "it gives no reason")
        raise InputError(f"The window cannot be shown here ({why.rstrip('.')}): run it in a desktop session.")


def run(args: argparse.Namespace) -> int:
    """Have Qt find its display; it ends the program where it finds none."""
    from PyQt6.QtWidgets import QApplication

    QApplication([])
    return 0
