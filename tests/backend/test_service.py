"""Starting, finding and ending the one backend there is."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys

import psutil
import pytest
from backends import Backend, until
from layers import layer
from sinddm_plugin import client as c
from sinddm_plugin.client.places import read_address


def sinddm(backend: Backend, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command line beside the backend."""
    command = [sys.executable, "-m", "sinddm.cli", *arguments]
    return subprocess.run(command, env=backend.environment, capture_output=True, text=True, timeout=90, check=False)


def long_job(client: c.Client) -> c.JobView:
    """A job that runs for longer than any test."""
    job = client.submit(c.Generate(source=[layer()], width=3000, height=3000))
    until(lambda: client.job(job.id).state == "running")
    return job


def test_ten_starts_at_once_end_in_one_backend(make_backend):
    backend = make_backend()
    started = [backend.launch() for _ in range(10)]
    until(lambda: sum(process.poll() is None for process in started) == 1)
    (alive,) = [process for process in started if process.poll() is None]
    assert all(process.returncode == 0 for process in started if process is not alive)
    assert backend.address.pid == alive.pid
    assert backend.client.health().pid == alive.pid


def test_a_second_start_finds_the_first_and_says_so(backend: Backend):
    done = sinddm(backend, "serve")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"A backend runs already, as process {backend.process.pid}.\n"


@pytest.mark.parametrize(
    "stale",
    [
        b'{"port": 1, "token": "x", "pid": %d, "version": "0.1.0", "protocol": 1}' % os.getpid(),
        b'{"port": 1',
        b"",
        b"\xff\xfe",
        b'["port"]',
    ],
    ids=["another's process", "half written", "empty", "not text", "something else"],
)
def test_a_stale_file_is_replaced(make_backend, stale):
    backend = make_backend()
    backend.state.mkdir(parents=True)
    (backend.state / "backend.json").write_bytes(stale)
    (backend.state / "backend.lock").write_bytes(b"")
    assert sinddm(backend, "status").returncode == 1
    assert backend.start().client.health().pid == backend.process.pid


def test_a_port_that_is_taken_is_told(make_backend):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = sinddm(make_backend(), "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert done.stderr.endswith("choose another one, or leave out --port.\n")


def test_a_state_folder_that_cannot_be_is_told(make_backend):
    backend = make_backend()
    backend.state.parent.mkdir(parents=True)
    backend.state.write_text("a file")
    done = sinddm(backend, "serve")
    assert done.returncode == 2
    assert "it is a file" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_nobody_else_can_read_what_the_backend_keeps(backend: Backend):
    client = backend.client
    client.wait(client.submit(c.Generate(source=[layer()], quality="draft")).id)
    assert stat.S_IMODE((backend.state / "backend.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(backend.state.stat().st_mode) == 0o700
    kept = [path for path in (backend.state / "jobs").rglob("*") if path.is_file()]
    assert kept
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in kept)


def test_status_tells_and_stop_ends_it_when_it_has_nothing_to_do(make_backend):
    backend = make_backend().start()
    worker = backend.worker
    assert sinddm(backend, "status").stdout.endswith("nothing to do.\n")
    assert json.loads(sinddm(backend, "status", "--json").stdout)["pid"] == backend.process.pid
    job = long_job(backend.client)
    assert "1 jobs" in sinddm(backend, "status").stdout
    refused = sinddm(backend, "stop")
    assert refused.returncode == 2
    assert "jobs to do" in refused.stderr
    assert sinddm(backend, "stop", "--now").stdout == "The backend has stopped.\n"
    assert backend.process.wait(30) == 0
    worker.wait(30)
    assert not (backend.state / "backend.json").exists()
    assert sinddm(backend, "status").returncode == 1
    assert sinddm(backend, "stop").stdout == "No backend runs.\n"
    again = backend.start().client.job(job.id)
    assert (again.state, again.can_rerun) == ("failed", True)


def test_a_signal_ends_it_cleanly(make_backend):
    backend = make_backend().start()
    worker = backend.worker
    backend.process.send_signal(signal.SIGTERM)
    backend.process.wait(30)
    worker.wait(30)
    assert not (backend.state / "backend.json").exists()


def test_it_ends_by_itself_when_nobody_uses_it_but_not_while_somebody_does(make_backend):
    backend = make_backend("--idle", "0.02")
    backend.start()
    client = backend.client
    with client.follow_all() as changes:
        next(changes)
        job = long_job(client)
        assert backend.process.poll() is None
    client.cancel(job.id)
    assert backend.process.wait(60) == 0
    assert read_address(backend.state) is None


def test_a_parent_that_ignores_the_ends_of_children_does_not_confuse_it(make_backend):
    backend = make_backend()
    command = [sys.executable, "-c", "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "]
    command[-1] += "os.execv(sys.executable, [sys.executable, '-m', 'sinddm.cli', 'serve', '--idle', '3'])"
    process = subprocess.Popen(command, env=backend.environment)
    try:
        until(lambda: read_address(backend.state) and c.Client(backend.address).health())
        job = long_job(backend.client)
        (worker,) = psutil.Process(process.pid).children()
        worker.kill()
        with pytest.raises(c.JobFailed, match="memory ran out"):
            backend.client.wait(job.id)
    finally:
        process.terminate()
        process.wait(30)
