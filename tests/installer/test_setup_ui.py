"""The panel and the installer's window set SinDDM up by the real installer, which they start as a process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).parents[1] / "ui"))

import pytest
from fresh_user import moved_in, press, view_of
from hosts import Arrays, waves
from sinddm_installer.choosing import Window
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QApplication, QCheckBox, QMessageBox, QTimer
from sinddm_ui.session import Session
from sinddm_ui.settings import Settings
from sinddm_ui.tasks import BY_KEY
from waiting import until
from wheel_index import Index


@pytest.fixture
def index(wheels: Path) -> Iterator[Index]:
    """A package index on this computer, over a slow line."""
    found = Index(wheels)
    found.pause = 0.01
    yield found
    found.close()


@pytest.fixture
def home(tmp_path: Path, index: Index, own: Path) -> Iterator[Path]:
    """Of a user without SinDDM."""
    with moved_in(tmp_path / "Jörg Müller", index, own) as folder:
        yield folder


@pytest.fixture
def session(qt: QApplication, home: Path) -> Iterator[Session]:
    """With a picture of one layer."""
    host = Arrays()
    host.add("meadow", "Meadow", waves())
    found = Session(host, Settings(home / "panel.json"))
    yield found
    found.close()


@pytest.fixture
def panel(session: Session) -> Iterator[Panel]:
    """The panel, shown."""
    found = Panel(session)
    found.resize(340, 600)
    found.show()
    yield found
    found.close()


def seen(widget) -> str:
    """All words that are seen."""
    view = view_of(widget)
    return " ".join(one.text() for one in (view._title, view._about, view._told) if one.isVisible())


def test_the_panel_offers_what_is_missing_and_says_what_it_takes(panel: Panel, session: Session):
    assert view_of(panel).isVisible()
    until(lambda: session.setup.plan)
    assert "SinDDM is not on this computer yet" in seen(panel)
    assert "About 450 MB are fetched, and it takes 1.6 GB." in seen(panel)
    assert "GB are free there." in seen(panel)


def test_it_shows_how_far_it_is_and_a_cancel_counts_at_once(panel: Panel, session: Session, home: Path):
    until(lambda: session.setup.plan)
    press(panel, "Set SinDDM up")
    until(lambda: session.setup.step and session.setup.step.done > 2e6)
    assert "SinDDM is being set up Step 3 of 5: Fetching" in seen(panel)
    assert " MB of " in seen(panel)
    press(panel, "Cancel")
    assert session.setup.state == "offered"
    assert view_of(panel)._go.isVisible()
    assert list((home / ".local/share/sinddm/downloads").glob("torch-*.part"))


def test_what_goes_wrong_is_said_and_can_be_tried_again(panel: Panel, session: Session, index: Index):
    until(lambda: session.setup.plan)
    index.close()
    press(panel, "Set SinDDM up")
    until(lambda: session.setup.state == "failed")
    assert "SinDDM could not be set up The internet cannot be reached: check the connection" in seen(panel)
    assert "ERROR: No matching distribution" in session.setup.details
    press(panel, "Try again")
    assert session.setup.state == "working"
    press(panel, "Cancel")


def test_who_does_not_want_it_now_is_asked_again_when_it_is_needed(panel: Panel, session: Session):
    until(lambda: session.setup.plan)
    press(panel, "Not now")
    assert not view_of(panel).isVisible()
    session.make(BY_KEY["generate"])
    until(lambda: session.setup.state == "offered")
    assert view_of(panel).isVisible()


def test_without_its_installer_the_plugin_says_where_to_get_it(panel: Panel, session: Session, monkeypatch):
    until(lambda: session.setup.plan)
    monkeypatch.delenv("SINDDM_INSTALLER")
    session.setup.look_again()
    until(lambda: session.setup.state == "failed")
    assert session.setup.error == (
        "This plugin came without its installer: get SinDDM's archive again, or run its installer."
    )


@pytest.fixture
def window(qt: QApplication, home: Path) -> Iterator[Window]:
    """The installer's window, shown."""
    found = Window()
    found.show()
    until(lambda: found.setup.plan or found.setup.error)
    yield found
    found.close()


def test_the_window_lets_choose_the_editors(window: Window, home: Path):
    box = next(one for one in window.findChildren(QCheckBox) if one.text() == "Krita")
    assert (box.text(), box.isChecked()) == ("Krita", True)
    assert window._chosen() == ["--editors", "krita"]
    box.setChecked(False)
    assert window._chosen() == ["--editors", "none"]


def test_the_window_lets_choose_text_which_stays(window: Window, home: Path):
    (text,) = [one for one in window.findChildren(QCheckBox) if one.text().startswith("Text")]
    assert not text.isChecked()
    text.setChecked(True)
    assert window._chosen()[-2:] == ["--with", "text"]
    program = home / ".local/share/sinddm/venv/bin/sinddm"
    program.parent.mkdir(parents=True)
    program.write_bytes(b"")
    (home / ".local/share/sinddm/install.json").write_text('{"version": "0.1.0", "extras": ["text"]}')
    window.setup.look_again()
    until(lambda: window.setup.plan)
    assert (text.isChecked(), text.isEnabled()) == (True, False)
    (home / ".local/share/sinddm/install.json").unlink()
    window.setup.look_again()
    until(lambda: window.setup.plan)
    assert text.isEnabled(), "once it is gone it can be chosen anew"


def test_the_window_takes_wheels_from_a_folder_and_says_what_is_wrong_with_it(window: Window, home: Path):
    window.setup.words = ("--wheels", str(home / "nowhere"))
    window.setup.look_again()
    until(lambda: window.setup.plan)
    assert "is not there: give another one, or install without it." in seen(window)
    assert not view_of(window)._go.isVisible()


def test_the_window_shows_progress_and_ends_what_it_started(window: Window, home: Path):
    press(window, "Set SinDDM up")
    until(lambda: window.setup.step and window.setup.step.done > 2e6)
    assert not any(box.isVisible() for box in window.findChildren(QCheckBox))
    window.close()
    until(lambda: not _locked(home))


def _locked(home: Path) -> bool:
    """Whether an installer runs."""
    from sinddm_installer.lock import _lock

    number = os.open(home / ".local/share/sinddm/install.lock", os.O_RDWR)
    try:
        _lock(number)
    except OSError:
        return True
    finally:
        os.close(number)
    return False


def test_the_window_removes_what_is_there(window: Window, home: Path):
    data = home / ".local/share/sinddm"
    (data / "venv/bin").mkdir(parents=True)
    (data / "venv/bin/sinddm").write_bytes(b"")
    (data / "textures").mkdir()
    window.setup.look_again()
    until(lambda: window.setup.plan)
    assert window._repair.isVisible()
    QTimer.singleShot(200, _agree)
    press(window, "Remove")
    until(lambda: window.setup.state == "idle")
    assert window._result.text() == f"SinDDM is gone. Your textures are still in {data / 'textures'}."
    assert [path.name for path in data.iterdir()] == ["textures"]


def _agree() -> None:
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    assert "Your textures stay" in box.text()
    yes = box.button(QMessageBox.StandardButton.Yes)
    assert yes
    yes.click()
