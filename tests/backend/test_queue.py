"""The queue: who waits, who goes first, who gives way, and that nothing is lost or mixed up."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from backends import Backend, until
from layers import array, layer, picture
from sinddm_plugin import client as c

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

    def run(index: int) -> tuple[str, int]:
        client = backend.client
        wish = c.Generate(source=[flat(index)], seed=index, quality="draft", width=24 + index % 7, height=24)
        job = client.wait(client.submit(wish).id)
        found = client.result(job.id, 0)
        assert (found.seed, found.picture.width, found.picture.height) == (index, 24 + index % 7, 24)
        given = array(flat(index)).mean((0, 1))
        assert np.abs(array(found.picture).mean((0, 1)) - given).max() < 10
        return job.id, index

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(run, range(200)))
    assert len({id for id, _ in done}) == 200
    assert {id for id, _ in done} <= {job.id for job in backend.client.jobs()}


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


def test_learning_gives_way_to_a_short_job_and_goes_on_after_it(backend: Backend):
    client = backend.client
    learning = running(backend, c.Learn(source=[layer()], name="Gives way", steps=60))
    until(lambda: client.job(learning.id).fraction > 0.05)
    before = client.job(learning.id).fraction
    assert client.wait(client.submit(small()).id).state == "done"
    now = client.job(learning.id)
    assert not now.over
    assert now.fraction >= before
    assert client.wait(learning.id).texture == "Gives way"


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


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (picture(np.ones((1, 1, 4)), "rgba"), "too small"),
        (picture(np.zeros((40, 40, 4)), "rgba"), "transparent|nothing to learn"),
        (picture(np.full((40, 40, 3), np.nan), "rgb", "F32"), "infinite or not a number"),
    ],
    ids=["one pixel", "empty", "not numbers"],
)
def test_a_layer_that_cannot_be_learned_fails_in_a_sentence(backend: Backend, given, sentence):
    client = backend.client
    job = client.submit(c.Generate(source=[given]))
    with pytest.raises(c.JobFailed, match=sentence) as told:
        client.wait(job.id)
    assert str(told.value).count("\n") == 0
