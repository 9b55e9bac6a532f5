"""The installer as one file, in a system without Python: it tells what is here, shows its window, and sets up the
bundle that lies beside it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from bare import WORK, Bare, until
from screens import photograph, screen, xdotool
from sinddm_installer.release.programs import system as this_system
from sinddm_plugin.client.version import VERSION

LARGEST = 55e6  # bytes
LOOKED = 220  # pixels
PROGRAM = f"{WORK}/get/sinddm-installer"


@pytest.fixture(scope="module")
def alone(system: Bare, made: Path) -> Path:
    """Its folder, in which there is nothing else."""
    folder = system.work / "get"
    folder.mkdir()
    shutil.copy(made / "sinddm-installer", folder)
    return folder


@pytest.fixture(scope="module")
def accompanied(made: Path, alone: Path) -> Path:
    """Its folder, in which the bundle's archive lies beside it."""
    archive = alone / f"sinddm-bundle-{VERSION}-{this_system()}.tar.gz"
    subprocess.run(["tar", "-C", str(made), "-I", "gzip -1", "-cf", str(archive), "sinddm"], check=True)
    return alone


def test_it_is_small(made):
    assert (made / "sinddm-installer").stat().st_size < LARGEST


def test_it_says_its_version(system, alone):
    assert alone
    assert system.run(PROGRAM, "--version").stdout == f"SinDDM {VERSION}\n"


def test_without_python_it_says_what_is_missing(system, alone):
    assert alone
    done = system.run(PROGRAM, "look", "--json")
    assert "There is no Python here" in json.loads(done.stdout.splitlines()[-1])["problem"], done.stderr


def test_with_the_bundle_beside_it_nothing_is_missing(system, accompanied):
    assert accompanied
    told = json.loads(system.run(PROGRAM, "look", "--json").stdout.splitlines()[-1])
    assert (told["chosen"], told["problem"]) == ("bundle", "")
    assert [one["key"] for one in told["builds"]] == ["bundle"]


def test_its_window_says_what_would_be_done(system, accompanied, pictures):
    assert accompanied
    with screen("1000x800x24") as display:
        running = subprocess.Popen(system.line(PROGRAM), env=system.variables(DISPLAY=display), start_new_session=True)
        found = until(lambda: xdotool(display, "search", "--onlyvisible", "--name", "SinDDM")).split()[0]
        until(lambda: height(display, found) > LOOKED)
        photograph(display, pictures / "installer-window.png")
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(30)


def height(display: str, window: str) -> int:
    """Of a window, in pixels; it grows by what can be chosen when it has looked at the computer."""
    said = xdotool(display, "getwindowgeometry", "--shell", window)
    return int(re.findall(r"HEIGHT=(\d+)", said)[0])


def test_it_sets_the_bundle_up_and_takes_it_away(system, accompanied):
    assert accompanied
    home = system.work / "home"
    done = system.run(PROGRAM, "install", "--yes", "--build", "bundle", "--editors", "none")
    assert done.returncode == 0, done.stdout + done.stderr
    data = home / ".local" / "share" / "sinddm"
    command = json.loads((data / "install.json").read_text())["command"]
    assert command == [f"{WORK}/home/.local/share/sinddm/bundle/sinddm"]
    assert system.run(*command, "--version").stdout == f"sinddm {VERSION}\n"
    done = system.run(PROGRAM, "uninstall", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (data / "bundle").exists()
