"""A sentence in the window, above the canvas."""

from __future__ import annotations

from sinddm_ui.qt import QFrame, QHBoxLayout, QLabel, QSizePolicy, Qt, QToolButton, QWidget


class Message(QFrame):
    """Says one thing at a time; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.words = ""
        """What it says; empty if it is hidden."""
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)  # names of files are no markup
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.label.setAccessibleName("Message")
        close = QToolButton(self)
        close.setText("\N{MULTIPLICATION SIGN}")
        close.setToolTip("Hide this message")
        close.setAccessibleName("Hide message")
        close.setAutoRaise(True)
        close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 4, 4)
        row.addWidget(self.label, 1)
        row.addWidget(close)
        self.hide()

    def say(self, words: str) -> None:
        """Say something instead of what it says."""
        self.words = " ".join(words.encode("utf-8", "replace").decode().split())
        self.label.setText(_breakable(self.words))
        self.show()

    def clear(self) -> None:
        """Say nothing."""
        self.words = ""
        self.label.clear()
        self.hide()


def _breakable(words: str) -> str:
    """One line that can be broken after every separator of a path, and within very long names."""
    broken = words.replace("/", "/\N{ZERO WIDTH SPACE}").replace("\\", "\\\N{ZERO WIDTH SPACE}")
    return " ".join(_split(word) for word in broken.split(" "))


def _split(word: str, most: int = 40) -> str:
    return "\N{ZERO WIDTH SPACE}".join(word[at : at + most] for at in range(0, len(word), most)) if word else word
