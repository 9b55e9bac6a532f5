"""What must hold before the engine's libraries are loaded, and what tests of several folders use."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait must not take the processor from others

# a shell's background job ignores Ctrl-C and so do its children: the tests of it must not depend on who starts them
signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ["SINDDM_MODELS"] = os.devnull  # no test depends on the models of whoever runs it

LONGEST = 240.0  # seconds for a test, on a busy machine


@pytest.fixture(autouse=True)
def no_test_waits_for_ever() -> Iterator[None]:
    """A test that hangs fails, where the system has such a clock. What tests share is not counted."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def give_up(*_: object) -> None:
        raise AssertionError(f"it did not end within {LONGEST:.0f} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, LONGEST, 30)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def qt() -> QApplication:
    """The one application with windows: Qt bears no second one, not even after the first."""
    from PyQt6.QtWidgets import QApplication

    return QApplication([])


@pytest.fixture(scope="session")
def clips() -> tuple[Path, Path]:
    """The folders of two CLIPs, trained from different seeds: one that guides, and one to judge that it never saw."""
    import tiny_clip

    guide, judge = tiny_clip.ready(0, 1)
    return guide, judge


@pytest.fixture(scope="session")
def models(clips: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models with the one that guides: what SINDDM_MODELS is to name."""
    top = tmp_path_factory.mktemp("models")
    (top / "tiny").mkdir()
    (top / "tiny" / "guide").symlink_to(clips[0], target_is_directory=True)
    return top
