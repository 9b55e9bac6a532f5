"""The pixels of jobs on disk: a folder each, with what came in and what was made, within a budget."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from pathlib import Path

from sinddm.backend.jobs import Job
from sinddm.errors import InputError

log = logging.getLogger("sinddm.storage")
INPUT, PREVIEW, PARTIAL = "input.safetensors", "preview.safetensors", "partial.safetensors"
RESERVE = 32 << 20  # bytes of the disk that are left alone


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

    def make_folder(self, job: Job) -> Path:
        """Make the folder. Raises Full, and OSError for other reasons."""
        folder = self.folder(job)
        folder.mkdir(mode=0o700)
        return folder

    def remove(self, job: Job) -> None:
        """Remove all of a job's files."""
        shutil.rmtree(self.folder(job), ignore_errors=True)

    def remove_inputs(self, job: Job) -> None:
        """Remove what came in and what was on the way: the job is done."""
        job.has_input = False
        for name in (INPUT, PREVIEW, PARTIAL):
            (self.folder(job) / name).unlink(missing_ok=True)

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
        the oldest. Returns the jobs that have changed. Raises Full if that is not enough, or the disk is full.
        """
        over, changed = self._used() + need - self.budget, []
        ended = sorted((job for job in jobs if not job.active), key=lambda job: job.ended or 0)
        for only_fetched in (True, False):
            for job in ended:
                if over <= 0:
                    break
                freed = self._drop(job, only_fetched)
                if freed:
                    log.info("made room: %d bytes of job %s, %s", freed, job.id, "fetched" if only_fetched else "old")
                    changed.append(job)
                    over -= freed
        if need and over > 0:
            raise Full("Too many layers are waiting to be worked on: let some jobs finish, or cancel some.")
        if need and shutil.disk_usage(self.root).free < need + RESERVE:
            raise Full("The disk is full: free some space and try again.")
        return changed

    def _drop(self, job: Job, only_fetched: bool) -> int:
        """Remove results of a job, and without only_fetched its inputs; how many bytes that freed."""
        files = [self.result(job, result.index) for result in job.results if result.fetched or not only_fetched]
        job.results = [result for result in job.results if not (result.fetched or not only_fetched)]
        if not only_fetched and job.has_input:
            files += [self.folder(job) / name for name in (INPUT, PREVIEW, PARTIAL)]
            job.has_input = False
        freed = 0
        for path in files:
            if path.is_file():
                freed += path.stat().st_size
                path.unlink(missing_ok=True)
        return freed

    def _used(self) -> int:
        return sum(path.stat().st_size for path in self.root.rglob("*") if path.is_file())
