"""What text still needs, and the buttons that bring it: with its size, its source and its licence before."""

from __future__ import annotations

from sinddm_ui.panel.look import SPACE, named, words
from sinddm_ui.qt import QFrame, QPushButton, QVBoxLayout
from sinddm_ui.session import Session


def _breakable(text: str) -> str:
    """The text, in which long addresses may be broken where the dock is narrow."""
    for sign in "/-_":
        text = text.replace(sign, f"{sign}\N{ZERO WIDTH SPACE}")
    return text


class OfferBar(QFrame):
    """Shown only while something is missing."""

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._words = words(small=True)
        self._fetch = named(QPushButton("Fetch it"), "Fetch it", "Fetch the file that text needs; it can be paused")
        self._fetch.clicked.connect(lambda _=False: session.fetch_model())
        self._add = named(QPushButton("Add text"), "Add text", "Have SinDDM's installer add what text needs")
        self._add.clicked.connect(lambda _=False: session.add_text())
        lay = QVBoxLayout(self)
        lay.setSpacing(SPACE)
        lay.addWidget(self._words)
        lay.addWidget(self._fetch)
        lay.addWidget(self._add)
        session.words.changed.connect(self.refresh)
        session.works_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is missing, if anything is."""
        missing = self._session.words.missing
        self.setVisible(missing is not None)
        self._words.setText(_breakable(missing or ""))
        self._add.setVisible(self._session.words.can_add)
        fetching = any(one.task == "fetch" and one.active for one in self._session.works)
        self._fetch.setVisible(self._session.words.can_fetch and not fetching)
