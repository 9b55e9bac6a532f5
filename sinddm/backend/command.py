"""How this program starts itself again."""

import shlex
import subprocess
import sys


def own_command() -> list[str]:
    """The command line of `sinddm`, in an environment as in a bundle."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "sinddm.cli"]


def own_line() -> str:
    """The same in one line, as SINDDM_BACKEND is read."""
    return subprocess.list2cmdline(own_command()) if sys.platform == "win32" else shlex.join(own_command())
