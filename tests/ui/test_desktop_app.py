"""`sinddm app` as a program, on a real display."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from desktop_fixtures import meadow
from sinddm_plugin.client import Client, ClientError

from sinddm import files

PATIENCE = 60.0  # seconds for anything to happen, on a busy machine
TOOLS = ("Xvfb", "xdotool")

pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="needs Xvfb and xdotool")


def until(holds: Callable[[], Any], running: subprocess.Popen[bytes]) -> Any:
    """Wait until something holds, while a program lives."""
    end = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found


@pytest.fixture
def display() -> Iterator[str]:
    """A screen of its own."""
    read, write = os.pipe()
    screen = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(screen, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as file:
        number = file.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture
def environment(display: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """For a program with folders of its own, whose backend ends with the test."""
    own = {"SINDDM_STATE": "state", "SINDDM_LIBRARY": "library", "XDG_CONFIG_HOME": "config", "HOME": "home"}
    for name, folder in own.items():
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(name, str(tmp_path / folder))
    kept = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    yield {**kept, "DISPLAY": display, "LC_ALL": "C.UTF-8"}
    with suppress(ClientError):
        Client.connect(start=False).stop()


def windows(environment: dict[str, str], title: str) -> str:
    """The numbers of the windows with a title."""
    line = ["xdotool", "search", "--onlyvisible", "--name", title]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False).stdout.strip()


def test_the_command_opens_a_window_with_the_picture(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "Wälder.png"
    files.write(path, files.Picture(meadow()))
    line = [sys.executable, "-m", "sinddm.cli", "app", str(path)]
    running = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        window = until(lambda: windows(environment, "Wälder.png - SinDDM"), running).splitlines()[0]
        until((tmp_path / "state" / "backend.json").exists, running)  # the panel wakes it
        # closed by its own key, it ends in order
        # xdotool says that it failed, as the window is gone before the key goes up
        subprocess.run(["xdotool", "windowfocus", window], env=environment, check=True, timeout=20)
        subprocess.run(["xdotool", "key", "--window", window, "ctrl+q"], env=environment, check=False, timeout=20)
        _, told = running.communicate(timeout=PATIENCE)
        assert running.returncode == 0, told
        assert b"Traceback" not in told
    finally:
        if running.poll() is None:
            running.kill()
            running.communicate()


def test_a_file_that_is_missing_opens_a_window_that_says_so(environment: dict[str, str], tmp_path: Path) -> None:
    line = [sys.executable, "-m", "sinddm.cli", "app", str(tmp_path / "nothing.png")]
    running = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        until(lambda: windows(environment, "^SinDDM$"), running)
        until((tmp_path / "state" / "backend.json").exists, running)
        running.send_signal(signal.SIGINT)  # Ctrl-C in the terminal
        _, told = running.communicate(timeout=PATIENCE)
        assert b"Traceback" not in told
    finally:
        if running.poll() is None:
            running.kill()
            running.communicate()
