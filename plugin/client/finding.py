"""The backend of this client's version: found, or started, or put in the place of another version."""

from __future__ import annotations

import time
from collections.abc import Callable

from . import starting
from .connection import NOT_THERE, ask
from .errors import ClientError, Outdated, Refused, Unreachable, VersionMismatch
from .places import Address
from .starting import Living
from .version import PROTOCOL, VERSION

STOP_PATIENCE = 30.0  # seconds for a backend to end


def find(
    start: bool = True,
    on_wait: Callable[[float], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Address:
    """Where a backend of this version listens. start: whether to start one, and to stop another version's.

    Raises Unreachable, StartFailed, VersionMismatch, Cancelled.
    """
    found = starting.living()
    if found is None and not start:
        raise Unreachable(NOT_THERE, sent=False)
    if found and start and (found.health.version, found.health.protocol) != (VERSION, PROTOCOL):
        _stop(found)
        found = None
    found = found or starting.start_and_wait(on_wait, cancelled)
    check(found.health.version, found.health.protocol)
    return found.address


def check(version: str, protocol: int) -> None:
    """Raise Outdated for a backend that is not of this client's."""
    if (version, protocol) != (VERSION, PROTOCOL):
        raise Outdated(
            f"This plugin is of SinDDM {VERSION} and the program is {version}: update both with the installer."
        )


def _stop(found: Living) -> None:
    """End a backend of another version, if it has nothing to do."""
    another = f"SinDDM {found.health.version} is running, and this plugin is of {VERSION}"
    try:
        ask(found.address, "POST", "/stop", {"only_idle": True})
    except Refused as error:
        if error.status == 409:
            raise VersionMismatch(f"{another}: wait until its jobs are done, then try again.") from error
        raise VersionMismatch(f"{another}: close the other programs that use it, then try again.") from error
    except ClientError:
        pass  # it may have ended before it could answer
    until = time.monotonic() + STOP_PATIENCE
    while (now := starting.living()) and now.address == found.address:
        if time.monotonic() > until:
            raise VersionMismatch(f"{another} and does not end: restart the computer, then try again.")
        time.sleep(starting.POLL)
