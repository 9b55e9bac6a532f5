"""What is learned from: always visible, with its picture; and learning it."""

from __future__ import annotations

from sinddm_plugin.client import Picture
from sinddm_ui.host import HostError, Layer
from sinddm_ui.panel.look import SPACE, button, named, words
from sinddm_ui.panel.pictures import pixmap
from sinddm_ui.qt import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from sinddm_ui.session import Session
from sinddm_ui.tasks import Source, learn

SIDE = 52  # pixels of the thumbnail
MOST_LAYERS = 40  # that are offered
_GONE = {  # what is chosen, but not there now
    "active": "This layer",
    "selected": "The selected layers",
    "layer": "A layer that is gone",
    "texture": "Texture: {}",
}
LONG = ((60, "A minute: good to try"), (300, "Five minutes: better"), (1800, "Half an hour: best"))


class SourceBar(QWidget):
    """The chooser, the thumbnail, and the form to learn."""

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self._shown: object = None
        self._picture = QLabel()
        self._picture.setFixedSize(SIDE, SIDE)
        self._list = named(QComboBox(), "Learn from", "What new pictures are made from")
        self._list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._list.activated.connect(lambda at: session.choose_source(self._list.itemData(at)))
        self._about = words(small=True)
        self._only = named(
            QCheckBox("Only the selection"), "Only the selection", "Learn only what is selected of the layer"
        )
        self._only.clicked.connect(session.choose_only_selection)
        self._learn = button("Learn...", "Learn this texture and keep it in the library", self._unfold)
        self._learn.setCheckable(True)
        self._form = LearnForm(session, self._fold)
        row = QHBoxLayout()
        row.addWidget(self._picture)
        row.addWidget(self._about, 1)
        row.addWidget(self._learn)
        lay = QVBoxLayout(self)
        lay.setContentsMargins(0, 0, 0, 0)
        lay.addWidget(self._list)
        lay.addLayout(row)
        lay.addWidget(self._only)
        lay.addWidget(self._form)
        self._form.hide()
        self.refresh()

    def refresh(self) -> None:
        """Show what can be learned from, and what is."""
        session, document = self._session, self._session.document
        self._fill()
        missing = learn.missing(session.scene) if session.scene else ""
        self._learn.setVisible(missing is None)
        if missing is not None:
            self._fold()
        selection = document is not None and document.selection is not None and session.source.kind != "texture"
        self._only.setVisible(selection)
        self._only.setChecked(session.only_selection)
        texture = next((one for one in session.textures.all if one.name == session.source.name), None)
        if session.source.kind == "texture":
            seconds = texture.view.learned_seconds if texture else None
            about = f"Learned for {seconds:.0f} s" if seconds else "In the library"
            self._show(("texture", session.source.name, texture), texture.thumbnail if texture else None)
        elif missing and session.scene:
            about = missing
            self._show(None, None)
        elif document is None:
            about = "No picture is open"
            self._show(None, None)
        else:
            about = "Ready at once, not learned yet"
            assert session.scene
            layer = session.scene.learned[0]
            self._show((document.id, layer), None, layer)
        self._about.setText(about)

    def _fill(self) -> None:
        """The list: this layer, the selected ones, every other layer, every texture."""
        session, document = self._session, self._session.document
        offered: list[tuple[str, Source]] = []
        if document is not None:
            active = document.layer(document.active)
            offered.append((f"This layer: {active.name}" if active else "This layer", Source()))
            if len(document.selected) > 1:
                offered.append((f"The {len(document.selected)} selected layers", Source("selected")))
            others = [one for one in document.layers if not one.box.empty][:MOST_LAYERS]
            offered += [(f"Layer: {one.name}", Source("layer", one.id)) for one in others]
        offered += [(f"Texture: {one.name}", Source("texture", one.name)) for one in session.textures.all]
        if not any(source == session.source for _, source in offered):
            offered.append((_GONE[session.source.kind].format(session.source.name), session.source))
        if [(self._list.itemText(at), self._list.itemData(at)) for at in range(self._list.count())] != offered:
            self._list.clear()
            for text, source in offered:
                self._list.addItem(text, source)
        self._list.setCurrentIndex([source for _, source in offered].index(session.source))

    def _show(self, key: object, picture: Picture | None, layer: Layer | None = None) -> None:
        """The thumbnail, which is read only when it is another one."""
        if key == self._shown and key is not None:
            return
        self._shown = key
        document = self._session.document
        if layer is not None and document is not None:
            try:
                picture = self._session.host.thumbnail(document.id, layer.id, SIDE * 2)
            except HostError:
                picture = None
        self._picture.setPixmap(pixmap(picture, SIDE, SIDE, self.devicePixelRatioF()))

    def _unfold(self) -> None:
        self._form.setVisible(self._learn.isChecked())
        if self._learn.isChecked():
            self._form.start()

    def _fold(self) -> None:
        self._learn.setChecked(False)
        self._form.hide()


class LearnForm(QFrame):
    """Under what name, and how long."""

    def __init__(self, session: Session, done):
        super().__init__()
        self._session, self._done = session, done
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._name = named(QLineEdit(), "Name of the texture", "What it is called in the library")
        self._long = named(QComboBox(), "How long", "The longer it learns, the better and the more varied the results")
        for seconds, text in LONG:
            self._long.addItem(text, seconds)
        self._long.addItem("As long as I say", 0)
        self._seconds = named(QSpinBox(), "Seconds", "How many seconds to learn")
        self._seconds.setRange(learn.SECONDS.least, learn.SECONDS.most)
        self._seconds.setSuffix(" s")
        self._long.activated.connect(lambda at: self._seconds.setVisible(self._long.itemData(at) == 0))
        start = named(
            QPushButton("Start learning"), "Start learning", "Learning gives way to anything else you ask for"
        )
        start.clicked.connect(lambda _=False: self._learn())
        self._name.returnPressed.connect(self._learn)
        lay = QVBoxLayout(self)
        lay.setSpacing(SPACE)
        for one in (self._name, self._long, self._seconds, start):
            lay.addWidget(one)
        lay.addWidget(
            words("Everything works without it. A learned texture is freer, and can be used in any picture.", True)
        )

    def start(self) -> None:
        """Offer the layer's name and the time of last time."""
        scene, seconds = self._session.scene, self._session.learn_seconds
        self._name.setText(scene.name if scene else "")
        at = self._long.findData(seconds)
        self._long.setCurrentIndex(at if at >= 0 else self._long.findData(0))
        self._seconds.setValue(seconds)
        self._seconds.setVisible(at < 0)
        self._name.setFocus()

    def _learn(self) -> None:
        seconds = self._long.currentData() or self._seconds.value()
        self._session.choose_seconds(seconds)
        if self._session.learn(self._name.text(), seconds):
            self._done()
