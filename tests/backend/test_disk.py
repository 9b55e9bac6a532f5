"""A disk that is full costs the job at hand, and nothing else; the space that jobs may take is kept."""

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from backends import Backend, until
from layers import array, layer, picture
from mounts import mounted
from sinddm_plugin import client as c

MB = 1 << 20


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A folder on a disk of 48 MB."""
    folder = tmp_path / "kleine Platte"
    folder.mkdir()
    yield from mounted(folder, ["-t", "tmpfs", "-o", "size=48m", "tmpfs"])


@pytest.fixture
def cramped(small_disk) -> Iterator[Backend]:
    """A backend on that disk."""
    backend = Backend(small_disk)
    yield backend.start()
    backend.end()


def small(seed: int = 0, **more) -> c.Request:
    return c.Generate(source=[layer()], quality="draft", seed=seed, **more)


def fill(disk: Path) -> None:
    """Leave no space on it."""
    with suppress(OSError), (disk / "others").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    assert shutil.disk_usage(disk).free < 4096


def empty(disk: Path) -> None:
    """Free what `fill` took."""
    (disk / "others").unlink()


def test_a_layer_that_does_not_fit_is_refused_and_nothing_of_it_stays(cramped):
    client = cramped.client
    with pytest.raises(c.Refused, match="The disk is full: free some space and try again") as told:
        client.submit(c.Generate(source=[layer(2400, 1800)]))  # 17 MB, and 32 are to stay free
    assert told.value.status == 507
    assert list((cramped.state / "jobs").iterdir()) == []
    assert client.wait(client.submit(small()).id).state == "done"


def test_a_disk_that_fills_up_fails_the_job_and_works_again_when_there_is_space(cramped, small_disk):
    client = cramped.client
    done = client.wait(client.submit(small()).id)
    job, learning = client.submit(small(count=12)), client.submit(c.Learn(source=[layer()], name="Full", steps=3))
    worker = cramped.halfway(job.id, lambda job: job.results)
    fill(small_disk)
    worker.resume()
    for one in (job, learning):
        with pytest.raises(c.JobFailed, match=r"^The disk is full: free some space and run it again\.$"):
            client.wait(one.id)
    with pytest.raises(c.Refused, match="The disk is full"):
        client.submit(small())
    assert client.result(done.id, 0).picture.width == 72
    empty(small_disk)
    for one in (job, learning):
        client.rerun(one.id)
    assert len(client.wait(job.id).results) == 12
    assert client.wait(learning.id).texture == "Full"


def test_a_disk_that_is_full_at_the_start_is_told(make_backend, small_disk):
    backend = make_backend(folder=small_disk.name)
    fill(small_disk)
    told = backend.launch().communicate(timeout=60)[1].decode()
    assert backend.process.returncode == 2
    assert re.fullmatch(r"[^\n]* cannot be written to [^\n]*: free some space, or set SINDDM_STATE [^\n]*\.\n", told)
    assert not (backend.state / "backend.json").exists()
    empty(small_disk)
    client = backend.start().client
    assert client.wait(client.submit(small()).id).state == "done"


def test_the_oldest_results_make_room_and_those_that_were_fetched_go_first(make_backend):
    backend = make_backend("--budget", str(11 / 1024)).start()
    client = backend.client
    source = layer(320, 200)

    def made(seed: int) -> c.JobView:
        """A job that is done, whose result and thumbnail have about 1.7 MB."""
        wish = c.Generate(source=[source], width=640, height=400, quality="draft", seed=seed)
        return client.wait(client.submit(wish).id)

    jobs = [made(seed) for seed in range(4)]
    fetched = array(client.result(jobs[1].id, 0).picture)
    assert fetched.shape == (400, 640, 4)
    until(lambda: client.job(jobs[1].id).results[0].fetched)
    jobs += [made(seed) for seed in range(4, 7)]
    assert [len(client.job(job.id).results) for job in jobs] == [1, 0, 1, 1, 1, 1, 1]
    jobs.append(made(7))
    assert [len(client.job(job.id).results) for job in jobs] == [0, 0, 1, 1, 1, 1, 1, 1]
    with pytest.raises(c.Refused, match="made room for others") as told:
        client.result(jobs[1].id, 0)
    assert told.value.status == 404
    assert f"of job {jobs[1].id}, fetched" in backend.log
    used = sum(path.stat().st_size for path in (backend.state / "jobs").rglob("*") if path.is_file())
    assert used <= 11 * MB


def test_layers_of_a_job_that_failed_are_kept_longer_than_what_was_fetched_and_what_is_too_much_removes_nothing(
    make_backend,
):
    backend = make_backend("--budget", str(2 / 1024)).start()
    client = backend.client
    blank = picture(np.zeros((400, 400, 4)), "rgba")  # 0.6 MB
    failed = client.submit(c.Generate(source=[blank]))
    with pytest.raises(c.JobFailed):
        client.wait(failed.id)
    done = client.wait(client.submit(small(width=400, height=300)).id)  # 0.5 MB
    client.result(done.id, 0)
    until(lambda: client.job(done.id).results[0].fetched)
    with pytest.raises(c.Refused, match="Too many layers are waiting") as told:
        client.submit(c.Generate(source=[layer(800, 700)]))  # more than the budget
    assert told.value.status == 507
    assert client.job(done.id).results
    with client.follow_all() as changes:
        next(changes)
        with backend.busy():
            waiting = client.submit(c.Generate(source=[layer(550, 550)], quality="draft"))  # 1.2 MB
            client.cancel(waiting.id)
        assert next(view for change in changes for view in change.jobs if view.id == done.id).results == ()
    assert client.job(failed.id).can_rerun
    with backend.busy():
        client.cancel(client.submit(c.Generate(source=[layer(500, 500)], quality="draft")).id)
    assert not client.job(failed.id).can_rerun
    with pytest.raises(c.Refused, match="ask for it anew"):
        client.rerun(failed.id)


def test_a_damaged_history_is_put_aside(make_backend):
    backend = make_backend()
    backend.state.mkdir(parents=True)
    (backend.state / "history.sqlite").write_bytes(b"no database at all" * 1000)
    client = backend.start().client
    assert client.jobs() == ()
    assert client.wait(client.submit(small()).id).state == "done"
    assert (backend.state / "history.damaged").exists()
    backend.process.kill()  # so that what SQLite has not put into the file yet lies beside it
    backend.process.wait()
    (backend.state / "history.sqlite").write_bytes(b"no database again" * 1000)
    client = backend.start().client
    again = client.wait(client.submit(small()).id)
    backend.process.kill()
    backend.process.wait()
    assert again.id in [job.id for job in backend.start().client.jobs()]
