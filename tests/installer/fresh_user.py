"""A user without SinDDM on this computer, and the mouse in what sets it up."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sinddm_plugin.setup.program import START
from sinddm_ui.panel.setup import SetupView
from sinddm_ui.qt import QPushButton, QToolButton, QWidget
from wheel_index import Index


@contextmanager
def moved_in(folder: Path, index: Index, own: Path) -> Iterator[Path]:
    """This process is that user's, who has a Krita; the checkout's own SinDDM is not to be found. folder: the home;
    index: where packages come from; own: SinDDM's wheel."""
    (folder / ".local/share/krita").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PIP_", "XDG_", "SINDDM_"))]:
            patch.delenv(name)
        for name, value in index.variables.items():
            patch.setenv(name, value)
        patch.setenv("HOME", str(folder))
        patch.setenv("PATH", "/usr/bin:/bin")
        patch.setenv("SINDDM_INSTALLER", shlex.join([sys.executable, "-I", "-c", START, str(own)]))
        patch.setattr("sinddm_plugin.client.commands._programs", lambda: iter(()))
        yield folder


def view_of(widget: QWidget) -> SetupView:
    """What is about setting up."""
    found = widget.findChild(SetupView)
    assert found
    return found


def press(widget: QWidget, text: str) -> None:
    """A button, by what is on it."""
    buttons = [*widget.findChildren(QPushButton), *widget.findChildren(QToolButton)]
    next(one for one in buttons if one.text() == text and one.isVisible()).click()
