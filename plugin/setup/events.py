"""What the installer tells while it works: a JSON object a line, which its faces and the editors' plugins show."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Build:
    """What the engine can run on here."""

    key: str
    """cuda, rocm, mps, cpu, or bundle."""
    name: str
    """In words."""
    why: str
    """What was found that speaks for it; where it is not possible, what stands against it and what to do."""
    possible: bool
    download: int
    """Bytes, about."""
    disk: int
    """Bytes that it takes when it is there, about."""


@dataclass(frozen=True)
class Target:
    """An editor into which the plugin can be put."""

    key: str
    name: str
    has: bool
    """Whether the plugin is in it."""
    problem: str
    """What is to be done first; empty if nothing."""
    note: str = ""
    """What else is done for it; empty if nothing."""


@dataclass(frozen=True)
class Plan:
    """What would be done here."""

    version: str
    """Of what would be installed."""
    installed: str
    """The version that is there; empty if none is."""
    folder: str
    free: int
    """Bytes there."""
    builds: tuple[Build, ...]
    chosen: str
    """The key of the build that suits this computer, or that was chosen last."""
    targets: tuple[Target, ...]
    source: str
    """Where it comes from: a folder, or empty for the network."""
    problem: str
    """Why it cannot be done here, and what to do; empty if it can."""
    text: bool = False
    """Whether what is there can bend pictures towards words."""

    def build(self, key: str = "") -> Build | None:
        """One of the builds, by default the chosen one."""
        return next((one for one in self.builds if one.key == (key or self.chosen)), None)


@dataclass(frozen=True)
class Step:
    """How far it is."""

    words: str
    at: int
    """The number of this step, from 1."""
    count: int
    """Of all steps."""
    done: int = 0
    total: int = 0
    """Bytes; 0 where nobody knows."""

    @property
    def fraction(self) -> float | None:
        """How much of this step is done, 0 to 1; None where nobody knows."""
        return min(1.0, self.done / self.total) if self.total else None


@dataclass(frozen=True)
class Failed:
    """It could not be done."""

    words: str
    """One sentence: what is wrong and what to do."""
    details: str = ""
    """For who wants to report it."""


@dataclass(frozen=True)
class Done:
    """It is done."""

    words: str


Event = Plan | Step | Failed | Done
KINDS: dict[str, type[Any]] = {"plan": Plan, "step": Step, "failed": Failed, "done": Done}
PARTS: dict[str, type[Any]] = {"builds": Build, "targets": Target}


def encode(event: Event) -> str:
    """A line, without its end."""
    kind = next(name for name, one in KINDS.items() if isinstance(event, one))
    return json.dumps({"tell": kind, **asdict(event)})


def decode(line: str) -> Event | None:
    """What a line tells; None for one that is none of the installer's, such as another program's warning."""
    try:
        found = json.loads(line)
        kind = KINDS[found.pop("tell")]
        for name, part in PARTS.items():
            if name in found:
                found[name] = tuple(_made(part, one) for one in found[name])
        return _made(kind, found)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _made(kind: type[Any], values: dict[str, Any]) -> Any:
    """Of a newer installer's values those that are known here."""
    return kind(**{one.name: values[one.name] for one in fields(kind) if one.name in values})


def size(count: int) -> str:
    """Bytes, in words."""
    if count < 950_000_000:
        return f"{max(1, round(count / 1e6))} MB"
    return f"{count / 1e9:.1f} GB"
