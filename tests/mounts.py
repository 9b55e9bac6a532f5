"""Disks for tests, where the user may make them."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


def mounted(folder: Path, what: list[str]) -> Iterator[Path]:
    """The folder with a disk on it. what: arguments of mount."""
    try:
        done = subprocess.run(["mount", *what, str(folder)], check=False, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode:
        if "CI" in os.environ and os.geteuid() == 0:
            pytest.fail(f"CI has to be able to mount: {done.stderr.decode()}")
        pytest.skip("only a user who may mount can make such a disk: run the tests as root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
