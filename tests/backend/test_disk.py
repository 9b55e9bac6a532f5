"""A disk that is full costs the job at hand, and nothing else; the space that jobs may take is kept."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from backends import Backend, until
from layers import array, layer
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
    blocker = small_disk / "others"
    job = client.submit(small(count=60))
    until(lambda: client.job(job.id).results)
    with suppress(OSError), blocker.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    assert shutil.disk_usage(small_disk).free < 4096
    with pytest.raises(c.JobFailed, match="The disk is full: free some space and run it again"):
        client.wait(job.id)
    with pytest.raises(c.Refused, match="The disk is full"):
        client.submit(small())
    assert client.job(done.id).state == "done"
    blocker.unlink()
    client.rerun(job.id)
    assert len(client.wait(job.id).results) == 60
    assert client.wait(client.submit(small()).id).state == "done"


def test_the_oldest_results_make_room_and_those_that_were_fetched_go_first(make_backend):
    backend = make_backend("--budget", str(6 / 1024)).start()
    client = backend.client
    source = layer(320, 200)

    def made(seed: int) -> c.JobView:
        """A job that is done, whose result has about 1 MB."""
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
    assert used <= 6 * MB


def test_more_than_the_budget_is_not_taken_in(make_backend):
    backend = make_backend("--budget", str(1 / 1024)).start()
    with pytest.raises(c.Refused, match="Too many layers are waiting") as told:
        backend.client.submit(c.Generate(source=[layer(640, 480)]))
    assert told.value.status == 507


def test_a_damaged_history_is_put_aside(make_backend):
    backend = make_backend()
    backend.state.mkdir(parents=True)
    (backend.state / "history.sqlite").write_bytes(b"no database at all" * 1000)
    client = backend.start().client
    assert client.jobs() == ()
    assert client.wait(client.submit(small()).id).state == "done"
    assert (backend.state / "history.damaged").exists()
