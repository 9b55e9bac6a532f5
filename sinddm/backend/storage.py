"""The pixels of jobs on disk: a folder each, with what came in and what was made, within a budget."""

from __future__ import annotations

import logging
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path

from sinddm.backend.jobs import Job
from sinddm.errors import InputError

log = logging.getLogger("sinddm.storage")
INPUT, PREVIEW, PARTIAL = "input.safetensors", "preview.safetensors", "partial.safetensors"
RESERVE = 32 << 20  # bytes of the disk that are left alone


def thumbnail_name(index: int) -> str:
    """The file of its thumbnail."""
    return f"thumbnail-{index}.safetensors"


class Full(InputError):  # noqa: N818 - as InputError's own
    """There is no room on the disk."""


def result_name(index: int) -> str:
    """The file of a job's result."""
    return f"result-{index}.safetensors"


class Storage:
    """Folders of jobs under one folder. budget: bytes that all of them may take."""

    def __init__(self, folder: Path, budget: int):
        self.root, self.budget = folder, budget
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def folder(self, job: Job) -> Path:
        """Where its files are."""
        return self.root / job.id

    def result(self, job: Job, index: int) -> Path:
        """A result's file."""
        return self.folder(job) / result_name(index)

    def thumbnail(self, job: Job, index: int) -> Path:
        """The file of a result's thumbnail."""
        return self.folder(job) / thumbnail_name(index)

    def make_folder(self, job: Job) -> Path:
        """Make the folder. Raises Full, and OSError for other reasons."""
        folder = self.folder(job)
        folder.mkdir(mode=0o700)
        return folder

    def remove(self, job: Job) -> None:
        """Remove all of a job's files."""
        shutil.rmtree(self.folder(job), ignore_errors=True)

    def remove_inputs(self, job: Job) -> None:
        """Remove all but the results: the job is done."""
        job.has_input = False
        results = {name(result.index) for result in job.results for name in (result_name, thumbnail_name)}
        for path in self.folder(job).glob("*"):
            if path.name not in results:
                _remove(path)

    def sweep(self, jobs: Iterable[Job]) -> None:
        """Remove the folders of jobs that nobody knows; note which inputs and results are still there."""
        known = {job.id: job for job in jobs}
        for folder in self.root.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
        for job in known.values():
            job.has_input = (self.folder(job) / INPUT).is_file()
            job.results = [result for result in job.results if self.result(job, result.index).is_file()]

    def make_room(self, jobs: Iterable[Job], need: int = 0) -> list[Job]:
        """Keep to the budget with `need` more bytes: of jobs that have ended, results that were fetched go first, then
        the oldest. Returns the jobs that have changed. Raises Full, before anything is removed, where that would not
        be enough or the disk is full.
        """
        over, changed = _used(self.root) + need - self.budget, []
        ended = sorted((job for job in jobs if not job.active), key=lambda job: job.ended or 0)
        if need and over > sum(_used(self.folder(job)) for job in ended):
            raise Full("Too many layers are waiting to be worked on: let some jobs finish, or cancel some.")
        if need and shutil.disk_usage(self.root).free + max(over, 0) < need + RESERVE:
            raise Full("The disk is full: free some space and try again.")
        for only_fetched in (True, False):
            for job in ended:
                if over <= 0:
                    break
                freed = self._drop(job, only_fetched)
                if freed:
                    log.info("made room: %d bytes of job %s, %s", freed, job.id, "fetched" if only_fetched else "old")
                    changed.append(job)
                    over -= freed
        return changed

    def _drop(self, job: Job, only_fetched: bool) -> int:
        """Remove a job's results that were fetched, or without only_fetched all it has; how many bytes that freed."""
        fetched = [result.index for result in job.results if result.fetched]
        files = [file(job, index) for index in fetched for file in (self.result, self.thumbnail)]
        if not only_fetched:
            files = list(self.folder(job).glob("*"))
            job.has_input = False
        job.results = [result for result in job.results if only_fetched and not result.fetched]
        return sum(_remove(path) for path in files)


def _used(folder: Path) -> int:
    return sum(_size(path) for path in folder.rglob("*"))


def _remove(path: Path) -> int:
    """Remove a file; how many bytes that freed. What Windows holds on to goes with its folder."""
    size = _size(path)
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return 0
    return size


def _size(path: Path) -> int:
    """Bytes of a file; 0 for a folder, and for what is gone: the worker renames files when they are complete."""
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
