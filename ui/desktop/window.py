"""The window: a canvas with layers and the panel."""

# PyQt6 calls every event a0
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sinddm_ui.desktop import editing, images
from sinddm_ui.desktop.canvas import Canvas
from sinddm_ui.desktop.dialogs import Dialogs
from sinddm_ui.desktop.document import Artwork
from sinddm_ui.desktop.entries import add_entries
from sinddm_ui.desktop.host import DesktopHost
from sinddm_ui.desktop.layers import Layers
from sinddm_ui.desktop.menus import Menus
from sinddm_ui.desktop.message import Message
from sinddm_ui.desktop.papers import Papers
from sinddm_ui.desktop.toolbar import Options, Tools
from sinddm_ui.qt import QDockWidget, QGuiApplication, QLabel, QMainWindow, QSettings, Qt, QVBoxLayout, QWidget
from sinddm_ui.session import Session

from sinddm import __version__

if TYPE_CHECKING:
    from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent

AREA = Qt.DockWidgetArea
DEPTHS = {"U8": "8 bits", "U16": "16 bits", "F16": "half float", "F32": "float"}
HELP = """\
Right-click a layer to make variations, a seamless tile and more of it. Results come in as new layers; your own are \
never changed.

Rough shapes: take the brush (B) and paint; the shapes get a layer of their own. Then choose Paint in the panel.
An object that is to belong: paste it (Ctrl+V), move it (T), and choose Harmonize.
A hole: select it (R or S) on its layer, and choose Fill.

The wheel zooms, space or the middle button moves the view. Shift adds to a selection, Alt takes away from it.
OpenRaster files (.ora) keep all layers; Krita, GIMP and MyPaint open them."""
ABOUT = """SinDDM {}\n\nNew pictures from the textures of yours, here on this computer."""


