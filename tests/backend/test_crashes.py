"""Whatever happens to the worker or to the service costs at most the job at hand, which can be run again."""

import shutil
import signal
from typing import Any

import psutil
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


def small(**more) -> c.Request:
    return c.Generate(source=[layer()], quality="draft", **more)


def long_job() -> c.Request:
    """Takes longer than any test."""
    return c.Generate(source=[layer()], width=3000, height=3000)


def works(backend: Backend) -> bool:
    """Whether the next job is done."""
    client = backend.client
    return client.wait(client.submit(small()).id).state == "done"


@pytest.mark.parametrize("task", wishes())
def test_a_worker_that_is_killed_fails_one_job_which_goes_on_when_it_is_run_again(backend: Backend, task):
    client = backend.client
    job = client.submit(wishes()[task])
    backend.halfway(job.id, lambda job: job.results).kill()
    with pytest.raises(c.JobFailed, match=r"memory ran out: choose a smaller size"):
        client.wait(job.id)
    failed = client.job(job.id)
    assert (failed.state, failed.can_rerun) == ("failed", True)
    assert 1 <= len(failed.results) < 12
    kept = bytes(client.result(job.id, 0).picture.data)
    folder = backend.state / "jobs" / job.id
    shutil.copy(folder / "result-0.safetensors", folder / "result-11.safetensors")  # written, but never told of
    (folder / ".unfinished-1.safetensors").write_bytes(b"half a pic")
    client.rerun(job.id)
    again = client.wait(job.id)
    assert [(result.index, result.seed) for result in again.results] == [(index, index) for index in range(12)]
    assert [client.result(job.id, index).seed for index in (0, 11)] == [0, 11]
    assert bytes(client.result(job.id, 0).picture.data) == kept
    kept = {f"{kind}-{index}.safetensors" for kind in ("result", "thumbnail") for index in range(12)}
    assert {path.name for path in folder.iterdir()} == kept


def test_learning_that_is_killed_can_be_run_again(backend: Backend):
    client = backend.client
    job = client.submit(c.Learn(source=[layer()], name="Killed", steps=8))
    backend.halfway(job.id).kill()
    with pytest.raises(c.JobFailed, match="memory ran out"):
        client.wait(job.id)
    client.rerun(job.id)
    assert client.wait(job.id).texture == "Killed"


def test_learning_that_was_saved_before_it_is_killed_goes_on_from_there(backend: Backend):
    client = backend.client
    job = client.submit(c.Learn(source=[layer()], name="Saved and killed", steps=12))
    backend.halfway(job.id, lambda job: job.fraction > 0.3).resume()
    client.pause(job.id)
    until(lambda: client.job(job.id).state == "paused")
    saved = client.job(job.id).fraction
    client.resume(job.id)
    backend.halfway(job.id, lambda job: job.fraction > saved).kill()
    until(lambda: client.job(job.id).state == "failed")
    client.rerun(job.id)
    with client.follow(job.id) as changes:
        seen = list(changes)
    assert min(view.fraction for view in seen) >= saved
    assert seen[-1].texture == "Saved and killed"


@pytest.mark.parametrize("way", [signal.SIGSEGV, signal.SIGABRT])
def test_a_crash_is_told_as_one_and_the_next_job_runs(backend: Backend, way):
    client = backend.client
    job = client.submit(small(count=12))
    worker = backend.halfway(job.id)
    worker.send_signal(way)
    worker.resume()
    with pytest.raises(c.JobFailed, match=rf"ended unexpectedly \(signal {int(way)}\): run it again"):
        client.wait(job.id)
    assert works(backend)


def test_a_worker_that_dies_while_nothing_is_to_do_is_replaced_and_nothing_of_it_stays_open(backend: Backend):
    client, service = backend.client, psutil.Process(backend.process.pid)
    assert works(backend)

    def held() -> int:
        return service.num_fds() + service.num_threads()

    before = held()
    for _ in range(3):
        backend.worker.kill()
        assert works(backend)
        job = client.submit(small())
        with client.follow(job.id) as changes:
            next(changes)  # and no more
    until(lambda: held() <= before)
    assert len(service.children()) == 1


def test_an_engine_that_does_not_start_fails_jobs_in_a_sentence(make_backend, tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('torch is broken')")
    backend = make_backend(PYTHONPATH=str(tmp_path)).start()
    client = backend.client
    for job in [client.submit(small()), client.submit(small())]:
        with pytest.raises(c.JobFailed, match=r"does not start .*torch is broken.*run sinddm doctor"):
            client.wait(job.id)
    (tmp_path / "torch.py").write_text("import os\nos._exit(3)")
    with pytest.raises(c.JobFailed, match=r"does not start: run sinddm doctor"):
        client.wait(client.submit(small()).id)
    (tmp_path / "torch.py").unlink()
    client.rerun(job.id)
    assert client.wait(job.id).state == "done"


def test_a_service_that_is_killed_leaves_no_worker_and_its_successor_knows_all_jobs(make_backend, monkeypatch):
    backend = make_backend().start()
    monkeypatch.setenv("SINDDM_STATE", str(backend.state))
    client = backend.client
    done = client.wait(client.submit(small(title="Grüße")).id)
    running, waiting = client.submit(small(count=12)), client.submit(small(seed=1))
    worker = backend.halfway(running.id, lambda job: job.results)
    half_uploaded = backend.state / "jobs" / "0123456789abcdef" / "input.safetensors"
    half_imported = backend.state / "uploads" / "0123456789abcdef.safetensors"
    for path in (half_uploaded, half_imported):
        path.parent.mkdir()
        path.write_bytes(b"half of a la")
    with client.follow_all() as all_changes, client.follow(running.id) as changes:
        assert {view.id for view in next(all_changes).jobs} == {done.id, running.id, waiting.id}
        assert next(changes).state == "running"
        backend.process.kill()
        worker.resume()
        worker.wait(30)
        backend.start()
        *_, after = changes
        assert {view.id for view in next(all_changes).jobs} == {done.id, running.id, waiting.id}
        told = [view.id for change in iter_until_done(all_changes, waiting.id) for view in change.jobs]
        assert set(told) == {waiting.id}
    assert (after.state, after.can_rerun) == ("failed", True)
    assert after.error == "The backend ended while this was being made: run it again."
    assert client.job(done.id).title == "Grüße"
    assert client.result(done.id, 0).picture.width == 72
    kept = bytes(client.result(running.id, 0).picture.data)
    assert not half_uploaded.parent.exists()
    assert not half_imported.exists()
    client.rerun(running.id)
    assert len(client.wait(running.id).results) == 12
    assert bytes(client.result(running.id, 0).picture.data) == kept


def iter_until_done(changes: c.Following[c.Changes], id: str) -> list[c.Changes]:
    """What is told until a job is done."""
    seen: list[c.Changes] = []
    while not any(view.id == id and view.over for change in seen for view in change.jobs):
        seen.append(next(changes))
    return seen
