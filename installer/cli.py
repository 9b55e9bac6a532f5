"""The commands of the installer."""

from __future__ import annotations

import sys

from sinddm_installer import gimp, krita

EDITORS = {"krita": krita.main, "gimp": gimp.main}
USAGE = "usage: python -m sinddm_installer krita|gimp COMMAND"


def main(words: list[str] | None = None) -> int:
    """Run one command and return its exit code. words: without the program's name."""
    words = sys.argv[1:] if words is None else words
    if not words or words[0] not in EDITORS:
        print(USAGE, file=sys.stderr)
        return 2
    return EDITORS[words[0]](words[1:])
