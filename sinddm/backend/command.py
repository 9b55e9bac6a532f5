"""How this program starts itself again."""

import sys


def own_command() -> list[str]:
    """The command line of `sinddm`, in an environment as in a bundle."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "sinddm.cli"]
