"""Screens that nobody sees, and their pictures and hands."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def screen(size: str = "1600x1000x24") -> Iterator[str]:
    """A screen that nobody sees; gives its name."""
    reads, writes = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writes), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
        pass_fds=[writes],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(writes)
    try:
        with os.fdopen(reads) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(10)


def photograph(display: str, path: Path) -> Path:
    """The screen as it is, as a file."""
    subprocess.run(["import", "-window", "root", str(path)], env=_on(display), check=False, timeout=20)
    return path


def xdotool(display: str, *words: object) -> str:
    """The mouse, the keyboard and the windows; returns what it says."""
    command = ["xdotool", *map(str, words)]
    done = subprocess.run(command, env=_on(display), check=False, timeout=20, capture_output=True, text=True)
    assert not done.returncode or words[0] == "search", f"{words}: {done.stderr}"  # a search that finds nothing fails
    return done.stdout


def _on(display: str) -> dict[str, str]:
    return {**os.environ, "DISPLAY": display}
