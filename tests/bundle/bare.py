"""A system without Python, in which the programs run that were bundled."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from sinddm_plugin.client import Client
from sinddm_plugin.client.places import read_address

sys.path.append(str(Path(__file__).parents[1]))
import systems

NAME, RELEASE = "bare", "bookworm"
# what a desktop has for any program with a window: the graphics drivers' libraries, and a font
INSIDE = ("libegl1", "libgl1", "libfontconfig1", "fonts-dejavu-core")
BUNDLE = "/opt/Künstlers Dinge/sinddm"
"""Where the bundle lies in there; nothing can be written there."""
WORK = "/work"
"""The test's folder, in there."""
PATIENCE = 90.0  # seconds for anything to happen, on a busy machine

# of this system only what the kernel and the screen share, the bundle, and the test's folder
ENTER = """
set -e
root=$1 bundle=$2 place=$3 work=$4; shift 4
for one in proc dev sys; do mount --rbind /$one "$root/$one"; done
mount -t tmpfs none "$root/tmp"
mkdir -p "$root$bundle" "$root/work" "$root/tmp/.X11-unix"
mount --bind "$place" "$root$bundle"; mount -o remount,bind,ro "$root$bundle"
mount --bind "$work" "$root/work"
[ -d /tmp/.X11-unix ] && mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
exec /usr/sbin/chroot "$root" /usr/bin/env -C /work "$@"
"""


class Bare:
    """The system. bundle: the folder of this system that is the bundle in there; work: the test's."""

    def __init__(self, bundle: Path, work: Path):
        self.root = systems.build(NAME, RELEASE, INSIDE)
        self.work, self._bundle = work, bundle
        self._started: list[psutil.Process] = []

    def line(self, *words: str) -> list[str]:
        """The command line, of this system, of a program in there."""
        enter = ["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh"]
        return [*enter, str(self.root), BUNDLE, str(self._bundle), str(self.work), *words]

    def variables(self, **more: str) -> dict[str, str]:
        """All that programs in there know."""
        own = {"HOME": f"{WORK}/home", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "COLUMNS": "100"}
        return {**own, "SINDDM_STATE": f"{WORK}/state", "SINDDM_LIBRARY": f"{WORK}/library", **more}

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end. more: variables."""
        env = self.variables(**more)
        return subprocess.run(self.line(*words), env=env, capture_output=True, text=True, check=False, timeout=600)

    def sinddm(self, *words: str, **more: str) -> str:
        """Run a command of the bundle, which must succeed and say nothing bad. Returns what it says."""
        done = self.run(f"{BUNDLE}/sinddm", *words, **more)
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr, done.stderr
        return done.stdout

    def start(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a command of the bundle."""
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        line = self.line(f"{BUNDLE}/sinddm", *words)
        found = subprocess.Popen(line, env=self.variables(**more), start_new_session=True, **quiet)  # type: ignore[call-overload]
        self._started.append(psutil.Process(found.pid))
        return found

    @property
    def backend(self) -> psutil.Process:
        """The service that runs; waits until there is one."""
        return psutil.Process(until(lambda: read_address(self.work / "state")).pid)

    @property
    def client(self) -> Client:
        """A client of it, which like all editors is of this system."""
        return Client(until(lambda: read_address(self.work / "state")))

    def end(self) -> None:
        """End all that was started."""
        if address := read_address(self.work / "state"):
            self._started.append(psutil.Process(address.pid))
        for process in self._started:
            with suppress(psutil.NoSuchProcess):
                for one in (*process.children(recursive=True), process):
                    one.kill()


def until(holds: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Wait until `holds` returns something true, and return that; fail if that takes too long."""
    end = time.monotonic() + patience
    while not (found := holds()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found


def missing() -> str:
    """Why these tests cannot be run; empty if they can."""
    folder = os.environ.get("SINDDM_TEST_BUNDLE", "")
    if not folder:
        return "These tests are of programs that make bundle makes in minutes: make test-bundle runs them."
    if not Path(folder, "sinddm", "sinddm").is_file():
        return f"There is no bundle in {folder}: make bundle makes it."
    return systems.cannot_build()
