"""`sinddm panel` as a process, as GIMP's plug-in starts and ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hosts import waves
from programs import Paintings, Program
from sinddm_plugin.client import StartFailed
from sinddm_plugin.gimp.companion import Companion
from waiting import until

LINE = f'/usr/bin/env QT_QPA_PLATFORM=offscreen "{sys.executable}" -m sinddm.cli'  # an editor's QT_ is not handed on


@pytest.fixture
def program(places: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("SINDDM_BACKEND", LINE)
    host = Paintings()
    host.add("meadow", "Meadow", waves())
    found = Program(host)
    yield found
    found.end()


@pytest.fixture
def said() -> list[str]:
    """What the artist was told."""
    return []


@pytest.fixture
def companion(program: Program, said: list[str]) -> Iterator[Companion]:
    found = Companion(program.server, program.post, said.append)
    yield found
    program.do(found.close)


def process_of(companion: Companion) -> psutil.Process:
    """The panel's, which runs."""
    assert companion._process
    return psutil.Process(companion._process.pid)


def opened(program: Program, companion: Companion) -> psutil.Process:
    """Open the panel, and wait until it is there."""
    program.do(companion.open)
    process = process_of(companion)
    until(lambda: program.server.connected)
    return process


def test_the_panel_opens_once_and_ends_with_the_program(program: Program, companion: Companion, said: list[str]):
    process = opened(program, companion)
    assert program.server.token not in " ".join(process.cmdline())
    program.do(companion.open)
    assert process_of(companion) == process
    program.do(companion.close)
    assert not process.is_running()
    assert not said


def test_a_program_that_is_killed_takes_the_panel_along(program: Program, companion: Companion, said: list[str]):
    process = opened(program, companion)
    line = program.server._line
    assert line
    line.close()  # what the system does with a killed program's sockets
    process.wait(30)
    program.do(lambda: None)  # until its end was noticed
    assert not said


def test_a_panel_that_was_killed_is_told_and_can_be_opened_again(
    program: Program, companion: Companion, said: list[str]
):
    first = opened(program, companion)
    first.kill()
    until(lambda: said)
    assert said == ["The SinDDM panel has ended unexpectedly: choose it in the Windows menu to open it again."]
    until(lambda: not program.server.connected)
    assert opened(program, companion) != first


def test_without_sinddm_itself_it_is_said_what_to_do(
    program: Program, companion: Companion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SINDDM_BACKEND", str(tmp_path / "gone"))
    told = []

    def open_it() -> None:
        try:
            companion.open()
        except StartFailed as error:
            told.append(str(error))

    program.do(open_it)
    (words,) = told
    assert words.startswith(f"The SinDDM panel could not be started ({tmp_path / 'gone'}: No such file")
    assert words.endswith("run SinDDM's installer again.")


def test_an_environment_without_qt_is_said(
    program: Program, companion: Companion, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    start = tmp_path / "start.py"
    start.write_text(
        "import importlib.util, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'PyQt6' else find(name, *more)\n"
        "from sinddm.cli import main\n"
        "sys.exit(main())\n"
    )
    monkeypatch.setenv("SINDDM_BACKEND", f'"{sys.executable}" "{start}"')
    program.do(companion.open)
    until(lambda: said)
    heading, why = said[0].splitlines()
    assert heading == "The SinDDM panel was not opened."
    assert why == "The window needs PyQt6, which is not here: install it with pip install PyQt6."


@pytest.mark.parametrize(("token", "words"), [("", "The panel is opened by GIMP"), ("wrong", "wants no panel now")])
def test_the_command_by_itself_says_how_the_panel_is_opened(program: Program, token: str, words: str):
    command = [sys.executable, "-m", "sinddm.cli", "panel", "--port", str(program.server.port)]
    environment = {**os.environ, "SINDDM_PANEL_TOKEN": token}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 2
    assert words in found.stderr
    assert len(found.stderr.splitlines()) == 1
