"""What text still needs is offered in the panel: with what it takes before, and nothing comes without a click."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import button, click, shown, words
from hosts import Arrays
from hub import Hub, hub
from sinddm_plugin.client import Client, ClientError
from sinddm_plugin.client.version import VERSION
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QApplication, QPushButton
from sinddm_ui.session import Session
from sinddm_ui.settings import Settings
from sinddm_ui.tasks import TASKS
from waiting import until

WITHOUT_OPEN_CLIP = """#!{python}
import sys
sys.modules["open_clip"] = None
from sinddm.cli import main
sys.exit(main())
"""


@pytest.fixture
def server() -> Iterator[Hub]:
    """A hub that has no model."""
    with hub({}) as found:
        yield found


@pytest.fixture
def places(tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A backend of its own, without a model."""
    for name in ("STATE", "LIBRARY", "MODELS", "DATA"):
        monkeypatch.setenv(f"SINDDM_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    yield tmp_path
    try:
        Client.connect(start=False).stop(only_idle=False)
    except ClientError:
        return


@pytest.fixture
def session(qt: QApplication, places: Path, host: Arrays) -> Iterator[Session]:
    found = Session(host, Settings(places / "panel.json"))
    yield found
    found.close()


@pytest.fixture
def without_open_clip(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the installer has made, without text. Its next run finds no wheels."""
    program = places / "data/venv/bin/sinddm"
    program.parent.mkdir(parents=True)
    program.write_text(WITHOUT_OPEN_CLIP.format(python=sys.executable))
    program.chmod(0o755)
    record = {"command": [str(program)], "version": VERSION, "torch": "cpu", "extras": [], "editors": []}
    (places / "data/install.json").write_text(json.dumps(record))
    monkeypatch.setenv("SINDDM_INSTALLER", f"{sys.executable} -m sinddm_installer")
    monkeypatch.setenv("SINDDM_WHEELS", str(places / "no wheels"))


def show_text(panel: Panel, session: Session) -> None:
    """Choose the task, when it is known what text needs."""
    session.wake()
    until(lambda: session.words.models)
    panel.choose_task([task.key for task in TASKS].index("text"))


def test_a_model_is_fetched_only_by_a_click_which_tells_what_it_takes(panel: Panel, session: Session, server: Hub):
    show_text(panel, session)
    told = words(panel).replace("\N{ZERO WIDTH SPACE}", "")
    assert f"ViT-B-32/laion2b_s34b_b79k, 605 MB from {server.address}/laion/CLIP-ViT-B-32-laion2B" in told
    assert "licence MIT" in told
    assert not button(panel, "Make 4 by text").isEnabled()
    assert not server.asked
    click(panel, "Fetch it")
    until(lambda: session.notice)
    assert server.asked
    assert button(panel, "Fetch it").isEnabled(), "it can be tried again"


@pytest.mark.usefixtures("without_open_clip")
def test_text_itself_can_be_added_by_the_installer(panel: Panel, session: Session):
    show_text(panel, session)
    assert "Text is not a part of this SinDDM yet: about 20 MB are fetched" in words(panel)
    assert "Fetch it" not in [one.text() for one in shown(panel, QPushButton)]
    click(panel, "Add text")
    assert "SinDDM is being set up" in words(panel)
    until(lambda: session.setup.state == "failed")
    assert "The folder of wheels" in words(panel)
    assert session.setup.words[-2:] == ("--with", "text"), "also when it is tried again"
    click(panel, "Not now")
    click(panel, "Add text")
    assert session.setup.words.count("text") == 1
