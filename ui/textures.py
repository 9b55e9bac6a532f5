"""The library's textures, as the panel shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sinddm_plugin.client import Client, ClientError, Picture, TextureView
from sinddm_ui.link import Link
from sinddm_ui.qt import QObject, Signal
from sinddm_ui.tasks.learn import free_name


@dataclass(frozen=True, eq=False)
class Texture:
    """A texture of the library."""

    view: TextureView
    thumbnail: Picture | None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.view.name


class Textures(QObject):
    """What is in the library. failed: gets what could not be done."""

    changed = Signal()

    def __init__(self, link: Link, failed: Callable[[ClientError], object], parent: QObject | None = None):
        super().__init__(parent)
        self._link, self._failed = link, failed
        self.all: tuple[Texture, ...] = ()
        self.known = False
        """Whether the library was read."""

    def refresh(self) -> None:
        """Read the library."""
        had = {(one.view.name, one.view.saved): one.thumbnail for one in self.all}

        def read(client: Client) -> tuple[Texture, ...]:
            views = client.textures()
            return tuple(Texture(view, had.get((view.name, view.saved)) or _thumbnail(client, view)) for view in views)

        self._link.call(read, self._read, self._failed)

    def rename(self, name: str, new: str) -> None:
        """Give one another name."""
        self._link.call(lambda client: client.rename_texture(name, new), self._done, self._failed)

    def delete(self, name: str) -> None:
        """Remove one."""
        self._link.call(lambda client: client.delete_texture(name), self._done, self._failed)

    def export(self, name: str, path: Path) -> None:
        """Write one to a file."""
        self._link.call(lambda client: client.export_texture(name, path), lambda _: None, self._failed)

    def take(self, path: Path) -> None:
        """Put a file that was exported into the library, under the file's name."""
        self._link.call(
            lambda client: client.import_texture(path, free_name(path.stem, (one.name for one in client.textures()))),
            self._done,
            self._failed,
        )

    def _done(self, _: object) -> None:
        self.refresh()

    def _read(self, found: tuple[Texture, ...]) -> None:
        self.all, self.known = found, True
        self.changed.emit()


def _thumbnail(client: Client, view: TextureView) -> Picture | None:
    try:
        return client.thumbnail(view.name)
    except ClientError:  # it was removed meanwhile
        return None
