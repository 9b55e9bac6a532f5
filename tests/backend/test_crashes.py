"""Whatever happens to the worker or to the service costs at most the job at hand, which can be run again."""

import os
import signal
from typing import Any

import pytest
from backends import Backend, until
from layers import hole, layer
from sinddm_plugin import client as c

MANY: dict[str, Any] = {"quality": "draft", "count": 12}


def wishes() -> dict[str, c.Request]:
    """Jobs of every task that make one result after another for a while."""
    one, mask, other = layer(), hole(), layer(seed=1)
    return {
        "generate": c.Generate(source=[one], **MANY),
        "tile": c.Tile(source=[one], **MANY),
        "place": c.Place(source=[one], regions=[((4, 5, 20, 16), (40, 30, 20, 16))], **MANY),
        "expand": c.Expand(source=[one], picture=one, left=9, **MANY),
        "fill": c.Fill(source=[layer(without=mask)], picture=one, mask=mask, **MANY),
        "paint": c.Paint(source=[one], picture=other, **MANY),
        "style": c.Style(source=[one], picture=other, **MANY),
        "harmonize": c.Harmonize(source=[one], picture=other, mask=mask, **MANY),
    }


def long_job() -> c.Request:
    """Takes longer than any test."""
    return c.Generate(source=[layer()], width=3000, height=3000)


def works(backend: Backend) -> bool:
    """Whether the next job is done."""
    client = backend.client
    return client.wait(client.submit(c.Generate(source=[layer()], quality="draft")).id).state == "done"


@pytest.mark.parametrize("task", wishes())
def test_a_worker_that_is_killed_fails_one_job_which_goes_on_when_it_is_run_again(backend: Backend, task):
    client, worker = backend.client, backend.worker
    job = client.submit(wishes()[task])
    until(lambda: client.job(job.id).results)
    worker.kill()
    with pytest.raises(c.JobFailed, match=r"memory ran out: choose a smaller size"):
        client.wait(job.id)
    failed = client.job(job.id)
    assert (failed.state, failed.can_rerun) == ("failed", True)
    assert 1 <= len(failed.results) < 12
    kept = bytes(client.result(job.id, 0).picture.data)
    client.rerun(job.id)
    again = client.wait(job.id)
    assert [result.index for result in again.results] == list(range(12))
    assert bytes(client.result(job.id, 0).picture.data) == kept


def test_learning_that_is_killed_can_be_run_again(backend: Backend):
    client, worker = backend.client, backend.worker
    job = client.submit(c.Learn(source=[layer()], name="Killed", steps=40))
    until(lambda: client.job(job.id).fraction > 0)
    worker.kill()
    with pytest.raises(c.JobFailed, match="memory ran out"):
        client.wait(job.id)
    client.rerun(job.id)
    assert client.wait(job.id).texture == "Killed"


@pytest.mark.parametrize("way", [signal.SIGSEGV, signal.SIGABRT])
def test_a_crash_is_told_as_one_and_the_next_job_runs(backend: Backend, way):
    client, worker = backend.client, backend.worker
    job = client.submit(long_job())
    until(lambda: client.job(job.id).state == "running")
    worker.send_signal(way)
    with pytest.raises(c.JobFailed, match=rf"ended unexpectedly \(signal {int(way)}\): run it again"):
        client.wait(job.id)
    assert works(backend)


def test_a_worker_that_dies_while_nothing_is_to_do_is_replaced(backend: Backend):
    backend.worker.kill()
    assert works(backend)


def test_an_engine_that_does_not_start_fails_jobs_in_a_sentence(make_backend, tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('torch is broken')")
    backend = make_backend(PYTHONPATH=str(tmp_path)).start()
    client = backend.client
    job = client.submit(c.Generate(source=[layer()]))
    with pytest.raises(c.JobFailed, match=r"does not start .*torch is broken.*run sinddm doctor"):
        client.wait(job.id)
    (tmp_path / "torch.py").unlink()
    assert works(backend)


def test_a_service_that_is_killed_leaves_no_worker_and_its_successor_knows_all_jobs(make_backend):
    backend = make_backend().start()
    client = backend.client
    done = client.wait(client.submit(c.Generate(source=[layer()], quality="draft", title="Grüße")).id)
    running = client.submit(long_job())
    waiting = client.submit(c.Generate(source=[layer()], quality="draft"))
    until(lambda: client.job(running.id).state == "running")
    worker = backend.worker
    stray = backend.state / "jobs" / "0123456789abcdef"
    stray.mkdir()
    (stray / "input.safetensors").write_bytes(b"half of a la")
    backend.process.kill()
    worker.wait(30)
    backend.start()
    client = backend.client
    after = client.job(running.id)
    assert (after.state, after.can_rerun) == ("failed", True)
    assert after.error == "The backend ended while this was being made: run it again."
    assert client.job(done.id).title == "Grüße"
    assert client.result(done.id, 0).picture.width == 72
    assert client.wait(waiting.id).state == "done"
    assert not stray.exists()
    client.rerun(running.id)
    until(lambda: client.job(running.id).state == "running")
    client.cancel(running.id)


def test_who_follows_a_job_sees_its_end_although_the_service_was_killed_meanwhile(make_backend, monkeypatch):
    backend = make_backend().start()
    monkeypatch.setenv("SINDDM_STATE", str(backend.state))
    client = backend.client
    job = client.submit(long_job())
    seen = []
    with client.follow(job.id) as changes:
        for change in changes:
            seen.append(change.state)
            if change.state == "running" and backend.process.poll() is None and len(seen) < 3:
                os.kill(backend.process.pid, signal.SIGKILL)
                backend.process.wait()
                backend.start()
    assert seen[-1] == "failed"
