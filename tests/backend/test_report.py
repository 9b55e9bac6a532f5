"""`sinddm doctor --report`: nothing private is in it, and all that helps is."""

import json
import os
import re
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from backends import Backend

from sinddm import __version__
from sinddm.backend import places
from sinddm.backend.history import History
from sinddm.backend.jobs import Job
from sinddm.cli import main
from sinddm.private import scrubber

HOME = "/srv/Häuser & Höfe/Zoë Öztürk"
WINDOWS_HOME = "C:\\Users\\Zoë Öztürk"
SECRET = ("Häuser", "Höfe", "Zoë", "Öztürk", "H%C3%A4user", "Zo%C3%AB", "zoë", "\\xeb", "u00eb")


@pytest.fixture
def home(monkeypatch) -> Path:
    """A user whose home folder has spaces, a sign and umlauts in it, here and on Windows; it is not there."""
    monkeypatch.setenv("HOME", HOME)
    monkeypatch.setenv("USERPROFILE", WINDOWS_HOME)
    monkeypatch.setenv("USER", "zoë")
    monkeypatch.setenv("USERNAME", "Zoë Öztürk")
    monkeypatch.setenv("HOSTNAME", "zoe-laptop.fritz.box")
    return Path(HOME)


def nothing_of(secrets: tuple[str, ...], text: str) -> bool:
    """Whether none of them is in the text, however the letters are written."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return not any(unicodedata.normalize("NFC", secret).casefold() in plain for secret in secrets)


# Folders

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda path: path,
    "with the other slashes": lambda path: path.replace("/", "\\"),
    "with forward slashes": lambda path: path.replace("\\", "/"),
    "with slashes twice": lambda path: path.replace("/", "//").replace("\\", "\\\\"),
    "in another case": lambda path: path.upper(),
    "in lower case": lambda path: path.lower(),
    "with accents apart": lambda path: unicodedata.normalize("NFD", path),
    "as an address": lambda path: "file:///" + quote(path.replace("\\", "/").lstrip("/"), safe="/:"),
    "all in percent": lambda path: quote(path, safe=""),
    "in percent, lower case": lambda path: re.sub("%..", lambda m: m[0].lower(), quote(path)),
    "in JSON": json.dumps,
    "in JSON, twice": lambda path: json.dumps(json.dumps(path)),
    "in Python's way": ascii,
    "as bytes": lambda path: repr(path.encode()),
    "for a shell": lambda path: path.replace(" ", "\\ "),
    "in a form": lambda path: quote(path, safe="/").replace("%20", "+"),
    "in a list of paths": lambda path: f"/usr/bin:{path}:/bin",
    "after colours": lambda path: f"\x1b[31m{path}\x1b[0m",
}


@pytest.mark.parametrize("how", SPELLINGS)
@pytest.mark.parametrize("folder", [HOME, WINDOWS_HOME], ids=["here", "Windows"])
def test_the_home_folder_is_hidden_however_it_is_written(how, folder, home):
    given = SPELLINGS[how](folder)
    made = scrubber()(f"cannot open {given}, it is locked")
    assert nothing_of(SECRET, made), made
    assert made.startswith("cannot open ")
    assert made.endswith(", it is locked")
    assert "~" in made


def test_what_lies_below_the_home_folder_stays(home):
    clean = scrubber()
    assert clean(f"cache: {HOME}/.cache/sinddm") == "cache: ~/.cache/sinddm"
    assert clean(f"{WINDOWS_HOME}\\AppData\\Local\\sinddm is full") == "~\\AppData\\Local\\sinddm is full"
    assert clean(f"in {HOME}.") == "in ~."


def test_a_home_folder_that_is_a_link_is_hidden_by_both_names(tmp_path, monkeypatch):
    real, link = tmp_path / "Daten von Zoë" / "zuhause", tmp_path / "Link für Öztürk"
    real.mkdir(parents=True)
    try:
        link.symlink_to(real, target_is_directory=True)
    except OSError:
        pytest.skip("links cannot be made here")
    monkeypatch.setenv("HOME", str(link))
    monkeypatch.setenv("USERPROFILE", str(link))
    assert scrubber()(f"{link}/a and {real}/b") == "~/a and ~/b"


@pytest.mark.parametrize("path", ["/home/jo/x.txt", "/Users/jo/x.txt", "C:\\Users\\JO~1\\x.txt", "/var/home/jo/x.txt"])
def test_the_home_folders_of_others_are_hidden(path, home):
    made = scrubber()(f"cannot read {path}")
    assert "jo" not in made.lower()
    assert re.search(r"~[/\\]x\.txt$", made)


@pytest.mark.parametrize("folder", ["/", "C:\\", "", "relative/home"])
def test_a_home_folder_that_is_none_hides_nothing(folder, monkeypatch):
    monkeypatch.setenv("HOME", folder)
    monkeypatch.setenv("USERPROFILE", folder)
    text = "C:\\Windows and /usr/lib/x86_64/libcuda.so: relative path"
    assert scrubber()(text) == text


def test_folders_that_only_begin_like_the_home_folder_are_other_ones(monkeypatch):
    monkeypatch.setenv("HOME", "/work")
    text = "sinddm/work.py, /workshop/a, /work-2/b"
    assert scrubber()(text) == text


def test_the_folders_of_the_library_and_the_state_are_hidden(monkeypatch):
    monkeypatch.setenv("SINDDM_LIBRARY", "/mnt/Kunden/Meier GmbH")
    monkeypatch.setenv("SINDDM_STATE", "/mnt/Kunden/Zustand")
    made = scrubber()("/mnt/Kunden/Meier GmbH/.lock and /mnt/Kunden/Zustand/jobs/3")
    assert made == "LIBRARY/.lock and STATE/jobs/3"


# People and computers


@pytest.mark.parametrize(
    "path", ["/media/zoë/USB", "/tmp/pytest-of-zoë/x", "/run/user.ZOË/bus", "D:\\Zoë Öztürk\\Desktop", "ssh zoë@server"]
)
def test_the_user_is_hidden_in_every_path(path, home):
    made = scrubber()(f"failed at {path}")
    assert nothing_of(SECRET, made), made
    assert made.startswith("failed at ")


def test_the_computer_is_hidden(home):
    clean = scrubber()
    assert clean("on zoe-laptop.fritz.box, ZOE-LAPTOP") == "on HOST, HOST"
    name = socket.gethostname()
    assert name == "localhost" or name not in clean(f"at {name}:")
    assert clean("bind to localhost, Linux") == "bind to localhost, Linux"


# Pictures and textures


def test_files_of_pictures_and_textures_are_hidden_wherever_they_lie(home):
    clean = scrubber()
    for text, wanted in {
        f"{HOME}/Bilder/Geheimer Garten.png cannot be read": "FILE.png cannot be read",
        "D:\\Kunden\\Meier GmbH\\Entwurf 2.TIFF: damaged": "FILE.TIFF: damaged",
        "'Geheimer Garten.kra' is none": "'FILE.kra' is none",
        "There is no texture file geheim.safetensors: check": "There is no texture file FILE.safetensors: check",
        "POST /jobs failed: no /mnt/x y/geheim.png": "POST /jobs failed: no FILE.png",
    }.items():
        assert clean(text) == wanted


def test_names_that_our_own_sentences_quote_are_hidden_also_those_of_deleted_textures(home):
    clean = scrubber()
    for text in (
        "There is no texture called 'Mein \\'Moos\\'': the library has Mein Moos, Moos 2.",
        'There is already a texture called "Moos\'s": choose another name, or delete that one first.',
        "'Moos a b' could not be renamed (No such file or directory): try again.",
        "'Moos/b' cannot be a texture's name: leave out / and device names.",
        "GET /textures/Mein%20Moos/thumbnail failed",
        "POST /textures?name=Moos failed",
        "ran sinddm textures import STATE/1 '--name=Moos' or --name 'Mein Moos' or --texture Moos",
    ):
        assert nothing_of(("Moos",), clean(text)), clean(text)
    assert clean("GET /textures/Moos/thumbnail took 3 s") == "GET /textures/NAME/thumbnail took 3 s"


def test_names_that_are_known_are_hidden_as_whole_words():
    clean = scrubber(names=["Geheimer Garten", "Geheimer", "torchlike", "苔", "ab", "e"])
    assert clean("learned Geheimer Garten and geheimer 苔, torch 2") == "learned NAME and NAME NAME, torch 2"
    assert clean('{"title": "Geheimer\\u0020Garten", "x": "\\u82d4"}') == '{"title": "NAME\\u0020Garten", "x": "NAME"}'
    assert clean("ab e") == "ab e"


# Secrets


@pytest.mark.parametrize(
    "text",
    [
        "token: S3cr3t",
        '{"port": 1, "token": "S3cr3t", "pid": 2}',
        "TOKEN=S3cr3t and more S3cr3t",
        "Authorization: Bearer S3cr3t",
        "the token was S3cr3t",
        "bad_token('S3cr3t')",
        "5f0c" * 8 + " a digest of S3cr3t"[:0],
        "0x" + "5F0C" * 8,
        "dJ9_kq-LmZ0pXr7TyU2wVb5NcA8sEfGhIjKl",
    ],
)
def test_whatever_looks_like_a_secret_is_hidden(text):
    made = scrubber()(f"here: {text}")
    assert made.startswith("here: ")
    assert "***" in made
    assert nothing_of(("S3cr3t", "5f0c5f0c", "dJ9_kq"), made), made


def test_known_secrets_are_hidden_within_words_and_ports_wherever_they_are():
    clean = scrubber(secrets=["a-b_c", "41234"])
    assert clean("xa-b_cx ws://127.0.0.1:41234/ and 41234") == "x***x ws://127.0.0.1:***/ and ***"
    assert scrubber()("on http://127.0.0.1:5000/health, port 5001") == "on http://127.0.0.1:***/health, port ***"


# What helps stays


def test_what_helps_stays_as_it_is(home):
    text = """RuntimeError: The size of tensor a (64) must match the size of tensor b (80) at dimension 3
