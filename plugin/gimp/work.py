"""A job from its beginning to its end, with progress in GIMP's status bar. Cancel there ends this process, whose
connection the backend sees break, and ends the job."""

from __future__ import annotations

from sinddm_plugin.client import Client, JobCancelled, JobFailed, JobView, Request, Result, Unreachable

from .api import Gimp

STOPPED = "SinDDM stopped in the middle of this job: choose it again, SinDDM is then started anew."
SOON = 1.5  # seconds left that are not worth telling


def connect(title: str) -> Client:
    """The backend, started if it is not there. Raises ClientError."""
    Gimp.progress_init(title)
    return Client.connect(True, lambda seconds: _starting(title, seconds))


def carry_out(client: Client, request: Request, title: str) -> tuple[JobView, list[Result]]:
    """Hand in a job, wait for its end, and fetch what it made. Raises ClientError."""
    job = client.submit(request)
    last = job
    try:
        with client.follow(job.id, owner=True) as changes:
            for last in changes:
                _show(title, last)
    except Unreachable as error:
        raise JobFailed(STOPPED, last) from error
    if last.state == "failed":
        raise JobFailed(last.error or "This did not work: choose it again.", last)
    if last.state != "done":
        raise JobCancelled("This job was cancelled.", last)
    Gimp.progress_update(1.0)
    return last, [client.result(job.id, one.index) for one in last.results]


def _starting(title: str, seconds: float) -> None:
    words = "starting SinDDM" if seconds < 10 else "starting SinDDM, which takes up to a minute the first time"
    Gimp.progress_set_text(f"{title}: {words}")
    Gimp.progress_pulse()


def _show(title: str, job: JobView) -> None:
    """How far it is, in words."""
    if job.state == "queued":
        words = "waiting for other jobs" if job.position else "waiting"
    elif job.left is not None and job.left > SOON:
        words = f"{job.words or 'working'}, {_duration(job.left)} left"
    else:
        words = job.words or "working"
    Gimp.progress_set_text(f"{title}: {words}")
    Gimp.progress_update(job.fraction)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
