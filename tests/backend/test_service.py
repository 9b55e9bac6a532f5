"""Starting, finding and ending the one backend there is."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from backends import Backend, until
from layers import layer
from mounts import mounted
from peer import serving
from sinddm_plugin import client as c
from sinddm_plugin.client.places import read_address

from sinddm.cli import main


def sinddm(backend: Backend, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command line beside the backend."""
    command = [sys.executable, "-m", "sinddm.cli", *arguments]
    return subprocess.run(command, env=backend.environment, capture_output=True, text=True, timeout=90, check=False)


def long_job(client: c.Client) -> c.JobView:
    """A job that runs for longer than any test."""
    job = client.submit(c.Generate(source=[layer()], width=3000, height=3000))
    until(lambda: client.job(job.id).engine_seconds)  # before that it would only be begun anew if its worker ended
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
        b'{"port": 99999999999, "token": "x", "pid": 1, "version": "0.1.0", "protocol": 1}',
        b'{"port": 1, "token": "a\\nb", "pid": 1, "version": "0.1.0", "protocol": 1}',
        b"[" * 100_000,
    ],
    ids=["another's process", "half written", "empty", "not text", "no object", "no port", "no token", "deep"],
)
def test_a_stale_file_is_replaced(make_backend, stale):
    backend = make_backend()
    backend.state.mkdir(parents=True)
    (backend.state / "backend.json").write_bytes(stale)
    (backend.state / "backend.lock").write_bytes(b"")
    told = sinddm(backend, "status")
    assert (told.returncode, told.stderr) == (1, "")
    assert backend.start().client.health().pid == backend.process.pid


@pytest.mark.parametrize("answer", [b"[]", b'{"name": "another"}', b"[" * 100_000, b"no JSON"], ids=lambda one: one[:9])
@pytest.mark.parametrize("status", [200, 202, 409])
def test_another_program_that_has_the_port_by_now_is_not_taken_for_the_backend(make_backend, answer, status):
    backend = make_backend()
    with serving(lambda handler: handler.body(answer, status)) as other:
        backend.state.mkdir(parents=True)
        (backend.state / "backend.json").write_text(json.dumps(other.address._asdict()))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SINDDM_STATE", str(backend.state))
            assert main(["status", "--json"]) == 1
            assert main(["stop"]) == 0
    assert "POST" not in [method for method, _ in other.seen]


def test_a_start_does_not_wait_for_another_program_that_has_the_port_by_now(make_backend):
    backend = make_backend()
    with serving(lambda handler: handler.json({})) as other:
        backend.state.mkdir(parents=True)
        (backend.state / "backend.json").write_text(json.dumps(other.address._asdict()))
        assert backend.start().address.port != other.address.port


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
    assert re.fullmatch(
        r"The folder [^\n]* cannot be made \(it is a file\): set SINDDM_STATE to [^\n]*\.\n", done.stderr
    )


def test_a_state_folder_with_something_in_the_way_is_told(make_backend):
    backend = make_backend()
    backend.state.mkdir(parents=True)
    (backend.state / "jobs").write_text("a file")
    done = sinddm(backend, "serve")
    assert done.returncode == 2
    assert re.fullmatch(r"[^\n]* cannot be written to \([^\n]*\): [^\n]*set SINDDM_STATE [^\n]*\.\n", done.stderr)


@pytest.fixture
def unchangeable(tmp_path) -> Iterator[Path]:
    """A folder on a disk that can only be read."""
    folder = tmp_path / "nur lesen"
    folder.mkdir()
    yield from mounted(folder, ["-t", "tmpfs", "-o", "ro", "tmpfs"])


@pytest.mark.parametrize("state", ["", "sinddm"])
def test_a_state_folder_that_can_only_be_read_is_told(make_backend, unchangeable, state):
    backend = make_backend(SINDDM_STATE=str(unchangeable / state))
    done = sinddm(backend, "serve")
    assert done.returncode == 2
    assert re.fullmatch(r"[^\n]* \(Read-only file system\): [^\n]*SINDDM_STATE [^\n]*\.\n", done.stderr)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other folders")
def test_a_home_with_spaces_and_other_letters_holds_all(make_backend, tmp_path):
    home = tmp_path / "Zoë's Haus \N{HOUSE BUILDING} 100%"
    home.mkdir()
    nowhere = {"XDG_STATE_HOME": "", "XDG_DATA_HOME": "", "SINDDM_STATE": "", "SINDDM_LIBRARY": ""}
    backend = make_backend(HOME=str(home), **nowhere)
    backend.state, backend.library = home / ".local" / "state" / "sinddm", home / ".local" / "share" / "sinddm"
    client = backend.start().client
    job = client.wait(client.submit(c.Learn(source=[layer()], name="Grün 'n' \N{LEAF FLUTTERING IN WIND}", steps=1)).id)
    assert (backend.library / "textures" / f"{job.texture}.safetensors").is_file()
    assert sinddm(backend, "status").returncode == 0


def test_nobody_else_can_read_what_the_backend_keeps(backend: Backend):
    client = backend.client
    client.wait(client.submit(c.Generate(source=[layer()], quality="draft")).id)
    assert stat.S_IMODE((backend.state / "backend.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(backend.state.stat().st_mode) == 0o700
    kept = [path for path in (backend.state / "jobs").rglob("*") if path.is_file()]
    assert kept
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in [*kept, *backend.state.iterdir()])


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


def test_a_signal_ends_it_cleanly_whatever_it_does(make_backend):
    backend = make_backend().start()
    client, worker = backend.client, backend.worker
    with client.follow_all(reconnect=False) as changes:
        next(changes)
        job = long_job(client)
        backend.process.send_signal(signal.SIGTERM)
        with pytest.raises(c.Unreachable):
            list(changes)
    backend.process.wait(30)
    worker.wait(30)
    assert not (backend.state / "backend.json").exists()
    assert "Traceback" not in backend.log
    with pytest.raises(c.Unreachable, match="not running"):
        client.jobs()
    (after,) = backend.start().client.jobs()
    assert (after.id, after.state, after.can_rerun) == (job.id, "failed", True)
    assert after.error == "The backend was stopped while this was made: run it again."


def test_it_ends_by_itself_when_nobody_uses_it_but_not_while_somebody_does(make_backend):
    backend = make_backend("--idle", "0.03").start()
    client = backend.client
    with client.follow_all() as changes:
        next(changes)
        time.sleep(3)
        assert backend.process.poll() is None
    job = long_job(client)
    time.sleep(3)
    assert backend.process.poll() is None
    client.cancel(job.id)
    assert backend.process.wait(60) == 0
    assert read_address(backend.state) is None


def test_stop_ends_one_that_has_nothing_to_do(make_backend):
    backend = make_backend().start()
    assert sinddm(backend, "stop").stdout == "The backend has stopped.\n"
    assert backend.process.wait(30) == 0


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
