"""Makes what docs/install.md shows, by the real installer at work: python tests/installer/installer_pictures.py"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).parents[1]))
sys.path.append(str(Path(__file__).parents[1] / "ui"))

import machines
from doc_pictures import keep
from fresh_user import moved_in, press
from hosts import Arrays, waves
from PIL import Image
from sinddm_installer.choosing import Window
from sinddm_installer.wheels import built
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QApplication, QWidget
from sinddm_ui.session import Session
from sinddm_ui.settings import Settings
from waiting import until
from wheel_index import Index

LINE = 0.02  # seconds that each part of a file takes
ENOUGH = 150e6  # bytes, for a picture of the progress
PANEL = (340, 460)


def main() -> None:
    """Make them."""
    application = QApplication([])
    with _fresh():
        window = Window()
        window.show()
        until(lambda: window.setup.plan)
        _keep(window, "install-window")
        press(window, "Set SinDDM up")
        until(lambda: window.setup.step and window.setup.step.done > ENOUGH)
        _keep(window, "install-progress")
        window.close()
    with _fresh() as home:
        host = Arrays()
        host.add("meadow", "Meadow", waves())
        session = Session(host, Settings(home / "panel.json"))
        panel = Panel(session)
        panel.resize(*PANEL)
        panel.show()
        until(lambda: session.setup.plan)
        _keep(panel, "install-panel")
        session.close()
        panel.close()
    application.quit()


@contextmanager
def _fresh() -> Iterator[Path]:
    """The home of a user without SinDDM."""
    index = Index(machines.wheels())
    index.pause = LINE
    try:
        with (
            tempfile.TemporaryDirectory(prefix="sinddm-installer-") as place,
            moved_in(Path(place) / "anna", index, built(machines.ROOT)) as home,
        ):
            yield home
    finally:
        index.close()


def _keep(widget: QWidget, name: str) -> None:
    QApplication.processEvents()
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        widget.grab().save(file.name)
        keep(Image.open(file.name).convert("RGB"), name)


if __name__ == "__main__":
    main()
