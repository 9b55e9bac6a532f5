"""The report for a fault holds what helps, and nothing private."""

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from sinddm import __version__
from sinddm.backend import places
from sinddm.backend.history import History
from sinddm.backend.jobs import Job
from sinddm.private import scrubber

TOKEN = "Qx7_" + "aB3-" * 9


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home folder with a space and an umlaut, reached through a link."""
    real, link = tmp_path / "Platte" / "Zoë Öztürk", tmp_path / "heim"
    real.mkdir(parents=True)
    link.symlink_to(real)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(link))
    for name in ("SINDDM_STATE", "SINDDM_LIBRARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("USER", "zoetuerk")
    return link


def test_the_home_folder_is_hidden_in_every_spelling(home):
    clean = scrubber()
    real = str(home.resolve())
    spellings = [str(home), real, real.replace("/", "\\"), real.upper(), quote(real), quote(real, safe="")]
    spellings += [json.dumps(real), ascii(real), repr(real.encode()), real.replace(" ", "\\ ")]
    for spelled in (*spellings, unicodedata.normalize("NFD", real)):
        told = clean(f"cannot read {spelled}/bild: try again")
        assert "Platte" not in told
        assert "zt" not in told.lower()
        assert "try again" in told


def test_a_home_folder_of_windows_is_hidden_in_every_spelling(home, monkeypatch):
    monkeypatch.setenv("USERPROFILE", "C:\\Users\\Zoë Öztürk")
    clean, path = scrubber(), "C:\\Users\\Zoë Öztürk"
    slashes = path.replace("\\", "/")
    for spelled in (path, slashes, path.lower(), json.dumps(path), ascii(path), quote(path, safe=""), quote(slashes)):
        told = clean(f"cannot read {spelled}: try again")
        assert "zt" not in told.lower(), told
        assert "try again" in told


def test_folders_of_other_people_are_hidden(home):
    for path in ("/home/martha/x", "/Users/martha/x", r"C:\Users\martha\x", r"d:\\users\\martha\\x"):
        assert "martha" not in scrubber()(f"opened {path} twice")


def test_secrets_names_and_long_numbers_are_hidden(home):
    clean = scrubber(["Alte Mauer", "Dachziegel"], [TOKEN])
    for private in (
        f"x{TOKEN}y",
        "token=abcdef",
        "an access_token('abcdef')",
        "Authorization: Bearer short",
        "deadbeef" * 5,
        "/tmp/zoetuerk/x",
    ):
        assert clean(f"before {private}").startswith("before ")
        for word in (TOKEN, "abcdef", "short", "deadbeef", "zoetuerk"):
            assert word not in clean(f"before {private}")
    assert clean("learned 'Alte Mauer' and Dachziegel, Holiday.PNG") == "learned 'NAME' and NAME, FILE.PNG"


def test_what_helps_stays(home):
    for line in (
        "2026-01-02 03:04:05,678 INFO sinddm.scheduler: job 0123456789abcdef (fill) runs",
        "ValueError: shapes (3, 4) and (5, 6) do not go together",
        "torch: 2.15.0",
    ):
        assert scrubber()(line) == line
    for place in (home, home.resolve(), "/home/martha", r"C:\Users\martha"):
        told = scrubber()(f'  File "{place}/script.py", line 12, in run')
        assert told == '  File "~/script.py", line 12, in run'
    trace = f'  File "{home}/venv/lib/python3.11/site-packages/sinddm/backend/engine.py", line 12, in run'
    assert scrubber()(trace) == '  File "sinddm/backend/engine.py", line 12, in run'


def test_a_hostile_line_takes_no_longer_than_others():
    clean = scrubber(["a" * 50], ["b" * 40])
    clean("/" * 100_000 + "a" * 100_000 + "." * 100_000 + "\\home\\" * 10_000)
    for hostile in ('File "' + "a." * 999, 'File "' + "a/" * 999, 'File "' * 330, ".png" * 500, "/home/" * 333):
        clean("\n".join([hostile] * 200))


def test_names_that_are_no_text_are_hidden_as_well():
    clean = scrubber(["Geheim\udcff", "Garten\ud800"])
    assert clean("learned Geheim\udcff, Geheim\\udcff and Garten\\ud800") == "learned NAME, NAME and NAME"


def test_the_command_writes_a_report_without_anything_private(home, tmp_path):
    state, library = home / "state", home / "texturen"
    (state / places.LOG).mkdir(parents=True)
    library.mkdir()
    (library / "Braut vor Kirche.safetensors").write_bytes(b"")
    history = History(state / places.HISTORY)
    request = {"task": "learn", "title": "Geheimes Bild", "name": "Alte Mauer", "source": {"layers": []}}
    history.save(Job(request, texture="Alte Mauer 2"))
    history.close()
    told = {"port": 45123, "token": TOKEN, "pid": 1, "version": "0.0.9", "protocol": 1}
    (state / places.CONTACT).write_text(json.dumps(told))
    lines = [
        "2026-01-02 03:04:05,678 INFO sinddm.scheduler: job 0123456789abcdef (fill) runs",
        f"OSError: [Errno 28] No space left on device: '{home.resolve()}/Geheimes Bild.png'",
        f"{TOKEN} Alte Mauer 2 Braut vor Kirche",
    ]
    (state / places.LOG / "backend.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    own = {"SINDDM_STATE": str(state), "SINDDM_LIBRARY": str(library), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "sinddm.cli", "doctor", "--report"]
    how: dict[str, Any] = {"capture_output": True, "encoding": "utf-8", "timeout": 120}
    done = subprocess.run(command, env={**os.environ, **own}, check=False, **how)
    assert done.returncode == 0, done.stderr
    for private in (TOKEN, "45123", "Geheimes", "Alte Mauer", "Braut", "Platte", "Öztürk", "zoetuerk", str(tmp_path)):
        assert private not in done.stdout, private
    for helpful in (f"sinddm: {__version__}", "torch: ", "(fill) runs", "No space left on device", "0123456789abcdef"):
        assert helpful in done.stdout, helpful
    path = tmp_path / "report.txt"
    done = subprocess.run([*command, "-o", str(path)], env={**os.environ, **own}, check=False, **how)
    assert done.returncode == 0
    assert "torch: " in path.read_text()
