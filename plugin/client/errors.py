"""What can go wrong between an editor and the backend; the text of each is one sentence for the artist."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import JobView


STRANGE = "SinDDM answered what this plugin does not understand: install the same version of both."


class ClientError(Exception):
    """Something did not work. `str` of it is one sentence to show: what is wrong, what to do."""


class StartFailed(ClientError):  # noqa: N818 - these read like what happened
    """The backend is not there, or did not start."""


class NotInstalled(StartFailed):
    """There is no backend on this computer."""


class Unreachable(ClientError):  # noqa: N818
    """The backend does not answer."""

    def __init__(self, sentence: str, sent: bool = True):
        """sent: whether the request may have got there."""
        super().__init__(sentence)
        self.sent = sent


class Refused(ClientError):  # noqa: N818
    """The backend answered that it will not; the sentence is its own."""

    def __init__(self, status: int, sentence: str):
        """status: of HTTP."""
        super().__init__(sentence)
        self.status = status


class VersionMismatch(ClientError):  # noqa: N818
    """The backend is another version, and cannot be replaced now."""


class Outdated(VersionMismatch):
    """The backend that is installed is of another version."""


class BadAnswer(ClientError):  # noqa: N818
    """The backend answered what this client does not understand."""

    def __init__(self, sentence: str = STRANGE):
        super().__init__(sentence)


class BadContainer(BadAnswer):
    """Pixels that did not arrive as they should, or cannot be sent."""


class BadFile(ClientError):  # noqa: N818
    """A file of the artist's cannot be read or written."""


class JobFailed(ClientError):  # noqa: N818
    """A job ended without what it was to make."""

    def __init__(self, sentence: str, job: JobView | None = None):
        """job: as it is now, None if it is gone."""
        super().__init__(sentence)
        self.job = job


class JobCancelled(JobFailed):
    """A job was cancelled."""


class Cancelled(ClientError):  # noqa: N818
    """Waiting was given up, as was asked for."""
