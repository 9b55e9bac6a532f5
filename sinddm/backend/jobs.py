"""A job, and what clients see of it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, Field

State = Literal["queued", "running", "paused", "done", "failed", "cancelled"]
ACTIVE = ("queued", "running", "paused")
GIVE_WAY = ("learn", "fetch")  # take long, and go on where they were left


class Result(BaseModel):
    """A result that can be fetched."""

    index: int
    seed: int
    width: int
    height: int
    x: int = Field(0, description="where its corner belongs, seen from the corner of the job's picture, like y")
    y: int = 0
    bytes: int
    fetched: bool = False


class JobView(BaseModel):
    """A job as it is now."""

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    task: str
    title: str
    client: str
    state: State
    fraction: float = Field(ge=0, le=1)
    left: float | None = Field(description="seconds to go; null while nobody can tell")
    words: str = Field(description="what it does right now")
    position: int | None = Field(description="how many jobs run before it")
    preview: int = Field(description="how many previews there were; the last can be fetched")
    results: list[Result]
    error: str | None
    texture: str | None = Field(description="the name in the library of what was learned")
    attached: bool
    can_rerun: bool
    created: float = Field(description="seconds since 1970, like started and ended")
    started: float | None
    ended: float | None
    engine_seconds: float = Field(description="that the engine has worked on it, reading and writing not counted")
    request: dict[str, Any]


@dataclass
class Job:
    """A job in the service. Whoever changes it calls `Jobs.changed`."""

    request: dict[str, Any]
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: State = "queued"
    fraction: float = 0.0
    left: float | None = None
    words: str = ""
    preview: int = 0
    results: list[Result] = field(default_factory=list)
    error: str | None = None
    texture: str | None = None
    created: float = field(default_factory=time.time)
    started: float | None = None
    ended: float | None = None
    engine_seconds: float = 0.0
    rank: float = 0.0
    """Place in the queue, smaller is sooner."""
    has_input: bool = True
    revision: int = 0
    """Of the whole service's changes, that of this job's last one."""

    @property
    def task(self) -> str:
        """What it does."""
        return self.request["task"]

    @property
    def gives_way(self) -> bool:
        """Whether all other jobs come first, also while it runs."""
        return self.task in GIVE_WAY

    @property
    def active(self) -> bool:
        """Whether anything is still to come."""
        return self.state in ACTIVE

    @property
    def attached(self) -> bool:
        """Whether it is to be cancelled when nobody follows it."""
        return self.request.get("attached", False)

    @property
    def can_rerun(self) -> bool:
        """Whether it ended early and all that it needs is still there."""
        return self.state in ("failed", "cancelled") and self.has_input

    def view(self, position: int | None) -> JobView:
        """What clients see."""
        shared = ("id", "task", "state", "fraction", "left", "words", "preview", "error", "texture", "attached")
        more = ("can_rerun", "created", "started", "ended", "engine_seconds", "request")
        return JobView(
            title=self.request.get("title", ""),
            client=self.request.get("client", ""),
            position=position,
            results=[result.model_copy() for result in self.results],
            **{name: getattr(self, name) for name in (*shared, *more)},
        )
