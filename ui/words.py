"""What text needs besides the picture: a model that connects words with pictures, there or still to be fetched."""

from __future__ import annotations

from sinddm_plugin.client import ClientError, Models, commands
from sinddm_ui.link import Link
from sinddm_ui.qt import QObject, Signal

TO_ADD = "Text is not a part of this SinDDM yet: about 20 MB are fetched for it, from PyPI."
NOT_INSTALLED = "Text is not a part of this SinDDM: run its installer and choose text there."
TO_FETCH = (
    "Text needs a file that connects words with pictures: {name}, {size:.0f} MB from {page}, licence {licence}. It is "
    "fetched once and then used on this computer; nothing of your pictures is sent."
)


class Words(QObject):
    """Whether text can be used."""

    changed = Signal()

    def __init__(self, link: Link, parent: QObject | None = None):
        super().__init__(parent)
        self._link = link
        self.models: Models | None = None
        """None until the backend has told."""

    @property
    def missing(self) -> str | None:
        """What has to be there first, in words; None if nothing has to, or nobody knows yet."""
        if self.models is None or (self.models.usable and self.models.there):
            return None
        if not self.models.usable:
            return TO_ADD if self.can_add else NOT_INSTALLED
        offer = self.models.offer
        return TO_FETCH.format(name=offer.name, size=offer.bytes / 1e6, page=offer.page, licence=offer.licence)

    @property
    def can_add(self) -> bool:
        """Whether what is missing is a part of SinDDM itself that its installer can add."""
        return self.models is not None and not self.models.usable and commands.by_installer()

    @property
    def can_fetch(self) -> bool:
        """Whether what is missing can be fetched."""
        return self.models is not None and self.models.usable and not self.models.there

    def refresh(self) -> None:
        """Ask the backend what is there. Nothing is fetched by that."""
        self._link.call(lambda client: client.models(), self._told, self._ignore)

    def _told(self, models: Models) -> None:
        self.models = models
        self.changed.emit()

    def _ignore(self, _: ClientError) -> None:
        """What is wrong is told when a text is tried."""
