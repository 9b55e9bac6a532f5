"""Where the client looks for the backend: the folders that platformdirs names, and a file it does not trust."""

import json
import os
import re
import threading
from pathlib import Path

import platformdirs
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows
from sinddm_plugin import client
from sinddm_plugin.client.places import LONGEST_FILE, Address, data_folder, read_address, read_json, state_folder

import sinddm

GOOD = {"port": 41234, "token": "a-Token_1", "pid": 4711, "version": "0.1.0", "protocol": 1}
VARIABLES = ("SINDDM_STATE", "SINDDM_DATA", "XDG_STATE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA")
SYSTEMS = {"linux": Unix, "darwin": MacOS}


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """None of the variables is set."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_the_client_is_of_the_backends_version_and_protocol():
    stated = re.search(r"^Protocol version (\d+)\.", (Path(__file__).parents[2] / "docs/protocol.md").read_text(), re.M)
    assert sinddm.__version__ == client.VERSION
    assert stated
    assert int(stated[1]) == client.PROTOCOL


# Folders


@pytest.mark.parametrize("value", [None, "", "/tmp/elsewhere", "relative/is/ignored"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_folders_are_those_of_platformdirs(system, value, monkeypatch):
    for name in VARIABLES[2:4]:
        monkeypatch.setenv(name, value) if value is not None else None
    expected = SYSTEMS[system]("sinddm", appauthor=False)
    assert state_folder(system) == expected.user_state_path
    assert data_folder(system) == expected.user_data_path


def test_on_windows_both_are_in_the_local_application_data(monkeypatch):
    local = r"C:\Users\Jörg\AppData\Local"
    monkeypatch.setenv("LOCALAPPDATA", local)
    monkeypatch.setenv("WIN_PD_OVERRIDE_LOCAL_APPDATA", local)
    monkeypatch.setenv("XDG_STATE_HOME", "/not/here")
    expected = Windows("sinddm", appauthor=False)
    assert state_folder("win32") == expected.user_state_path
    assert data_folder("win32") == expected.user_data_path


def test_on_this_system_the_folder_is_the_backends():
    assert state_folder() == platformdirs.user_state_path("sinddm", appauthor=False)


def test_variables_of_the_programs_own_come_first(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", "/not/here")
    monkeypatch.setenv("SINDDM_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SINDDM_DATA", "data")
    for system in ("linux", "darwin", "win32"):
        assert (state_folder(system), data_folder(system)) == (tmp_path / "state", tmp_path / "data")


# backend.json


def write(folder: Path, content: object) -> None:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / "backend.json").write_bytes(text)


def test_what_the_backend_wrote_is_read(tmp_path, monkeypatch):
    write(tmp_path, {**GOOD, "more": ["than", "is", "known"]})
    assert read_address(tmp_path) == Address(**GOOD)
    monkeypatch.setenv("SINDDM_STATE", str(tmp_path))
    assert read_address() == Address(**GOOD)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        json.dumps(GOOD).encode()[:40],
        b"\x80\x81",
        b"[" * 50_000,
        [GOOD],
        None,
        *({**GOOD, "port": port} for port in (0, -1, 65536, "41234", 1.5, True, None)),
        *({**GOOD, "token": token} for token in ("", 7, None, "a\r\nHost: b", "ä", "a\x00")),
        {**GOOD, "pid": "4711"},
        {**GOOD, "version": 1},
        {**GOOD, "protocol": "1"},
        *({name: value for name, value in GOOD.items() if name != left} for left in GOOD),
        json.dumps(GOOD).encode() + b" " * LONGEST_FILE,
    ],
)
def test_anything_else_is_as_if_there_were_none(tmp_path, content):
    write(tmp_path, content)
    assert read_address(tmp_path) is None


def test_there_may_be_no_file_or_something_in_its_place(tmp_path):
    assert read_address(tmp_path) is None
    assert read_address(tmp_path / "no" / "folder") is None
    (tmp_path / "backend.json").mkdir()
    assert read_address(tmp_path) is None


@pytest.mark.skipif(os.name != "posix", reason="there are no such pipes elsewhere")
def test_a_pipe_in_its_place_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "backend.json")
    found: list[Address | None] = []
    thread = threading.Thread(target=lambda: found.append(read_address(tmp_path)), daemon=True)
    thread.start()
    thread.join(30)
    assert found == [None]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files away")
def test_a_file_of_somebody_else_is_not_trusted(tmp_path):
    write(tmp_path, GOOD)
    os.chown(tmp_path / "backend.json", 12345, -1)
    assert read_address(tmp_path) is None
    assert read_json(tmp_path / "backend.json") is None
