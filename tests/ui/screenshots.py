"""The panel in each of its states, as pictures: `python tests/ui/screenshots.py FOLDER`. With a backend of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from hosts import Arrays, waves
from sinddm_plugin.client import Client, ClientError
from sinddm_ui.host import Box
from sinddm_ui.notice import Notice
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QApplication, QColor, QPalette, QToolButton
from sinddm_ui.session import Session
from sinddm_ui.settings import Settings
from sinddm_ui.tasks import BY_KEY, TASKS
from waiting import until

WIDTH, HEIGHT, NARROW = 340, 780, 280
DARK = {
    QPalette.ColorRole.Window: "#3c3c3c",
    QPalette.ColorRole.Base: "#2b2b2b",
    QPalette.ColorRole.Button: "#4a4a4a",
    QPalette.ColorRole.WindowText: "#dddddd",
    QPalette.ColorRole.Text: "#dddddd",
    QPalette.ColorRole.ButtonText: "#dddddd",
}


class Photographer:
    """A panel that is brought into its states."""

    def __init__(self, application: QApplication, folder: Path, settings: Path):
        self.application, self.folder = application, folder
        self.host = Arrays()
        self.session = Session(self.host, Settings(settings))
        self.panel = Panel(self.session)
        self.panel.resize(WIDTH, HEIGHT)
        self.panel.show()

    def shot(self, name: str) -> None:
        """A picture of it as it is."""
        for _ in range(5):
            self.application.processEvents()
        self.panel.grab().save(str(self.folder / f"{name}.png"))

    def take_all(self) -> None:
        """All states, one after another."""
        session, host, variations = self.session, self.host, BY_KEY["generate"]
        host.open = False
        host.tell()
        self.shot("no-document")
        host.open = True
        host.add("meadow", "Meadow", waves())
        self.shot("nothing-learned")
        for at, task in enumerate(TASKS):
            self.panel.choose_task(at)
            self.shot(f"task-{task.key}")
        self.panel.choose_task(0)
        work = session.make(variations)
        assert work
        until(lambda: session.link.state == "starting")
        self.shot("first-start")
        until(lambda: (len(work.seen) >= 2 and work.preview is not None) or not work.active)
        self.shot("results-arriving")
        second = session.make(BY_KEY["tile"])
        assert second
        until(lambda: second.job is not None)
        self.shot("queue")
        until(lambda: not second.active and all(one.thumbnail for one in session.results))
        session.keep(session.results.all[0])
        session.apply(session.results.all[1])
        until(lambda: session.results.all[1].applied)
        self.shot("results")
        learning = session.learn("Meadow", 8)
        assert learning
        until(lambda: learning.preview is not None or not learning.active)
        self.shot("learning")
        until(lambda: not learning.active and bool(session.textures.all))
        sentence = "The layer Meadow is empty: choose one with something on it."
        session.say(Notice(sentence, details="HostError: ...", button="Run again"))
        self.shot("error")
        session.say(None)
        session.link.state = "lost"
        session.status_changed.emit()
        self.shot("lost")
        session.link.state = "ready"
        session.status_changed.emit()
        next(one for one in self.panel.findChildren(QToolButton) if one.text() == "Library").click()
        self.shot("library")
        host.selection = Box(20, 20, 40, 30)
        host.tell()
        self.panel.resize(NARROW, HEIGHT)
        self.shot("narrow")
        self.panel.resize(WIDTH, HEIGHT)
        self._dark()
        self.shot("dark")

    def _dark(self) -> None:
        palette = QPalette()
        for role, color in DARK.items():
            palette.setColor(role, QColor(color))
        self.application.setPalette(palette)


def main(folder: Path) -> None:
    """Take them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        os.environ |= {"SINDDM_STATE": f"{place}/state", "SINDDM_LIBRARY": f"{place}/library"}
        for scale in ("100", "large"):
            application = QApplication.instance() or QApplication([])
            assert isinstance(application, QApplication)
            if scale == "large":
                font = application.font()
                font.setPointSizeF(font.pointSizeF() * 1.6)
                application.setFont(font)
                application.setPalette(QPalette())
                one = Photographer(application, folder, Path(place) / "large.json")
                one.host.add("meadow", "Meadow", waves())
                one.shot("large-text")
            else:
                one = Photographer(application, folder, Path(place) / "panel.json")
                one.take_all()
            one.session.close()
        environment = {**os.environ, "QT_SCALE_FACTOR": "1.5"}
        subprocess.run([sys.executable, Path(__file__).with_name("scaled.py"), folder], env=environment, check=True)
        try:
            Client.connect(start=False).stop(only_idle=False)
        except ClientError:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
