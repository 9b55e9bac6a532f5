"""The service: everything that one backend consists of, and the one thread of it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from sinddm.backend.board import Board
from sinddm.backend.history import History
from sinddm.backend.jobs import Job
from sinddm.backend.places import JOBS
from sinddm.backend.requests import FromSource, Learn
from sinddm.backend.requests import Job as Asked
from sinddm.backend.scheduler import Scheduler
from sinddm.backend.storage import Storage
from sinddm.library import Library

log = logging.getLogger("sinddm.service")
LEFT_ALONE = 3.0  # seconds without a follower after which an attached job is cancelled
LOOK_EVERY = 1.0  # seconds


class Service:
    """Board, storage, scheduler and library, and when it is time to go.

    folder: the state folder. idle: seconds without clients and jobs after which leave() is called.
    """

    def __init__(self, folder: Path, device: str, budget: int, idle: float):
        self.board = Board(History(folder / "history.sqlite"))
        self.storage = Storage(folder / JOBS, budget)
        self.scheduler = Scheduler(self.board, self.storage, device)
        self.library = Library()
        self.uploads = folder / "uploads"
        self.leave: Callable[[], None] = lambda: None
        self._idle, self._last_request = idle, time.monotonic()
        self.storage.sweep(self.board)
        shutil.rmtree(self.uploads, ignore_errors=True)

    @property
    def busy(self) -> bool:
        """Whether jobs run or wait to run."""
        return any(job.state in ("queued", "running") for job in self.board)

    def touch(self) -> None:
        """A client has asked for something."""
        self._last_request = time.monotonic()

    def taken(self, name: str) -> bool:
        """Whether a job is to save a texture of that name."""
        learning = (job for job in self.board if job.active and job.task == "learn")
        return any((job.request.get("name") or "").casefold() == name.casefold() for job in learning)

    def submit(self, job: Job) -> None:
        """Put a job whose input is there into the queue."""
        self.board.add(job)
        self.scheduler.added(job)

    def check_textures(self, asked: Asked) -> None:
        """Raise InputError if a texture that is named is not there, or the name of a new one cannot be."""
        if isinstance(asked, FromSource) and asked.source.texture is not None:
            self.library.find(asked.source.texture)
        if isinstance(asked, Learn) and asked.name is not None:
            self.library.free(asked.name)

    async def run(self) -> None:
        """Work until cancelled."""
        scheduling = asyncio.create_task(self.scheduler.run())
        try:
            while not scheduling.done():
                await asyncio.wait({scheduling}, timeout=LOOK_EVERY)
                for job in self.board.left_alone(LEFT_ALONE):
                    log.info("nobody follows job %s any more", job.id)
                    self.scheduler.cancel(job)
                if self.board.listeners or self.busy:
                    self.touch()
                elif time.monotonic() - self._last_request > self._idle:
                    log.info("nothing to do for %.0f seconds", self._idle)
                    self.leave()
                    self.touch()
        finally:
            scheduling.cancel()
            await asyncio.wait({scheduling})
            if not scheduling.cancelled() and scheduling.exception():
                log.critical("the scheduler failed", exc_info=scheduling.exception())
                self.leave()
