"""The client finds a backend, or starts one, or puts one of its own version in the place of another."""

import json
import os
import shlex
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from backends import until
from peer import Handler, serving
from sinddm_plugin.client import Cancelled, Client, StartFailed, Unreachable, VersionMismatch, starting
from sinddm_plugin.client.starting import LONGEST_LOG, living, start, start_and_wait

STAND_IN = Path(__file__).with_name("stand_in.py")


class Computer:
    """A computer with a backend that can be started. state: its folder, which is not there at first."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self.state = folder / "Zu Stand" / "sinddm"
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("SINDDM_STATE", str(self.state))

    def installs(self, *arguments: str) -> None:
        """The backend that would be started from now on."""
        command = [sys.executable, "-S", "-E", str(STAND_IN), *arguments]
        self._monkeypatch.setenv("SINDDM_BACKEND", shlex.join(command))

    @property
    def starts(self) -> list[dict[str, Any]]:
        """What each backend that was started found."""
        return [json.loads(path.read_text()) for path in sorted(self.state.glob("start-*.json"))]

    def tells(self, **where: Any) -> None:
        """What backend.json says."""
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / "backend.json").write_text(json.dumps(where))


@pytest.fixture
def computer(tmp_path, monkeypatch) -> Iterator[Computer]:
    """A computer on which a backend is installed and none runs."""
    found = Computer(tmp_path, monkeypatch)
    found.installs()
    yield found
    if found.state.exists():
        (found.state / "end").touch()


def test_one_that_runs_is_used(computer):
    first, second = Client.connect(), Client.connect(start=False)
    assert first.health() == second.health()
    assert (first.health().version, len(computer.starts)) == ("0.1.0", 1)


def test_without_one_and_without_leave_to_start_one_it_says_so(computer):
    with pytest.raises(Unreachable, match="not running"):
        Client.connect(start=False)
    assert not computer.state.exists()


def test_starting_returns_at_once_and_waiting_tells_how_long_it_takes(computer):
    computer.installs("--late")
    started = start()
    assert started.process.poll() is None
    assert living() is None
    waited: list[float] = []

    def on_wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            (computer.state / "go").touch()

    Client.connect(on_wait=on_wait)
    assert len(waited) >= 3
    assert waited == sorted(waited)


def test_several_at_once_share_the_one_that_got_ahead(computer):
    computer.installs("--late")
    start()
    computer.installs("--ends", "0")
    found: list[Client] = []
    threads = [threading.Thread(target=lambda: found.append(Client.connect()), daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: len(computer.starts) == 5)
    (computer.state / "go").touch()
    for thread in threads:
        thread.join(60)
    assert len({client.health().version for client in found}) == 1
    assert len(found) == 4


def test_one_that_got_ahead_and_then_ended_is_replaced(computer, monkeypatch):
    monkeypatch.setattr(starting, "AGAIN", 0.3)
    computer.installs("--ends-at-first", "2")
    Client.connect()
    assert len(computer.starts) == 3


def test_a_start_that_fails_is_told_with_the_last_thing_it_said(computer):
    computer.state.mkdir(parents=True)
    (computer.state / "start.log").write_text("of the last time\n")
    computer.installs("--says", "Traceback", "--says", "ImportError:  no   torch.", "--says", " ", "--ends", "3")
    with pytest.raises(StartFailed, match=r"^[^\n]*\(ImportError: no torch\)[^\n]*installer again\.$"):
        Client.connect()
    computer.installs("--ends", "3")
    (computer.state / "start.log").write_text("of the last time\n")
    with pytest.raises(StartFailed, match="it said nothing"):
        Client.connect()


def test_a_start_that_takes_too_long_is_told(computer):
    computer.installs("--late", "--says", "Compiling")
    with pytest.raises(StartFailed, match=r"not ready after 1 seconds \(Compiling\)"):
        start_and_wait(patience=1.0)


def test_waiting_can_be_given_up(computer):
    computer.installs("--late")
    with pytest.raises(Cancelled, match="still starting"):
        Client.connect(cancelled=lambda: len(computer.starts) > 0)
    (computer.state / "go").touch()
    until(living)  # it was left to start
    assert len(computer.starts) == 1


@pytest.mark.parametrize("command", ["/not/there/sinddm", "/etc"])
def test_a_program_that_cannot_be_run_is_told(computer, monkeypatch, command):
    monkeypatch.setenv("SINDDM_BACKEND", command)
    with pytest.raises(StartFailed, match=rf"{command}: .*installer again\.$"):
        Client.connect()


def test_a_state_folder_that_cannot_be_made_is_told(computer, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SINDDM_STATE", str(tmp_path / "file" / "sinddm"))
    with pytest.raises(StartFailed, match="file"):
        Client.connect()


# What is started is on its own


@pytest.mark.skipif(sys.platform == "win32", reason="there are no sessions there")
def test_it_runs_apart_from_the_editor(computer):
    Client.connect()
    (found,) = computer.starts
    assert found["group"] == found["pid"] != os.getpid()
    assert found["cwd"] == str(Path.home())


def test_it_gets_none_of_what_editors_set_for_themselves(computer, monkeypatch):
    editors = [
        "_PYI_ARCHIVE_FILE",
        "PYTHONHOME",
        "PYTHONPATH",
        "VIRTUAL_ENV",
        "__PYVENV_LAUNCHER__",
        "APPDIR",
        "APPIMAGE",
        "ARGV0",
        "OWD",
    ]
    editors += ["LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "GTK_PATH"]
    editors += ["GDK_BACKEND", "GI_TYPELIB_PATH", "GIO_MODULE_DIR", "GSETTINGS_SCHEMA_DIR", "GST_PLUGIN_PATH"]
    users = ["SINDDM_LIBRARY", "HOME", "LANG", "MY_PYTHONPATH", "CUDA_VISIBLE_DEVICES", "XDG_DATA_HOME", "HTTP_PROXY"]
    for name in editors + users:
        monkeypatch.setenv(name, str(computer.state.parent))
    Client.connect()
    (found,) = (one["environment"] for one in computer.starts)
    assert {found.get(name) for name in users} == {str(computer.state.parent)}
    assert not set(editors) & set(found)


def test_a_relative_state_folder_is_the_same_for_both(computer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SINDDM_STATE", "near")
    computer.state = tmp_path / "near"
    Client.connect()
    assert computer.starts[0]["environment"]["SINDDM_STATE"] == str(tmp_path / "near")


def test_its_log_does_not_grow_for_ever(computer):
    computer.state.mkdir(parents=True)
    log = computer.state / "start.log"
    computer.installs("--says", "new", "--ends", "1")
    for before, kept in ((LONGEST_LOG, True), (LONGEST_LOG + 1, False)):
        log.write_text("x" * before)
        with pytest.raises(StartFailed, match="new"):
            Client.connect()
        assert log.read_text() == ("x" * before if kept else "") + "new\n"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the state of a process is read from /proc")
def test_its_end_leaves_no_trace_in_the_editor(computer):
    client = Client.connect()
    (found,) = computer.starts
    client.stop(only_idle=True)
    until(lambda: not Path(f"/proc/{found['pid']}").exists())


# A file that is stale


def test_a_file_of_a_crashed_backend_is_as_none(computer):
    with serving(lambda handler: None) as gone:
        port = gone.address.port
    computer.tells(port=port, token="t", pid=1, version="0.1.0", protocol=1)
    assert living() is None
    Client.connect()
    assert len(computer.starts) == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler: handler.json({"error": "who are you?"}, 401),
        lambda handler: handler.json({"error": "nothing here"}, 404),
        lambda handler: handler.body(b"<html>"),
        lambda handler: handler.json(["something else"]),
        lambda handler: handler.hang_up(),
        lambda handler: handler.wfile.write(b"220 smtp.example.com ESMTP\r\n") and handler.hang_up(),
    ],
    ids=["401", "404", "no JSON", "other JSON", "nothing", "no HTTP"],
)
def test_another_program_at_its_port_is_as_none(computer, answer: Callable[[Handler], object]):
    with serving(answer) as other:
        computer.tells(**other.address._asdict())
        assert living() is None
        client = Client.connect()
    assert client.health().version == "0.1.0"


# Other versions


@pytest.mark.parametrize("other", [["--version", "0.0.9"], ["--protocol", "0"], ["--protocol", "2"]])
def test_another_version_with_nothing_to_do_is_replaced(computer, other):
    computer.installs(*other)
    start()
    until(living)
    computer.installs()
    assert (Client.connect().health().version, len(computer.starts)) == ("0.1.0", 2)
    assert Client.connect(start=False).health().protocol == 1


def test_another_version_that_works_is_left_alone(computer):
    computer.installs("--version", "0.0.9", "--busy")
    start()
    before = until(living)
    with pytest.raises(VersionMismatch, match=r"0\.0\.9 is running.*0\.1\.0.*wait"):
        Client.connect()
    assert living() == before


def test_without_leave_to_start_one_another_version_is_left_alone(computer):
    computer.installs("--version", "0.0.9")
    start()
    before = until(living)
    with pytest.raises(VersionMismatch, match=r"0\.1\.0.*0\.0\.9.*update"):
        Client.connect(start=False)
    assert living() == before


def test_an_installed_backend_of_another_version_is_told_and_not_started_again_and_again(computer):
    computer.installs("--version", "0.2.0")
    with pytest.raises(VersionMismatch, match=r"0\.1\.0.*0\.2\.0.*update"):
        Client.connect()
    with pytest.raises(VersionMismatch):
        Client.connect()
    assert len(computer.starts) == 2  # once for each
