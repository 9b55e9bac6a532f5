"""Krita is closed in the middle of a job."""

from sinddm_plugin.krita.plugin import the_plugin
from sinddm_probe.tools import Until, do_open
from sinddm_ui.tasks import BY_KEY


def a_long_job_runs():
    session = the_plugin().session
    yield from do_open(256, 256)
    task = BY_KEY["generate"]
    session.choose(task, "quality", "best")
    session.choose(task, "count", 16)
    work = session.make(task)
    yield Until(lambda: work.job is not None and work.job.state == "running", 90)
    return work.job.id
