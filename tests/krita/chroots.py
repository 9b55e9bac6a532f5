"""The tests in Krita, once more in the Kritas of newer Debians: python tests/krita/chroots.py [trixie] [forky]

Each is a system of its own in a folder of the cache, made once (about three minutes and 1.3 GB); delete the folder to
have it made anew. Needs root, for debootstrap and chroot.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import krita_places

MIRROR = "http://deb.debian.org/debian"
RELEASES = {"trixie": "trixie", "forky": "sid"}  # and which of debootstrap's scripts makes it
INSIDE = ("krita", "python3-pyqt5", "fonts-dejavu-core")
NO_SERVICES = "#!/bin/sh\nexit 101\n"


def main(wanted: list[str]) -> int:
    """Run the tests in each; 1 if any fail."""
    if why := _cannot():
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
    folder = krita_places.CACHE / "chroots" / name
    if folder.exists():
        return folder
    part = folder.with_name(f"{name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    script = Path("/usr/share/debootstrap/scripts") / RELEASES[name]
    _do("debootstrap", "--variant=minbase", name, str(part), MIRROR, str(script))
    (part / "usr/sbin/policy-rc.d").write_text(NO_SERVICES)
    (part / "usr/sbin/policy-rc.d").chmod(0o755)
    _do("chroot", str(part), "apt-get", "install", "-y", "-q", "--no-install-recommends", *INSIDE)
    _do("chroot", str(part), "apt-get", "clean")
    part.rename(folder)
    return folder


def _cannot() -> str:
    """Why it cannot be done here; empty if it can."""
    if os.geteuid() != 0:
        return "These tests make systems of their own, for which they need root: run them with sudo, or in a container."
    if not shutil.which("debootstrap"):
        return "debootstrap is missing. Get it by: apt-get install debootstrap"
    return ""


def _test(folder: Path) -> int:
    """Run the tests against the Krita in there."""
    command = [sys.executable, "-m", "pytest", str(krita_places.HERE)]
    variables = {**os.environ, "SINDDM_TEST_KRITA": str(folder)}
    return subprocess.run(command, env=variables, cwd=krita_places.ROOT, check=False).returncode


def _do(*command: str) -> None:
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    subprocess.run(command, check=True, env={**os.environ, **quiet})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
