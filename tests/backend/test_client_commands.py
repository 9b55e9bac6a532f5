"""Which command starts the backend, wherever it was installed."""

import json
import os
import sys
from pathlib import Path

import pytest
from sinddm_plugin.client import StartFailed, commands
from sinddm_plugin.client.commands import PROGRAM, SCRIPTS, serve_command, split

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a program is any file there")


@pytest.fixture(autouse=True)
def computer(tmp_path, monkeypatch) -> Path:
    """A computer on which nothing is installed, but the plugin."""
    monkeypatch.delenv("SINDDM_BACKEND", raising=False)
    monkeypatch.setenv("SINDDM_DATA", str(tmp_path / "my data"))
    monkeypatch.setenv("PATH", "")
    here = tmp_path / "krita" / "pykrita" / "sinddm" / "client" / "commands.py"
    here.parent.mkdir(parents=True)
    here.touch()
    monkeypatch.setattr(commands, "__file__", str(here))
    return tmp_path


def program(path: Path) -> str:
    """A program at this path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def installed(computer: Path, content: object) -> None:
    path = computer / "my data" / "install.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))


def test_without_any_it_says_what_to_do():
    with pytest.raises(StartFailed, match="run its installer"):
        serve_command()


def test_one_place_comes_before_the_other(computer, monkeypatch):
    monkeypatch.setenv("PATH", os.pathsep.join(["", "relative", str(computer / "bin")]))
    expected = []

    def there_is(*command: str) -> None:
        expected.append([*command, "serve"])
        assert serve_command() == expected[-1]

    there_is(program(computer / "bin" / PROGRAM))
    (computer / "krita" / "pyproject.toml").touch()
    there_is(program(computer / "krita" / ".venv" / SCRIPTS / PROGRAM))
    there_is(program(computer / "my data" / "venv" / SCRIPTS / PROGRAM))
    there_is(program(computer / "my data" / "bundle" / PROGRAM))
    python = program(computer / "python")
    installed(computer, {"command": [python, "-m", "sinddm.cli"], "more": 1})
    there_is(python, "-m", "sinddm.cli")
    monkeypatch.setenv("SINDDM_BACKEND", "/some/python -m 'my module'")
    there_is("/some/python", "-m", "my module")


def test_what_cannot_be_run_is_passed_over(computer, monkeypatch):
    monkeypatch.chdir(computer)
    program(computer / PROGRAM)  # where the editor happens to have been started is no place to look
    program(computer / "relative" / PROGRAM)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", "relative", str(computer / "bin")]))
    expected = program(computer / "bin" / PROGRAM)
    Path(program(computer / "my data" / "bundle" / PROGRAM)).chmod(0o644)
    (computer / "my data" / "venv" / SCRIPTS / PROGRAM).mkdir(parents=True)
    program(computer / "krita" / ".venv" / SCRIPTS / PROGRAM)  # of another project: there is no pyproject.toml
    assert serve_command() == [expected, "serve"]


@pytest.mark.parametrize(
    "content", [[], {}, {"command": []}, {"command": "sinddm"}, {"command": [1]}, {"command": ["/gone/python"]}]
)
def test_an_installation_that_is_gone_or_damaged_is_passed_over(computer, content):
    expected = program(computer / "my data" / "bundle" / PROGRAM)
    installed(computer, content)
    assert serve_command() == [expected, "serve"]


def test_a_plugin_that_is_a_link_into_a_checkout_finds_it(computer, monkeypatch):
    checkout = computer / "code" / "sinddm"
    expected = program(checkout / ".venv" / SCRIPTS / PROGRAM)
    (checkout / "pyproject.toml").touch()
    (checkout / "plugin" / "client").mkdir(parents=True)
    (checkout / "plugin" / "client" / "commands.py").touch()
    (computer / "linked").symlink_to(checkout / "plugin")
    monkeypatch.setattr(commands, "__file__", str(computer / "linked" / "client" / "commands.py"))
    assert serve_command() == [expected, "serve"]


# SINDDM_BACKEND


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sinddm", ["sinddm"]),
        ("python -m sinddm.cli", ["python", "-m", "sinddm.cli"]),
        ('"/My Programs/python" -m sinddm.cli', ["/My Programs/python", "-m", "sinddm.cli"]),
        (r"/My\ Programs/python '#1'", ["/My Programs/python", "#1"]),
    ],
)
def test_a_command_line_is_read_as_by_a_shell(line, words):
    assert split(line, windows=False) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r"C:\sinddm\sinddm.exe", [r"C:\sinddm\sinddm.exe"]),
        (
            r'"C:\Program Files\Python\python.exe" -m sinddm.cli',
            [r"C:\Program Files\Python\python.exe", "-m", "sinddm.cli"],
        ),
        (r"C:\Users\O'Brien\python.exe -m sinddm.cli", [r"C:\Users\O'Brien\python.exe", "-m", "sinddm.cli"]),
        (r"C:\#1\python.exe", [r"C:\#1\python.exe"]),
        ("python 'a b'", ["python", "'a", "b'"]),
    ],
)
def test_on_windows_backslashes_and_apostrophes_are_parts_of_paths(line, words):
    assert split(line, windows=True) == words


@pytest.mark.parametrize("windows", [True, False])
def test_a_program_whose_name_has_spaces_needs_no_quotes(computer, windows):
    path = program(computer / "my programs" / "it's sinddm")
    assert split(path, windows) == [path]


@pytest.mark.parametrize("windows", [True, False])
def test_a_quote_that_does_not_end_is_told(windows):
    with pytest.raises(StartFailed, match="SINDDM_BACKEND"):
        split('"/My Programs/python', windows)
