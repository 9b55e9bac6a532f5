"""What is said to the artist, and the line that says how things are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Notice:
    """Something that the artist should know."""

    words: str
    """One sentence: what is wrong and what to do, or what was done."""
    error: bool = True
    details: str = ""
    """For who wants to report it."""
    button: str = ""
    """Words of a button that helps; none without."""
    help: Callable[[], object] = lambda: None
    """What the button does."""


@dataclass(frozen=True)
class Status:
    """How the backend is, in words."""

    kind: str
    """off, starting, ready, working or lost."""
    words: str
    tip: str
    """What that means."""


DEVICES = {"cpu": "CPU", "cuda": "GPU", "mps": "GPU"}
FIRST = 5.0  # seconds of starting after which it is explained


def status(state: str, waited: float, device: str, active: int, waiting: int) -> Status:
    """state, waited: of the link. device: of the engine. active: jobs that run. waiting: jobs that wait."""
    if state == "starting":
        more = "" if waited < FIRST else ". The first time this takes up to a minute"
        return Status("starting", f"Starting, {waited:.0f} s{more}", "SinDDM's own process is being started.")
    if state == "lost":
        return Status("lost", "SinDDM stopped and is being started again", "What it was doing can be run again then.")
    if state == "off":
        return Status("off", "Starts when it is needed", "SinDDM runs beside this program, only while it is used.")
    where = DEVICES.get(device.partition(":")[0], "")
    words = [
        "Working" if active else "Ready",
        where,
        f"{waiting} waiting" if waiting else "nothing waiting",
    ]
    tip = f"SinDDM runs on the {where or 'computer'}. Pictures stay on this computer."
    return Status("working" if active else "ready", "  ".join(word for word in words if word), tip)
