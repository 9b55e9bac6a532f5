"""Jobs on their way: handed in to the backend, followed to their end, and what they made taken in."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sinddm_plugin.client import Changes, Client, ClientError, JobView, Picture, Result, ResultInfo
from sinddm_ui import works
from sinddm_ui.link import Link
from sinddm_ui.qt import QObject, QTimer, Signal
from sinddm_ui.setup import needs_setup
from sinddm_ui.tasks.learn import free_name
from sinddm_ui.works import Results, Work

QUIET_AFTER = 60_000  # milliseconds after the last job in which the backend is still followed
MOST_WORKS = 30  # that are shown when they are over
STOPPED = "SinDDM stopped and lost this job: run it again."


class Desk(QObject):
    """The jobs of a session and their results."""

    works_changed = Signal()
    results_changed = Signal()
    failed = Signal(object)
    """A job has come to nothing, and says why."""
    refused = Signal(object)
    """A ClientError: something could not be done that is no job."""
    learned = Signal(object)
    """A job has put a texture into the library."""
    fetched = Signal()
    """A job has brought what text needs."""
    complete = Signal(object, object)
    """All results of a job that are to go in at once: the job, and a list of Result."""
    interrupted = Signal(bool)
    """The backend went away in the middle of a job; or, with False, it lives again."""

    def __init__(self, link: Link, parent: QObject | None = None):
        super().__init__(parent)
        self.link = link
        self.works: list[Work] = []
        self.results = Results()
        self.jobs: dict[str, JobView] = {}
        link.told.connect(self._told)
        link.lost.connect(self._lost)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_AFTER)
        self._quiet.timeout.connect(link.unfollow)

    def hand_in(self, work: Work) -> Work:
        """Give a job to the backend."""
        over = [one for one in self.works if not one.active]
        for old in over[: max(0, len(over) - MOST_WORKS)]:
            self.works.remove(old)
        self.works.append(work)
        self._quiet.stop()
        self.works_changed.emit()
        self.link.call(lambda client: _submit(client, work), lambda job: self._submitted(work, job), self._fail(work))
        return work

    def cancel(self, work: Work) -> None:
        """End a job; it counts as over at once."""
        work.cancelled = True
        self.works_changed.emit()
        self.tell(work, lambda client, id: client.cancel(id))

    def tell(self, work: Work, verb: Callable[[Client, str], JobView]) -> None:
        """Say something to the backend about a job that it has."""
        if work.job is None:
            return
        id = work.job.id
        self.link.call(lambda client: verb(client, id), lambda job: self._view(work, job), self.refused.emit)

    def run_again(self, work: Work) -> None:
        """Start a job anew that is over."""
        self.dismiss(work)
        self.hand_in(Work(work.wish, work.at_once))

    def dismiss(self, work: Work) -> None:
        """Show a job no more that is over."""
        if not work.active and work in self.works:
            self.works.remove(work)
            self.works_changed.emit()

    def fetch(
        self,
        work: Work,
        indexes: list[int],
        done: Callable[[list[Result]], object],
        failed: Callable[[ClientError], object],
    ) -> None:
        """The pixels of results."""
        assert work.job
        id = work.job.id
        self.link.call(lambda client: [client.result(id, index) for index in indexes], done, failed)

    def _fail(self, work: Work) -> Callable[[ClientError], None]:
        def fail(error: ClientError) -> None:
            if work.cancelled:
                return
            work.error, work.unserved, cause = str(error), needs_setup(error), error.__cause__
            if cause is not None:
                work.details = "".join(traceback.format_exception(type(cause), cause, cause.__traceback__))
            self.failed.emit(work)
            self.works_changed.emit()

        return fail

    def _submitted(self, work: Work, job: JobView) -> None:
        self.jobs[job.id] = job
        if job.attached:
            self.link.hold(job.id)
        self.link.follow()
        self._view(work, job)
        if work.cancelled:
            self.cancel(work)

    def _told(self, changes: Changes) -> None:
        """Jobs have changed, here or elsewhere."""
        self.jobs.update({job.id: job for job in changes.jobs})
        if changes.ids is not None:
            self.jobs = {id: job for id, job in self.jobs.items() if id in changes.ids}
        self._take(self.jobs)
        if self.link.health and not self.link.health.device:
            self.link.learn_health()
        if any(job.state in ("running", "queued", "paused") for job in self.jobs.values()):
            self._quiet.stop()
        elif not self._quiet.isActive():
            self._quiet.start()
        self.works_changed.emit()

    def _take(self, jobs: dict[str, JobView]) -> None:
        """What has become of the jobs that are not over yet; one that is not among these is lost."""
        for work in list(self.works):
            if work.job is None or work.job.over or work.error:
                continue
            found = jobs.get(work.job.id)
            if found is None:
                self._fail(work)(ClientError(STOPPED))
            elif found != work.job:
                self._view(work, found)

    def _view(self, work: Work, job: JobView) -> None:
        """A job as it is now: take what is new in it."""
        if work.job is not None and work.job.over:
            return
        work.job = job
        if job.state == "failed":
            self._fail(work)(ClientError(job.error or "This did not work: run it again."))
        if job.preview > work.wanted_preview and work.active:
            work.wanted_preview = job.preview
            self.link.call(lambda client: client.preview(job.id), lambda found: self._previewed(work, found), _ignore)
        if work.task == "learn" and job.state == "done":
            self.learned.emit(work)
        if work.task == "fetch" and job.state == "done":
            self.fetched.emit()
        if not work.at_once:
            for info in job.results:
                if info.index not in work.seen:
                    self._add(work, job.id, info)
        elif job.over and job.state != "cancelled" and job.results:
            indexes = [info.index for info in job.results]
            self.fetch(work, indexes, lambda found: self.complete.emit(work, found), self._fail(work))
        self.works_changed.emit()

    def _previewed(self, work: Work, picture: Picture) -> None:
        work.preview = picture
        self.works_changed.emit()

    def _add(self, work: Work, id: str, info: ResultInfo) -> None:
        """A result is there: show it, and then its thumbnail."""
        work.seen.add(info.index)
        result = works.Result(work, info.index, info.seed, info.width, info.height, info.x, info.y)
        self.results.add(result)
        self.results_changed.emit()

        def pictured(picture: Picture) -> None:
            result.thumbnail = picture
            self.results.make_room()
            self.results_changed.emit()

        self.link.call(lambda client: client.result_thumbnail(id, info.index), pictured, _ignore)

    def _lost(self) -> None:
        """The backend has ended. If something was to come from it, it is started again, and tells what became of it."""
        self.jobs = {}
        if any(one.active and one.job for one in self.works):
            self.interrupted.emit(True)
            self.link.call(lambda client: client.jobs(), self._back, self._gone)
        else:
            self.link.rest()

    def _back(self, jobs: tuple[JobView, ...]) -> None:
        self.interrupted.emit(False)
        self.jobs = {job.id: job for job in jobs}
        self.link.follow()
        for work in self.works:
            if work.active and work.job and work.job.attached and work.job.id in self.jobs:
                self.link.hold(work.job.id)
        self._take(self.jobs)
        self.works_changed.emit()

    def _gone(self, error: ClientError) -> None:
        """It could not be started again."""
        for work in list(self.works):
            if work.active and work.job:
                self._fail(work)(error)


def _submit(client: Client, work: Work) -> JobView:
    """In a thread."""
    request = work.wish.request
    if work.task == "learn":
        name = free_name(work.wish.name, (one.name for one in client.textures()))
        request = replace(request, name=name, title=name)  # pyright: ignore[reportCallIssue]
    return client.submit(request)


def _ignore(_: Any) -> None:
    """A picture that is only to be looked at is not worth a message."""
