"""Jobs that were asked for here, and what they made. No Qt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sinddm_plugin.client import JobView, Picture
from sinddm_ui.tasks import Wish

MOST_BYTES = 384 << 20  # of what the session keeps in memory


@dataclass(eq=False)
class Work:
    """A job of this session."""

    wish: Wish
    at_once: bool = False
    """Whether what it makes becomes layers as soon as all is there, rather than wait to be chosen."""
    job: JobView | None = None
    """As the backend told last; None until it has it."""
    error: str | None = None
    """Why it could not be handed in, or came to nothing."""
    unserved: bool = False
    """Whether there is no backend that could do it, or one that does not start."""
    details: str = ""
    preview: Picture | None = None
    """How far it is."""
    wanted_preview: int = 0
    seen: set[int] = field(default_factory=set)
    """The results that were shown, also those that were let go."""
    cancelled: bool = False
    """Cancel was pressed: it counts as over, even if the backend needs a moment."""

    @property
    def task(self) -> str:
        """generate, learn, ..."""
        return self.wish.request.task

    @property
    def title(self) -> str:
        """What it is called on screen."""
        return f"{self.wish.name}: {self.wish.noun}"

    @property
    def count(self) -> int:
        """How many results it is to make."""
        return getattr(self.wish.request, "count", 0)

    @property
    def active(self) -> bool:
        """Whether something is still to come of it."""
        return not (self.cancelled or self.error or (self.job is not None and self.job.over))

    @property
    def state(self) -> str:
        """sending, queued, running, paused, done, failed or cancelled."""
        if self.error:
            return "failed"
        if self.cancelled:
            return "cancelled"
        return self.job.state if self.job else "sending"

    @property
    def bytes(self) -> int:
        """Of the pixels that it was asked for with."""
        source = getattr(self.wish.request, "source", ())
        pictures = [] if isinstance(source, str) else list(source)
        if picture := getattr(self.wish.request, "picture", None):
            pictures.append(picture)
        return sum(memoryview(data).nbytes for data in {id(one.data): one.data for one in pictures}.values())


@dataclass(eq=False)
class Result:
    """A picture that a job made, waiting to be chosen."""

    work: Work
    index: int
    seed: int
    width: int
    height: int
    x: int = 0
    """Where its corner is, seen from the corner of the job's picture."""
    y: int = 0
    thumbnail: Picture | None = None
    kept: bool = False
    """Whether it stays when others make room."""
    applied: bool = False
    """Whether it has become a layer."""

    @property
    def name(self) -> str:
        """What it is called as a layer."""
        return self.work.wish.layer_name(self.seed)


@dataclass(eq=False)
class Results:
    """The results of a session, the oldest first, within a budget of memory."""

    most: int = MOST_BYTES
    all: list[Result] = field(default_factory=list)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def add(self, result: Result) -> None:
        """Add one; the oldest that nobody wants to keep make room."""
        self.all.append(result)
        self.make_room()

    def make_room(self) -> None:
        """Let the oldest go, but for the last and those that are kept."""
        used = self._bytes()
        for one in self.all[:-1]:
            if used <= self.most:
                return
            if not one.kept:
                self.all.remove(one)
                used = self._bytes()

    def remove(self, result: Result) -> None:
        """Let one go."""
        if result in self.all:
            self.all.remove(result)

    def clear(self) -> None:
        """Let all go that are not kept."""
        self.all = [one for one in self.all if one.kept]

    def of(self, work: Work) -> list[Result]:
        """Those of a job."""
        return [one for one in self.all if one.work is work]

    def _bytes(self) -> int:
        works = {id(one.work): one.work.bytes for one in self.all}
        shown = sum(memoryview(one.thumbnail.data).nbytes for one in self.all if one.thumbnail)
        return sum(works.values()) + shown
