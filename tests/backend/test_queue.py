"""The queue: who waits, who goes first, who gives way, and that nothing is lost or mixed up."""

import json
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import numpy as np
import pytest
from backends import Backend, until
from layers import array, layer, picture
from raw import head
from sinddm_plugin import client as c

import sinddm
from sinddm.backend.service import LEFT_ALONE

LONG: dict[str, Any] = {"width": 3000, "height": 3000}


def small(seed: int = 0, **more) -> c.Request:
    return c.Generate(source=[layer(48, 40)], quality="draft", seed=seed, **more)


def running(backend: Backend, wish: c.Request) -> c.JobView:
    """Submit a job and wait until it runs."""
    client = backend.client
    job = client.submit(wish)
    until(lambda: client.job(job.id).state == "running")
    return job


def cancelled(backend: Backend, *jobs: c.JobView) -> None:
    """Cancel jobs and wait until they have ended."""
    client = backend.client
    for job in jobs:
        client.cancel(job.id)
    until(lambda: all(client.job(job.id).over for job in jobs))


def test_two_hundred_jobs_of_eight_threads_are_all_done_and_none_is_mixed_up(backend: Backend):
    def flat(index: int) -> c.Picture:
        """A colour of its own for every job."""
        noise = np.random.default_rng(index).normal(0, 0.02, (24, 24, 3))
        return picture(np.clip(np.array([index % 8, index // 8 % 8, index // 64 % 8]) / 8 + 0.05 + noise, 0, 1), "rgb")

    def run(index: int) -> tuple[str, np.ndarray]:
        client = backend.client
        wish = c.Generate(source=[flat(index)], seed=index, quality="draft", width=24 + index % 7, height=24)
        job = client.wait(client.submit(wish).id)
        found = client.result(job.id, 0)
        assert (found.seed, found.picture.width, found.picture.height) == (index, 24 + index % 7, 24)
        given = array(flat(index)).mean((0, 1))
        assert np.abs(array(found.picture).mean((0, 1)) - given).max() < 10
        return job.id, array(found.picture)

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(run, range(200)))
    for index in range(0, 200, 20):
        size = 24, 24 + index % 7
        (direct,) = sinddm.Texture.from_image(array(flat(index))).generate(size=size, seed=index, quality="draft")
        assert np.array_equal(done[index][1], direct)
    ids = {id for id, _ in done}
    assert len(ids) == 200
    assert all(backend.log.count(f"job {id} (generate) runs") == 1 for id in ids)
    with closing(sqlite3.connect(backend.state / "history.sqlite")) as history:
        kept = [json.loads(job) for (job,) in history.execute("SELECT job FROM jobs")]
    assert sorted((job["id"], job["state"]) for job in kept) == sorted((id, "done") for id in ids)


def test_two_clients_see_each_others_jobs(backend: Backend):
    one, other = backend.client, backend.client
    with other.follow_all() as changes:
        next(changes)
        job = one.submit(small(title="Wald", client="krita"))
        seen = next(view for change in changes for view in change.jobs if view.id == job.id)
    assert (seen.title, seen.client) == ("Wald", "krita")
    one.wait(job.id)


def test_waiting_jobs_run_in_their_order_and_can_be_moved(backend: Backend):
    client = backend.client
    first = running(backend, c.Generate(source=[layer()], **LONG))
    waiting = [client.submit(small(seed)) for seed in range(3)]
    assert [client.job(job.id).position for job in waiting] == [0, 1, 2]
    assert client.move(waiting[2].id, 0).position == 0
    assert [client.job(job.id).position for job in waiting] == [1, 2, 0]
    with pytest.raises(c.Refused, match="only jobs that do can be moved"):
        client.move(first.id, 0)
    cancelled(backend, first)
    done = [client.wait(job.id) for job in waiting]
    assert [job.started for job in sorted(done, key=lambda job: job.started or 0)] == [
        done[2].started,
        done[0].started,
        done[1].started,
    ]


def test_a_job_that_runs_is_cancelled_and_the_next_one_runs(backend: Backend):
    client = backend.client
    job = running(backend, c.Generate(source=[layer()], **LONG))
    waiting = client.submit(small())
    client.cancel(job.id)
    with pytest.raises(c.JobCancelled):
        client.wait(job.id)
    assert client.job(job.id).can_rerun
    assert client.wait(waiting.id).state == "done"


def test_a_job_that_waits_is_cancelled_at_once_and_one_that_is_over_stays_as_it_is(backend: Backend):
    client = backend.client
    first = running(backend, c.Generate(source=[layer()], **LONG))
    waiting = client.submit(small())
    assert client.cancel(waiting.id).state == "cancelled"
    cancelled(backend, first)
    done = client.wait(client.submit(small()).id)
    assert client.cancel(done.id).state == "done"


def test_a_job_that_is_cancelled_while_the_engine_still_starts_does_not_run(make_backend):
    backend = make_backend().start()
    client = backend.client
    first, second = client.submit(small()), client.submit(small())
    starting = backend.ask("GET", "/health")[1]["engine"] == "starting"
    assert client.cancel(first.id).state == "cancelled"
    assert starting
    assert client.wait(second.id).state == "done"
    assert client.job(first.id).results == ()


def test_what_is_cancelled_before_it_began_costs_the_next_job_nothing(backend: Backend):
    client, worker = backend.client, backend.worker
    for _ in range(2):
        worker.suspend()  # so that it begins nothing
        job = client.submit(small())
        client.cancel(job.id)
        until(lambda job=job: client.job(job.id).over)
        assert client.job(job.id).state == "cancelled"
        worker = backend.worker
    assert client.wait(client.submit(small()).id).state == "done"


def test_a_job_that_is_over_can_be_forgotten_and_one_that_runs_cannot(backend: Backend):
    client = backend.client
    job = running(backend, c.Generate(source=[layer()], **LONG))
    with pytest.raises(c.Refused, match="cancel it first"):
        client.forget(job.id)
    cancelled(backend, job)
    client.forget(job.id)
    with pytest.raises(c.Refused, match="no such job"):
        client.job(job.id)
    assert not (backend.state / "jobs" / job.id).exists()


def test_a_job_that_is_forgotten_while_its_result_is_fetched_stays_forgotten(make_backend):
    backend = make_backend().start()
    client = backend.client
    form = c.Format("F32")
    job = client.wait(client.submit(small(width=900, height=900, format=form)).id)  # more than a connection holds
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(60)
        slow.connect(("127.0.0.1", backend.address.port))
        slow.sendall(head(backend, "GET", f"/jobs/{job.id}/results/0"))
        got = len(slow.recv(4096))
        client.forget(job.id)
        while more := len(slow.recv(1 << 20)):
            got += more
    assert got > job.results[0].bytes
    backend.process.kill()
    backend.process.wait()
    assert backend.start().client.jobs() == ()


def test_learning_gives_way_to_short_jobs_and_goes_on_after_each_where_it_was(backend: Backend):
    client = backend.client
    learning = running(backend, c.Learn(source=[layer()], name="Gives way", steps=24))
    with ThreadPoolExecutor(1) as threads:
        seen = threads.submit(lambda: [(job.state, job.fraction) for job in client.follow(learning.id)])
        for part in (0.1, 0.3, 0):  # the last one comes before it has taken another step
            until(lambda part=part: (job := client.job(learning.id)).state == "running" and job.fraction > part)
            assert client.wait(client.submit(small()).id).state == "done"
            assert not client.job(learning.id).over
        assert client.wait(learning.id).texture == "Gives way"
        states, fractions = zip(*seen.result(60), strict=True)
    assert list(fractions) == sorted(fractions)
    assert "queued" in states


def test_learning_that_goes_on_with_a_texture_may_give_way_before_its_first_step(backend: Backend):
    client = backend.client
    client.wait(client.submit(c.Learn(source=[layer()], name="Begun", steps=1)).id)
    worker = backend.worker
    worker.suspend()
    more = running(backend, c.Learn(source="Begun", resume=True, steps=2))
    short = client.submit(small())
    worker.resume()
    assert client.wait(short.id).state == "done"
    assert client.wait(more.id).texture == "Begun"


def test_learning_that_is_resumed_before_it_has_paused_goes_on(backend: Backend):
    client = backend.client
    job = client.submit(c.Learn(source=[layer()], name="Changed my mind", steps=12))
    worker = backend.halfway(job.id)
    client.pause(job.id)
    client.resume(job.id)
    worker.resume()
    assert until(lambda: (now := client.job(job.id)).over and now).texture == "Changed my mind"


def test_learning_is_paused_resumed_and_stopped_keeping_what_was_learned(backend: Backend):
    client = backend.client
    job = running(backend, c.Learn(source=[layer()], name="Stopped early", seconds=600))
    until(lambda: client.job(job.id).fraction > 0)
    client.pause(job.id)
    until(lambda: client.job(job.id).state == "paused")
    assert client.wait(client.submit(small()).id).state == "done"
    assert client.job(job.id).state == "paused"
    client.resume(job.id)
    until(lambda: client.job(job.id).state == "running")
    client.finish(job.id)
    assert client.wait(job.id).texture == "Stopped early"
    assert "Stopped early" in [texture.name for texture in client.textures()]


def test_a_name_that_is_being_learned_is_taken_and_one_that_was_taken_meanwhile_loses_nothing(backend: Backend):
    client = backend.client
    job = running(backend, c.Learn(source=[layer()], name="Twice", steps=30))
    with pytest.raises(c.Refused, match="being learned already: choose another name"):
        client.submit(c.Learn(source=[layer()], name="twice", steps=3))
    job2 = client.submit(c.Learn(source=[layer(seed=1)], name="Other", steps=1))
    code = (
        "import numpy as np\nfrom sinddm import Texture\nfrom sinddm.library import Library\n"
        "texture = Texture.from_image(np.random.default_rng(0).integers(0, 255, (40, 40, 3)).astype(np.uint8))\n"
        "print(Library().keep(texture.save, 'Twice'))"
    )
    command = [sys.executable, "-c", code]
    other = subprocess.run(command, env=backend.environment, capture_output=True, timeout=120, check=True)
    assert {client.wait(job.id).texture, other.stdout.decode().strip()} == {"Twice", "Twice 2"}
    assert client.wait(job2.id).texture == "Other"
    with pytest.raises(c.Refused, match="already a texture called 'Twice'"):
        client.submit(c.Learn(source=[layer()], name="Twice", steps=3))


def test_an_attached_job_ends_with_the_program_that_follows_it_and_others_go_on(backend: Backend):
    client = backend.client
    first = client.submit(c.Generate(source=[layer()], attached=True, **LONG))
    other = client.submit(c.Generate(source=[layer()], **LONG))
    code = (
        "import sys\nfrom sinddm_plugin.client import Client\n"
        "for job in Client.connect(start=False).follow(sys.argv[1]): print(job.state, flush=True)"
    )
    command = [sys.executable, "-c", code, first.id]
    follower = subprocess.Popen(command, env=backend.environment, stdout=subprocess.PIPE)
    try:
        assert follower.stdout
        assert follower.stdout.readline()
    finally:
        follower.kill()
        follower.communicate()
    until(lambda: client.job(first.id).state == "cancelled")
    until(lambda: client.job(other.id).state == "running")
    cancelled(backend, other)


def test_an_attached_job_goes_on_as_long_as_it_is_followed_and_has_time_to_be_followed_again(backend: Backend):
    client = backend.client
    blocker = running(backend, c.Generate(source=[layer()], **LONG))
    followed = client.submit(small(attached=True))
    with client.follow(followed.id) as changes:
        next(changes)
        alone = client.submit(small(attached=True))
        until(lambda: client.job(alone.id).state == "cancelled")
        assert client.job(followed.id).state == "queued"
        began = time.time()
        client.rerun(alone.id)
        until(lambda: client.job(alone.id).state == "cancelled")
        assert (client.job(alone.id).ended or 0) - began > LEFT_ALONE
        assert client.job(followed.id).state == "queued"
        cancelled(backend, blocker)
        *_, last = changes
    assert last.state == "done"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (picture(np.ones((1, 1, 4)), "rgba"), "too small"),
        (picture(np.zeros((40, 40, 4)), "rgba"), "transparent|nothing to learn"),
        (picture(np.full((40, 40, 3), np.nan), "rgb", "F32"), "infinite or not a number"),
        (picture(np.full((40, 40, 3), np.inf), "rgb", "F16"), "infinite or not a number"),
    ],
    ids=["one pixel", "empty", "not numbers", "infinite"],
)
def test_a_layer_that_cannot_be_learned_fails_in_a_sentence(backend: Backend, given, sentence):
    client = backend.client
    job = client.submit(c.Generate(source=[given]))
    with pytest.raises(c.JobFailed, match=sentence) as told:
        client.wait(job.id)
    assert str(told.value).count("\n") == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (picture(np.ones((1, 1, 4)), "rgba"), "too small"),
        (picture(np.full((54, 72, 3), np.nan), "rgb", "F32"), "infinite or not a number"),
    ],
    ids=["one pixel", "not numbers"],
)
@pytest.mark.parametrize("task", [c.Style, c.Paint])
def test_a_layer_that_cannot_be_worked_on_fails_in_a_sentence(backend: Backend, task, given, sentence):
    client = backend.client
    job = client.submit(task(source=[layer()], picture=given))
    with pytest.raises(c.JobFailed, match=sentence) as told:
        client.wait(job.id)
    assert str(told.value).count("\n") == 0


def test_a_layer_without_pixels_is_refused(backend: Backend):
    for width, height in ((0, 0), (0, 5), (5, 0)):
        with pytest.raises(c.Refused, match=r"The layer is empty: choose one that has pixels\."):
            backend.client.submit(c.Generate(source=[c.Picture(b"", width, height)]))
