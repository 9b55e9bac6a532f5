"""Run by the system's Python, with PyQt5 and nothing else: makes two variations in the panel."""

import time

from sinddm_plugin.client import Client, Format, Picture
from sinddm_ui.host import Box, Document, Layer
from sinddm_ui.panel import Panel
from sinddm_ui.qt import QT, QApplication, QPushButton
from sinddm_ui.session import Session
from sinddm_ui.tasks import VARIATIONS

SIDE = 64


class OneLayer:
    """A host with one layer."""

    name = "Test"

    def document(self) -> Document:
        layer = Layer("a", "Meadow", Box(0, 0, SIDE, SIDE))
        return Document("d", "d", "d", SIDE, SIDE, Format("U8", "bgra"), (layer,), "a", ("a",))

    def watch(self, changed: object) -> None:
        pass

    def read(self, document: str, layer: str, box: Box) -> Picture:
        data = bytes(
            (x * y * 7 + c * 31) % 256 if c < 3 else 255 for y in range(SIDE) for x in range(SIDE) for c in range(4)
        )
        return Picture(data, SIDE, SIDE, "bgra")

    def thumbnail(self, document: str, layer: str, side: int) -> Picture:
        return self.read(document, layer, Box(0, 0, SIDE, SIDE))

    def hide_preview(self) -> None:
        pass


def main() -> None:
    application = QApplication([])
    session = Session(OneLayer())  # type: ignore[arg-type]
    session.choose(VARIATIONS, "count", 2)
    session.choose(VARIATIONS, "quality", "draft")
    panel = Panel(session)
    panel.show()
    for at in range(8):
        panel.choose_task(at)
    panel.choose_task(0)
    next(one for one in panel.findChildren(QPushButton) if one.isVisible()).click()
    end = time.monotonic() + 90
    while time.monotonic() < end and not (len(session.results) == 2 and all(one.thumbnail for one in session.results)):
        application.processEvents()
        time.sleep(0.01)
    print(QT, len(session.results), session.results.all[0].name.partition(" ")[0])
    Client.connect(start=False).stop(only_idle=False)
    session.close()


if __name__ == "__main__":
    main()