job 5f0c5f0c5f0c5f0c (generate) runs on cuda:0, NVIDIA GeForce RTX 4090, 23.5 GB
Linux-6.18.44-x86_64-with-glibc2.36, torch 2.9.1+cu130, /usr/lib/x86_64-linux-gnu/libcuda.so.1
the worker has ended with -9
    image = self._network(noisy, sigma)[0]
            ~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^"""
    assert scrubber(names=["Moos"], secrets=["a-b_c"])(text) == text


@pytest.mark.parametrize(
    ("path", "module"),
    [
        (f"{HOME}/.venv/lib/python3.12/site-packages/sinddm/backend/worker.py", "sinddm/backend/worker.py"),
        (f"{WINDOWS_HOME}\\venv\\Lib\\site-packages\\torch\\nn\\modules\\conv.py", "torch/nn/modules/conv.py"),
        ("/usr/lib/python3.12/asyncio/runners.py", "asyncio/runners.py"),
        ("C:\\Program Files\\Python312\\Lib\\asyncio\\runners.py", "asyncio/runners.py"),
        (f"{Path(__file__).parents[2]}/plugin/client/events.py", "plugin/client/events.py"),
        (f"{HOME}/Quellen/sinddm/texture.py", "sinddm/texture.py"),
        (f"{HOME}/Geheim/script.py", "script.py"),
        ("<string>", "<string>"),
    ],
)
def test_a_traceback_tells_where_in_which_module(path, module, home):
    made = scrubber(names=["sinddm", "worker"])(f'  File "{path}", line 12, in run')
    assert made == f'  File "{module}", line 12, in run'


def test_a_line_without_end_takes_no_time_without_end(home):
    for text in ("/" * 10**6, "a/b" * 10**6, "a-B1" * 10**6, "é" * 10**6, "'" * 10**6):
        assert len(scrubber(names=["Moos"])(text)) < 20_000


# The whole report


@pytest.fixture
def artist(tmp_path) -> dict[str, str]:
    """The environment of somebody whose home is a link, with a library, a backend that has crashed, and its log."""
    real, home = tmp_path / "Laufwerk Zwei" / "Zoë Öztürk", tmp_path / "Zuhause von Zoë"
    real.mkdir(parents=True)
    home.symlink_to(real, target_is_directory=True)
    state, library = home / "state", home / "Kunden"
    library.mkdir()
    (library / "Geheimer Garten.safetensors").write_bytes(b"")
    (state / places.LOG).mkdir(parents=True)
    history = History(state / places.HISTORY)
    history.save(Job({"task": "fill", "title": "Braut vor Kirche", "source": {"layers": []}}))
    history.save(Job({"task": "learn", "name": "Alte Mauer", "source": {"texture": "Dachziegel"}}, texture="Alte Mauer 2"))
    history.close()
    told = {"port": 1, "token": "Qx7-short", "pid": 1, "version": "0.0.9", "protocol": 1}
    (state / places.CONTACT).write_text(json.dumps(told))
    module = home / ".venv/lib/python3.12/site-packages/sinddm/tasks.py"
    lines = [f"2025-11-23 11:05:0{n},123 INFO sinddm.worker: line {n}" for n in range(9)] * 30
    lines += [
        "2025-11-23 11:06:00,123 ERROR sinddm.worker: job 5f0c5f0c5f0c5f0c failed",
        "Traceback (most recent call last):",
        f'  File "{module}", line 77, in fill',
        "    raise ValueError(path)",
        f"ValueError: {real}/Bilder/Geheim.png, {quote(str(real))}, {str(home)!a} with Qx7-short",
        "2025-11-23 11:06:01,123 INFO sinddm.worker: learned geheimer garten, Dachziegel, Alte Mauer, Alte Mauer 2",
        "2025-11-23 11:06:02,123 INFO uvicorn.error: Braut vor Kirche for zoë@zoes-laptop at /media/zoë/USB",
        f"2025-11-23 11:06:03,123 INFO sinddm.service: Authorization: Bearer {'5f0c' * 10}",
    ]
    (state / places.LOG / "backend.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    own = {"HOME": str(home), "USERPROFILE": str(home), "USER": "zoë", "USERNAME": "zoë", "HOSTNAME": "zoes-laptop"}
    return {**os.environ, **own, "SINDDM_LIBRARY": str(library), "SINDDM_STATE": str(state), "PYTHONIOENCODING": "utf-8"}


def doctor(environment: dict[str, str], *arguments: str) -> str:
    argv = [sys.executable, "-m", "sinddm.cli", "doctor", *arguments]
    done = subprocess.run(argv, check=False, capture_output=True, encoding="utf-8", env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_private_is_in_the_report_and_all_that_helps_is(artist, tmp_path):
    said = doctor(artist, "--report", "-o", str(tmp_path / "report für euch.txt"))
    assert "report für euch.txt" in said
    text = (tmp_path / "report für euch.txt").read_text(encoding="utf-8")
    names = "Geheim", "Garten", "Braut", "Kirche", "Mauer", "Dachziegel", "Kunden"
    people = "Zoë", "Zo%C3%AB", "zo\\xeb", "Öztürk", "Laufwerk", "Zuhause", "laptop", "zoes"
    assert nothing_of((*names, *people, "Qx7", "5f0c" * 5), text), text
    assert all(f"\n{section}\n" in text for section in ("versions", "computer", "devices", "cache", "backend", "engine"))
    for line in (
        f"  sinddm: {__version__}",
        "  running: no",
        "  version: 0.0.9",
        "  protocol: 1",
        "  folder: STATE",
        "log, the last 200 lines",
        "  2025-11-23 11:06:00,123 ERROR sinddm.worker: job 5f0c5f0c5f0c5f0c failed",
        '    File "sinddm/tasks.py", line 77, in fill',
        "      raise ValueError(path)",
    ):
        assert f"\n{line}\n" in text, line
    assert re.search(r"\n  torch: \d[\w.]+\n", text)
    assert text.count("\n  2025-") + 4 == 200


def test_a_report_of_a_backend_that_runs_says_so(make_backend: Callable[..., Backend]):
    backend = make_backend("--idle", "1").start()
    text = doctor(backend.environment, "--report")
    assert "\n  running: yes\n" in text
    assert f"\n  version: {__version__}\n" in text
    assert re.search(r"\n  \S+ \S+ INFO sinddm\.service: version \S+ serves\n", text)
    assert backend.address.token not in text
    assert str(backend.address.port) not in text


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"port": 99999999999, "token": [], "version": 1}', "\0"])
def test_a_damaged_state_folder_is_reported(content, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SINDDM_STATE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "sinddm.texture", None)  # as if the engine were missing, which saves time
    for name in (places.CONTACT, places.HISTORY, places.LOG):
        (tmp_path / name).write_text(content)
    assert main(["doctor", "--report"]) == 0
    text = capsys.readouterr().out
    assert "\n  running: no\n" in text
    assert "backend.json: " in text
    assert "\nlog: empty\n" in text


def test_a_report_does_not_make_the_state_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SINDDM_STATE", str(tmp_path / "state"))
    monkeypatch.setitem(sys.modules, "sinddm.texture", None)
    assert main(["doctor", "--report"]) == 0
    assert main(["doctor", "--json"]) == 1
    assert '"running": false' in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [("--report --json", "not allowed with"), ("-o x.txt", "add --report"), ("--report -o missing/x.txt", "written")],
)
def test_what_is_wrong_is_told_in_one_sentence(line, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "sinddm.texture", None)
    assert main(["doctor", *line.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(rf"\S[^\n]*{words}[^\n]*\.\n", err), err
    assert list(tmp_path.iterdir()) == []
