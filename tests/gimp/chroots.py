"""The tests in GIMP, in the GIMPs of newer Debians: python tests/gimp/chroots.py [trixie] [forky] [--only-build]

Each is a system of its own in a folder of the cache, made once (about a minute and 700 MB); delete the folder to have
it made anew. Needs root, for debootstrap and chroot.
"""

from __future__ import annotations

import os
import subprocess
import sys

import gimp_places

RELEASES = ("trixie", "forky")


def main(wanted: list[str]) -> int:
    """Run the tests in each; 1 if any fail."""
    if why := gimp_places.systems.cannot_build():
        print(why, file=sys.stderr)
        return 2
    codes = {}
    for release in [one for one in wanted if one in RELEASES] or list(RELEASES):
        folder = gimp_places.build(release)
        if "--only-build" not in wanted:
            variables = {**os.environ, "SINDDM_TEST_GIMP": str(folder)}
            tests = [sys.executable, "-m", "pytest", str(gimp_places.HERE)]
            codes[release] = subprocess.run(tests, env=variables, cwd=gimp_places.ROOT, check=False).returncode
    for release, code in codes.items():
        print(f"{release}: {'passed' if code == 0 else 'FAILED'}")
    return 1 if any(codes.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
