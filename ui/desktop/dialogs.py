"""What the window asks in a dialog. Tests answer in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sinddm_ui.desktop.files import EXPORTED, OPENED
from sinddm_ui.qt import QColor, QColorDialog, QFileDialog, QInputDialog, QMessageBox, QWidget

PICTURES = f"Pictures ({OPENED});;All files (*)"
SAVED = "OpenRaster, with all layers (*.ora);;PNG (*.png);;TIFF (*.tif *.tiff);;OpenEXR (*.exr);;JPEG (*.jpg *.jpeg)"


class Dialogs:
    """Asks the artist."""

    def open(self, parent: QWidget, title: str, folder: str) -> list[Path]:
        """Files to open; none if the artist thinks better of it."""
        return [Path(one) for one in QFileDialog.getOpenFileNames(parent, title, folder, PICTURES)[0]]

    def save(self, parent: QWidget, proposed: str) -> Path | None:
        """Where to save, with a suffix."""
        chosen, kind = QFileDialog.getSaveFileName(parent, "Save as", proposed, SAVED)
        if not chosen:
            return None
        path = Path(chosen)
        if path.suffix.lower() in (".ora", *EXPORTED):
            return path
        return path.with_name(path.name + kind[kind.index("*") + 1 :].split()[0].rstrip(")"))

    def unsaved(self, parent: QWidget, name: str) -> Literal["save", "discard", "cancel"]:
        """What to do with a picture that is not saved."""
        box = QMessageBox(parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Save what you changed in {name}?")
        box.setInformativeText("It is lost otherwise.")
        button = QMessageBox.StandardButton
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)
        answer = box.exec()
        return "save" if answer == button.Save else "discard" if answer == button.Discard else "cancel"

    def percent(self, parent: QWidget) -> int | None:
        """How large a layer is to be."""
        value, taken = QInputDialog.getInt(parent, "Scale layer", "Size in percent of what it is now:", 50, 1, 800)
        return value if taken else None

    def color(self, parent: QWidget, color: QColor) -> QColor | None:
        """Another colour."""
        found = QColorDialog.getColor(color, parent, "Colour of the brush")
        return found if found.isValid() else None

    def tell(self, parent: QWidget, title: str, words: str) -> None:
        """Something to read, beside the work."""
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, words, QMessageBox.StandardButton.Close, parent)
        box.setModal(False)
        box.show()
