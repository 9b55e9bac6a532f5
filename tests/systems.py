"""Systems of their own, each in a folder of the cache, for editors that this one has not: made once, by debootstrap."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

CACHE = Path(os.environ.get("SINDDM_TEST_CACHE") or Path.home() / ".cache" / "sinddm-tests")
MIRROR = "http://deb.debian.org/debian"
SCRIPTS = {"forky": "sid"}
"""Which of debootstrap's scripts makes a release that it does not know yet."""
NO_SERVICES = "#!/bin/sh\nexit 101\n"

# what the other system needs of this one: its kernel's folders, the screen's socket and the tests' folders, and this
# system itself, whose backend is started from there
MOUNTS = """
set -e
root=$1; shift
for one in proc dev tmp sys; do mount --rbind /$one "$root/$one"; done
mkdir -p "$root/host"; mount --rbind / "$root/host"
for one in "$@"; do
    [ "$one" = -- ] && break
    if [ -d "$one" ]; then mkdir -p "$root$one"; else touch "$root$one"; fi
    mount --rbind "$one" "$root$one"
done
while [ "$1" != -- ]; do shift; done; shift
exec /usr/sbin/chroot "$root" "$@"
"""


def folder_of(name: str) -> Path:
    """Where the system of this name is, or would be made; delete it to have it made anew."""
    return CACHE / "chroots" / name


def cannot_build() -> str:
    """Why none can be made here; empty if one can."""
    if os.geteuid() != 0:
        return "These tests make systems of their own, for which they need root: run them with sudo, or in a container."
    if not shutil.which("debootstrap"):
        return "debootstrap is missing. Get it by: apt-get install debootstrap"
    return ""


def build(name: str, release: str, packages: tuple[str, ...]) -> Path:
    """The folder of a Debian of this release with these packages, made if it is not there."""
    folder = folder_of(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{name}.lock")):
        if not folder.exists():
            _make(folder.with_name(f"{name}.part"), release, packages).rename(folder)
    return folder


def _make(part: Path, release: str, packages: tuple[str, ...]) -> Path:
    """Make it where nobody uses it yet."""
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    script = Path("/usr/share/debootstrap/scripts") / SCRIPTS.get(release, release)
    _do("debootstrap", "--variant=minbase", release, str(part), MIRROR, str(script))
    (part / "usr/sbin/policy-rc.d").write_text(NO_SERVICES)
    (part / "usr/sbin/policy-rc.d").chmod(0o755)
    _do("chroot", str(part), "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages)
    _do("chroot", str(part), "apt-get", "clean")
    return part


def command(root: str, *words: str, folders: tuple[Path, ...] = ()) -> list[str]:
    """A command line of the system in this folder, of this one where it is empty. folders: of this system, which it
    needs in their places; files as well."""
    if not root:
        return list(words)
    shared = [str(folder) for folder in folders if not str(folder).startswith("/tmp/")]
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNTS, "sh", root, *shared, "--", *words]


def program_here(root: str, program: Path) -> str:
    """What starts a program of this system from the one in this folder."""
    return f"/usr/sbin/chroot /host {program}" if root else str(program)


def _do(*command: str) -> None:
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    subprocess.run(command, check=True, env={**os.environ, **quiet})
