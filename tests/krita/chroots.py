"""The tests in Krita, once more in the Kritas of newer Debians: python tests/krita/chroots.py [trixie] [forky]

Each is a system of its own in a folder of the cache, made once (about three minutes and 1.3 GB); delete the folder to
have it made anew. Needs root, for debootstrap and chroot.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import krita_places

RELEASES = ("trixie", "forky")
INSIDE = ("krita", "python3-pyqt5", "fonts-dejavu-core")


def main(wanted: list[str]) -> int:
    """Run the tests in each; 1 if any fail."""
    if why := krita_places.systems.cannot_build():
        print(why, file=sys.stderr)
        return 2
    only_build = "--only-build" in wanted
    names = [name for name in wanted if name in RELEASES] or list(RELEASES)
    codes = {}
    for name in names:
        folder = build(name)
        if not only_build:
            codes[name] = _test(folder)
    for name, code in codes.items():
        print(f"{name}: {'passed' if code == 0 else 'FAILED'}")
    return 1 if any(codes.values()) else 0


def build(name: str) -> Path:
    """The folder of a system with Krita, made if it is not there."""
    return krita_places.systems.build(name, name, INSIDE)


def _test(folder: Path) -> int:
    """Run the tests against the Krita in there."""
    command = [sys.executable, "-m", "pytest", str(krita_places.HERE)]
    variables = {**os.environ, "SINDDM_TEST_KRITA": str(folder)}
    return subprocess.run(command, env=variables, cwd=krita_places.ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
