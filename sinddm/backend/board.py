"""All jobs of the service: which there are, which comes next, and who is told when one changes."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sinddm.backend.history import History
from sinddm.backend.jobs import Job, JobView, State

MOST_ENDED = 200  # jobs that are remembered
LOST = "The backend ended while this was being made: run it again."


class Board:
    """Jobs by id, in memory and in the history. Only used in the service's one thread."""

    def __init__(self, history: History):
        self._history, self._jobs = history, {job.id: job for job in history.load()}
        self._listeners: set[asyncio.Event] = set()
        self._followers = Counter[str]()
        self._left_alone: dict[str, float] = {}
        self.closed = False
        self.instance, self.revision, self.forgotten = secrets.token_hex(4), 1, 0
        self._order: list[Job] = []
        for job in self._jobs.values():
            job.revision = self.revision
            if job.state == "running":
                self.end(job, "failed", LOST)

    def __iter__(self) -> Iterator[Job]:
        return iter(list(self._jobs.values()))

    def get(self, id: str) -> Job | None:
        """The job of that id."""
        return self._jobs.get(id)

    def queue(self) -> list[Job]:
        """What waits, in the order in which it runs: what takes long gives way to all else."""
        waiting = [job for job in self._jobs.values() if job.state == "queued"]
        return sorted(waiting, key=lambda job: (job.gives_way, job.rank))

    def add(self, job: Job) -> None:
        """Put a new job at the end of the queue."""
        job.rank = max((other.rank for other in self._jobs.values()), default=0.0) + 1
        self._jobs[job.id] = job
        self.changed(job)

    def move(self, job: Job, position: int) -> None:
        """Have so many of the waiting jobs run before this one."""
        others = [other for other in self.queue() if other is not job]
        others.insert(position, job)
        for rank, other in enumerate(others):
            other.rank = float(rank)
            self.changed(other)

    def end(self, job: Job, state: State, error: str | None = None) -> None:
        """A job has come to its end."""
        job.state, job.error, job.ended, job.left, job.words = state, error, time.time(), None, ""
        if state == "done":
            job.fraction = 1.0
        self._left_alone.pop(job.id, None)
        self.changed(job)

    def forget(self, job: Job) -> None:
        """Remove a job that has ended."""
        self._jobs.pop(job.id, None)
        self._history.forget(job)
        self.revision += 1
        self.forgotten = self.revision
        self._wake()

    def surplus(self) -> list[Job]:
        """The oldest ended jobs beyond those that are remembered."""
        ended = [job for job in self._jobs.values() if not job.active]
        return sorted(ended, key=lambda job: job.ended or 0)[: max(0, len(ended) - MOST_ENDED)]

    def changed(self, job: Job, keep: bool = True) -> None:
        """Tell everybody, unless it was forgotten meanwhile. keep: whether it matters after a restart."""
        if job.id not in self._jobs:
            return
        self.revision += 1
        job.revision = self.revision
        if keep:
            self._history.save(job)
            self._tell_positions()
        self._wake()

    def view(self, job: Job) -> JobView:
        """What clients see of a job."""
        queue = self.queue() if job.state == "queued" else []
        return job.view(queue.index(job) if job in queue else None)

    @contextmanager
    def listening(self, id: str | None = None) -> Iterator[asyncio.Event]:
        """An event that is set whenever a job changes. id: the job that is followed."""
        event = asyncio.Event()
        self._listeners.add(event)
        if id:
            self._followers[id] += 1
        try:
            yield event
        finally:
            self._listeners.discard(event)
            if id:
                self._followers -= Counter([id])
                self._left_alone.pop(id, None)

    def close(self) -> None:
        """Have all who listen stop: the service ends."""
        self.closed = True
        self._wake()

    @property
    def listeners(self) -> int:
        """How many clients follow what happens."""
        return len(self._listeners)

    def left_alone(self, seconds: float) -> list[Job]:
        """Attached jobs that nobody has followed for so long."""
        now = time.monotonic()
        attached = [job for job in self._jobs.values() if job.active and job.attached]
        return [
            job
            for job in attached
            if not self._followers[job.id] and now - self._left_alone.setdefault(job.id, now) > seconds
        ]

    def _tell_positions(self) -> None:
        """Jobs whose place in the queue is another one have changed as well."""
        before, self._order = self._order, self.queue()
        for position, job in enumerate(self._order):
            if position >= len(before) or before[position] is not job:
                job.revision = self.revision

    def _wake(self) -> None:
        for event in self._listeners:
            event.set()
