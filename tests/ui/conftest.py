"""What the panel's tests share: a session on a host of arrays, with a real backend of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hosts import Arrays, waves
from sinddm_plugin.client import Client, ClientError
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QApplication
from sinddm_ui.session import Session
from sinddm_ui.settings import Settings
from sinddm_ui.tasks import BY_KEY


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Path]:
    """Folders for a backend that only these tests use; it is stopped afterwards."""
    folder = tmp_path_factory.mktemp("Zustand")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SINDDM_STATE", str(folder / "state"))
        patch.setenv("SINDDM_LIBRARY", str(folder / "library"))
        patch.setenv("SINDDM_MODELS", str(models))
        yield folder
        try:
            Client.connect(start=False).stop(only_idle=False)
        except ClientError:
            return


@pytest.fixture
def host() -> Arrays:
    """A picture with one layer."""
    found = Arrays()
    found.add("meadow", "Meadow", waves())
    return found


@pytest.fixture
def session(qt: QApplication, places: Path, host: Arrays, tmp_path: Path) -> Iterator[Session]:
    """A session whose tasks take little time."""
    found = Session(host, Settings(tmp_path / "panel.json"))
    for task in BY_KEY.values():
        found.choose(task, "quality", "draft")
        found.choose(task, "count", 2)
    found.choose(BY_KEY["text"], "wanted", "red; blue:0.5")
    yield found
    found.close()


@pytest.fixture
def panel(session: Session) -> Iterator[Panel]:
    """The panel, shown."""
    found = Panel(session)
    found.resize(340, 800)
    found.show()
    yield found
    found.close()
