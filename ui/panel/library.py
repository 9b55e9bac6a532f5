"""The library: textures to use, rename, give away and remove."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sinddm_ui.panel.look import button, named, words
from sinddm_ui.panel.pictures import pixmap
from sinddm_ui.panel.wrap import Wrap
from sinddm_ui.qt import QFileDialog, QIcon, QListWidget, QListWidgetItem, QSize, Qt, QVBoxLayout, QWidget
from sinddm_ui.session import Session
from sinddm_ui.tasks import Source
from sinddm_ui.textures import Texture

SIDE = 36  # pixels of a thumbnail
FILES = "Textures (*.safetensors)"


class Library(QWidget):
    """A list of textures with what can be done with them."""

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self._shown: tuple[Texture, ...] = ()
        self._asked = ""
        self._list = named(
            QListWidget(), "Library", "Textures that were learned. Double click to use one, F2 to rename it"
        )
        self._list.setIconSize(QSize(SIDE, SIDE))
        self._list.setMaximumHeight(4 * (SIDE + 4))
        self._list.setEditTriggers(QListWidget.EditTrigger.EditKeyPressed)
        self._list.itemChanged.connect(self._renamed)
        self._list.itemActivated.connect(lambda _: self._use())
        self._list.itemSelectionChanged.connect(self._enable)
        self._empty = words("Nothing is learned yet: Learn... above keeps a texture here.", small=True)
        self._question = words()
        self._yes = button("Remove it", "Remove the texture from the library for good", self._remove)
        self._no = button("Leave it", "Keep the texture", lambda: self._ask(""))
        self._buttons = (
            button("Use", "Make new pictures from this texture", self._use),
            button("Rename", "Give it another name", lambda: self._list.editItem(self._list.currentItem())),
            button("Export...", "Write it to a file, to give it away", self._export),
            button("Remove", "Remove it from the library", lambda: self._ask(self._name())),
        )
        self._import = button("Import...", "Put a texture from a file into the library", self._take)
        lay = QVBoxLayout(self)
        lay.setContentsMargins(0, 0, 0, 0)
        for one in (self._empty, self._list):
            lay.addWidget(one)
        lay.addLayout(Wrap((*self._buttons, self._import), 3))
        lay.addWidget(self._question)
        lay.addLayout(Wrap((self._yes, self._no)))
        self._ask("")
        self.refresh()

    def refresh(self) -> None:
        """Show what is in the library."""
        textures = self._session.textures.all
        self._empty.setVisible(not textures)
        self._list.setVisible(bool(textures))
        if textures is not self._shown:
            self._shown, chosen = textures, self._name()
            self._list.blockSignals(True)
            self._list.clear()
            for one in textures:
                item = QListWidgetItem(QIcon(pixmap(one.thumbnail, SIDE, SIDE, self.devicePixelRatioF())), one.name)
                item.setData(Qt.ItemDataRole.UserRole, one.name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
                item.setToolTip(f"{one.name}\n{one.view.width} x {one.view.height}")
                self._list.addItem(item)
                if one.name == chosen:
                    self._list.setCurrentItem(item)
            self._list.blockSignals(False)
        self._enable()

    def _name(self) -> str:
        """The chosen texture's; empty for none."""
        item = self._list.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item else ""

    def _enable(self) -> None:
        for one in self._buttons:
            one.setEnabled(bool(self._name()))

    def _use(self) -> None:
        if name := self._name():
            self._session.choose_source(Source("texture", name))

    def _renamed(self, item: Any) -> None:
        old, new = item.data(Qt.ItemDataRole.UserRole), item.text().strip()
        self._list.blockSignals(True)
        item.setText(old)  # until the library says that it is called otherwise
        self._list.blockSignals(False)
        if new and new != old:
            self._session.textures.rename(old, new)

    def _ask(self, name: str) -> None:
        """Ask whether to remove a texture; empty for no more."""
        self._asked = name
        self._question.setText(f"Remove {name} from the library? It cannot be brought back.")
        for one in (self._question, self._yes, self._no):
            one.setVisible(bool(name))

    def _remove(self) -> None:
        name = self._asked
        self._ask("")
        if self._session.source == Source("texture", name):
            self._session.choose_source(Source())
        self._session.textures.delete(name)

    def _export(self) -> None:
        name = self._name()
        dialog = self._dialog("Export the texture", QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{name}.safetensors")
        dialog.fileSelected.connect(lambda path: self._session.textures.export(name, Path(path)))
        dialog.show()  # open() would block the window behind it

    def _take(self) -> None:
        dialog = self._dialog("Import a texture", QFileDialog.AcceptMode.AcceptOpen)
        dialog.fileSelected.connect(lambda path: self._session.textures.take(Path(path)))
        dialog.show()  # open() would block the window behind it

    def _dialog(self, title: str, mode: Any) -> QFileDialog:
        """A dialog beside the work, not before it."""
        dialog = QFileDialog(self, title, "", FILES)
        dialog.setAcceptMode(mode)
        dialog.setDefaultSuffix("safetensors")
        dialog.setWindowModality(Qt.WindowModality.NonModal)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog
