"""Opening and saving for the window: what it works on, and where that is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sinddm_ui.desktop import editing, files, images, openraster
from sinddm_ui.desktop.boxes import NOWHERE
from sinddm_ui.desktop.document import Artwork, PaintLayer
from sinddm_ui.desktop.form import Form
from sinddm_ui.host import HostError
from sinddm_ui.qt import QImage, QMimeData, QSettings

MOST_RECENT = 10
PASTED = "Pasted"


class Papers:
    """Reads and writes documents. What cannot be done is said, and changes nothing."""

    def __init__(self, say: Callable[[str], object], settings: QSettings):
        self._say, self._settings = say, settings

    def read(self, path: Path) -> Artwork | None:
        """A document from a file; None if it cannot be opened, which is then said."""
        try:
            art = files.open_document(path.absolute())
        except (HostError, MemoryError) as error:
            self._say(str(error) or f"{path.name} does not fit into memory: make it smaller.")
            return None
        blended = {one.blending for one in art.layers} - {openraster.NORMAL}
        if blended:
            self._say("Some layers of this file are mixed in ways that are shown as normal here. Saving keeps them.")
        self.remember(art)
        return art

    def read_layer(self, path: Path, art: Artwork) -> PaintLayer | None:
        """A file as a layer for a document."""
        try:
            return files.open_layer(path.absolute(), art.form)
        except (HostError, MemoryError) as error:
            self._say(str(error) or f"{path.name} does not fit into memory: make it smaller.")
            return None

    def write(self, art: Artwork, path: Path) -> bool:
        """Save a document: with its layers as OpenRaster, else what is seen of it. Whether that worked."""
        whole = path.suffix.lower() == openraster.SUFFIX
        try:
            if whole:
                openraster.write(art, path)
                told = ""
            else:
                told = files.export(art, path)
        except (HostError, MemoryError) as error:
            self._say(str(error) or "There is not enough memory to save: close other programs and try again.")
            return False
        lossy = path.suffix.lower() in (".jpg", ".jpeg")
        plain = len(art.layers) == 1 and art.layers[0].visible and art.layers[0].place == art.canvas
        if whole or (plain and not told and not lossy):
            art.path = path
            art.history.saved()
            art.tell(NOWHERE)
            self.remember(art)
        elif not told:
            told = f"What is seen was saved as {path.name}. The layers are kept only in an OpenRaster file (.ora)."
        if told:
            self._say(told)
        return True

    def paste(self, data: QMimeData, art: Artwork | None, middle: tuple[int, int]) -> Artwork | None:
        """Put what was copied or dropped in as layers; a new document where there is none to put it in."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            return self.add(paths, art, middle)
        image = data.imageData() if data.hasImage() else None
        if not isinstance(image, QImage) or image.isNull():
            self._say("There is no picture to paste: copy one first.")
            return art
        array = images.array_of(image)
        if art is None:
            form = Form(array.dtype)
            made = Artwork(form, array.shape[1], array.shape[0], [PaintLayer(PASTED, array)])
            made.history.unsaved()
            return made
        editing.pasted(art, PaintLayer(PASTED, art.form.fit(array, linear=False)), middle)
        return art

    def add(self, paths: list[Path], art: Artwork | None, middle: tuple[int, int]) -> Artwork | None:
        """Put files in as layers; the first is opened where nothing is open."""
        for path in paths:
            if art is None:
                art = self.read(path)
                continue
            layer = self.read_layer(path, art)
            if layer is not None:
                editing.pasted(art, layer, middle)
        return art

    @property
    def recent(self) -> list[str]:
        """Paths of what was opened or saved last, the latest first."""
        found = self._settings.value("recent", [])
        found = [found] if isinstance(found, str) else found or []
        return [one for one in found if isinstance(one, str) and one]

    def remember(self, art: Artwork) -> None:
        """It was opened or saved."""
        path = str(art.path)
        if art.path is not None and path.isprintable():  # names in no encoding cannot be kept
            self._settings.setValue("recent", [path, *(one for one in self.recent if one != path)][:MOST_RECENT])