class Window(QMainWindow):
    """One document. panel: what stands beside it, over the session."""

    def __init__(
        self,
        host: DesktopHost,
        session: Session,
        panel: QWidget,
        settings: QSettings | None = None,
        dialogs: Dialogs | None = None,
    ):
        super().__init__()
        self.host, self.session, self.panel = host, session, panel
        self.settings = settings or QSettings("SinDDM", "SinDDM")
        self.dialogs = dialogs or Dialogs()
        self.message = Message()
        self.canvas = Canvas()
        self.layers = Layers()
        self.papers = Papers(self.message.say, self.settings)
        self.tools = Tools(self.canvas, self)
        self.options = Options(self.canvas, self.dialogs, self)
        self.docks: list[QDockWidget] = []
        self._about = QLabel()
        self._lay_out()
        self.menus = Menus(self)  # pyright: ignore[reportArgumentType] - the same class, found by two names
        self.canvas.said.connect(self.message.say)
        self.canvas.zoomed.connect(self._show_facts)
        self.layers.list.menu = lambda menu: add_entries(menu, self.session)
        host.shows_previews(self.canvas.show_preview)
        host.watch(self._show_facts)
        self.setAcceptDrops(True)
        self._restore()
        self.show_art(None)

    @property
    def art(self) -> Artwork | None:
        """The document, if one is open."""
        return self.host.edited

    # What the menus do

    def open_paths(self, paths: list[Path]) -> None:
        """Open a file; further ones become layers above it."""
        if not paths or not self._may_leave():
            return
        art = None
        while paths and art is None:
            art, paths = self.papers.read(paths[0]), paths[1:]
        if art is not None:
            self.show_art(art)
            self.papers.add(paths, art, (art.width // 2, art.height // 2))

    def ask_open(self) -> None:
        """Have the artist choose files to open."""
        self.open_paths(self.dialogs.open(self, "Open", self._folder))

    def open_recent(self, path: str) -> None:
        """Open what was opened before."""
        self.open_paths([Path(path)])

    def ask_add(self) -> None:
        """Have the artist choose files that become layers."""
        self._put_in(self.papers.add(self.dialogs.open(self, "Add as layer", self._folder), self.art, self._middle))

    def save(self) -> bool:
        """Save the document with its layers; whether that worked."""
        art = self.art
        if art is None:
            return True
        if art.path is not None and art.path.suffix.lower() == ".ora":
            return self.papers.write(art, art.path)
        return self.save_as()

    def save_as(self) -> bool:
        """Have the artist choose a name, and save under it."""
        art = self.art
        if art is None:
            return True
        name = art.path.with_suffix(".ora") if art.path else Path(self._folder) / "Untitled.ora"
        path = self.dialogs.save(self, str(name))
        return path is not None and self.papers.write(art, path) and not art.changed

    def close_picture(self) -> None:
        """Close the document."""
        if self._may_leave():
            self.show_art(None)

    def copy(self) -> None:
        """Copy what is selected of the active layer."""
        pixels = editing.copied(self.art) if self.art else None
        clipboard = QGuiApplication.clipboard()
        if self.art is None or pixels is None or clipboard is None:
            self.message.say("There is nothing to copy: choose a layer, and select a part of it that is not empty.")
        else:
            clipboard.setImage(images.deep(pixels, self.art.form))

    def paste(self) -> None:
        """Put what was copied in as a new layer."""
        clipboard = QGuiApplication.clipboard()
        data = clipboard.mimeData() if clipboard else None
        if data is not None:
            self._put_in(self.papers.paste(data, self.art, self._middle))

    def ask_scale(self) -> None:
        """Have the artist say how large the active layer is to be."""
        percent = self.dialogs.percent(self)
        if percent is not None and self.art is not None:
            editing.scale(self.art, percent / 100)

    def show_help(self) -> None:
        """Say how it works."""
        self.dialogs.tell(self, "How it works", HELP)

    def show_about(self) -> None:
        """Say what this is."""
        self.dialogs.tell(self, "About SinDDM", ABOUT.format(__version__))

    def show_art(self, art: Artwork | None) -> None:
        """Work on another document, or on none."""
        self.message.clear() if art is None else None
        self.canvas.open(art)
        self.layers.open(art)
        self.host.open(art)
        self._show_facts()

    # Qt's events

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        assert event is not None
        if not self._may_leave():
            event.ignore()
            return
        self.settings.setValue("geometry", self.saveGeometry())
        self.settings.setValue("state", self.saveState())
        self.settings.sync()
        self.session.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        data = event.mimeData() if event else None
        if event is not None and data is not None and (data.hasUrls() or data.hasImage()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        data = event.mimeData() if event else None
        if event is not None and data is not None:
            event.acceptProposedAction()
            self._put_in(self.papers.paste(data, self.art, self._middle))

    # Inside

    @property
    def _folder(self) -> str:
        """Where to look for files first."""
        if self.art is not None and self.art.path is not None:
            return str(self.art.path.parent)
        return str(Path(self.papers.recent[0]).parent) if self.papers.recent else str(Path.home())

    @property
    def _middle(self) -> tuple[int, int]:
        """The point of the canvas in the middle of the screen."""
        middle = self.canvas.middle()
        return middle.x(), middle.y()

    def _put_in(self, art: Artwork | None) -> None:
        """Layers came in, or a document where none was open."""
        if art is None:
            return
        if art is not self.art:
            self.show_art(art)
        elif art.history.undoes == "paste":
            self.canvas.choose("layer")

    def _may_leave(self) -> bool:
        """Whether the document may be closed: it is saved, or the artist says so."""
        if self.art is None or not self.art.changed:
            return True
        answer = self.dialogs.unsaved(self, self.art.name)
        return self.save() if answer == "save" else answer == "discard"

    def _lay_out(self) -> None:
        self.setObjectName("window")
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.message)
        column.addWidget(self.canvas, 1)
        self.setCentralWidget(middle)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.tools)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.options)
        self._dock("Layers", self.layers, AREA.LeftDockWidgetArea, 220)
        self._dock("SinDDM", self.panel, AREA.RightDockWidgetArea, 340)
        bar = self.statusBar()
        assert bar is not None
        bar.addPermanentWidget(self._about)

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea, width: int) -> None:
        dock = QDockWidget(title, self)
        dock.setObjectName(title)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        self.docks.append(dock)

    def _restore(self) -> None:
        """As it was when it was closed last."""
        self.resize(1240, 800)
        geometry, state = self.settings.value("geometry"), self.settings.value("state")
        if geometry:
            self.restoreGeometry(geometry)
        if state:
            self.restoreState(state)

    def _show_facts(self) -> None:
        """The title, the line below, and what the menus offer."""
        art = self.art
        self.setWindowTitle(f"{art.name}[*] - SinDDM" if art else "SinDDM")
        self.setWindowModified(art is not None and art.changed)
        if art is None:
            self._about.setText("")
        else:
            depth = DEPTHS[art.form.depth]
            self._about.setText(f"{art.width} x {art.height}, {depth}   {self.canvas.view.zoom:.0%}")
        self.menus.refresh()
