"""What has to be said: a sentence, what helps, and details for who wants them."""

from __future__ import annotations

from sinddm_ui.panel.look import Fold, button, words
from sinddm_ui.panel.wrap import Wrap
from sinddm_ui.qt import QFrame, Qt, QVBoxLayout
from sinddm_ui.session import Session


class NoticeBar(QFrame):
    """The session's notice, if there is one."""

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._words = words()
        self._help = button("", "Do what helps", self._helped)
        self._close = button("Dismiss", "Show it no more", lambda: session.say(None))
        self._details = words(small=True)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._fold = Fold("Details", "For who wants to report it", self._details)
        lay = QVBoxLayout(self)
        lay.setContentsMargins(6, 4, 6, 4)
        lay.addWidget(self._words)
        lay.addLayout(Wrap((self._help, self._close, self._fold)))
        lay.addWidget(self._details)
        self.refresh()

    def refresh(self) -> None:
        """Show it, or nothing."""
        notice = self._session.notice
        self.setVisible(notice is not None)
        if notice is None:
            return
        self._words.setText(notice.words)
        self.setAccessibleName(notice.words)
        self._help.setText(notice.button)
        self._help.setAccessibleName(notice.button)
        self._help.setVisible(bool(notice.button))
        self._details.setText(notice.details)
        self._fold.setVisible(bool(notice.details))
        self._fold.setChecked(False)
        side = self.palette().highlight().color().name() if not notice.error else "#c0392b"
        self.setStyleSheet(f"NoticeBar {{ border: 0; border-left: 4px solid {side}; }}")

    def _helped(self) -> None:
        notice = self._session.notice
        self._session.say(None)
        if notice is not None:
            notice.help()
