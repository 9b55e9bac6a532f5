"""The backend's state folder and its log: private, bounded, and never in the way."""

import logging
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinddm import InputError
from sinddm.backend import logs, places

posix = pytest.mark.skipif(os.name != "posix", reason="permissions are other ones here")


@pytest.fixture(autouse=True)
def quiet_afterwards() -> Iterator[None]:
    """Puts the loggers back as they were."""
    loggers = [logging.getLogger(name) for name in (*logs.SOURCES, "uvicorn.access")]
    before = [(list(one.handlers), one.level, one.propagate, one.disabled) for one in loggers]
    yield
    for logger, (handlers, level, propagate, disabled) in zip(loggers, before, strict=True):
        for handler in set(logger.handlers) - set(handlers):
            handler.close()
        logger.handlers, logger.level, logger.propagate, logger.disabled = handlers, level, propagate, disabled
        logger.setLevel(level)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A state folder with spaces and umlauts in its name."""
    path = tmp_path / "Zustand für Öl & Kreide"
    path.mkdir()
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# The log


def test_what_the_program_and_its_server_say_is_kept_with_time_level_and_source(folder):
    logs.set_up(folder)
    logging.getLogger("sinddm.worker").info("job %s runs", 7)
    logging.getLogger("uvicorn.error").warning("odd request")
    logging.getLogger("asyncio").error("Task exception was never retrieved")
    logging.getLogger("uvicorn.access").info("GET /jobs")
    logging.getLogger("sinddm").debug("details")
    told = logs.tail(folder, 10)
    pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} "
    assert [re.sub(pattern, "", line) for line in told] == [
        "INFO sinddm.worker: job 7 runs",
        "WARNING uvicorn.error: odd request",
        "ERROR asyncio: Task exception was never retrieved",
    ]
    assert all(re.match(pattern, line) for line in told)


def test_an_exception_is_kept_with_its_traceback(folder):
    logs.set_up(folder)
    try:
        raise KeyError("Grün")
    except KeyError:
        logging.getLogger("sinddm").exception("failed")
    told = logs.tail(folder, 10)
    assert told[0].endswith("ERROR sinddm: failed")
    assert told[1] == "Traceback (most recent call last):"
    assert told[-1] == "KeyError: 'Grün'"


def test_set_up_again_writes_each_line_once_and_where_it_was_said_last(folder):
    other = folder / "other"
    logs.set_up(other)
    logs.set_up(folder)
    logging.getLogger("sinddm").info("once")
    assert logs.tail(other, 10) == []
    assert len(logs.tail(folder, 10)) == 1


def test_text_that_no_file_can_hold_is_kept_escaped(folder):
    logs.set_up(folder)
    logging.getLogger("sinddm").info("a file called %s", "\udcff苔")
    assert logs.tail(folder, 1)[0].endswith("a file called \\udcff苔")


@posix
def test_only_the_user_can_read_the_log_whatever_the_umask(folder, monkeypatch):
    monkeypatch.setattr(logs, "BYTES", 200)
    before = os.umask(0)
    try:
        logs.set_up(folder)
        for number in range(10):
            logging.getLogger("sinddm").info("line %d %s", number, "x" * 50)
    finally:
        os.umask(before)
    files = list((folder / places.LOG).iterdir())
    assert len(files) > 1
    assert {mode(path) for path in files} == {0o600}
    assert mode(folder / places.LOG) == 0o700


def test_the_oldest_lines_go_and_the_last_ones_are_found_across_files(folder, monkeypatch):
    monkeypatch.setattr(logs, "BYTES", 1000)
    logs.set_up(folder)
    for number in range(500):
        logging.getLogger("sinddm").info("line %d", number)
    files = sorted(path.name for path in (folder / places.LOG).iterdir())
    assert files == ["backend.log", *(f"backend.log.{number}" for number in range(1, 5))]
    assert all(path.stat().st_size <= 1000 for path in (folder / places.LOG).iterdir())
    numbers = [int(line.rpartition(" ")[2]) for line in logs.tail(folder, 500)]
    assert numbers == list(range(500 - len(numbers), 500))
    assert 50 < len(numbers) < 150
    assert [line.rpartition(" ")[2] for line in logs.tail(folder, 30)] == [str(n) for n in range(470, 500)]


def test_the_last_lines_of_no_log_are_none(folder):
    assert logs.tail(folder, 10) == []
    assert logs.tail(folder / "missing", 10) == []
    logs.set_up(folder)
    logging.getLogger("sinddm").info("one")
    assert logs.tail(folder, 0) == []
    assert len(logs.tail(folder, 1)) == len(logs.tail(folder, 5)) == 1


def test_a_log_that_holds_anything_is_read(folder):
    (folder / places.LOG).mkdir()
    (folder / places.LOG / logs.NAME).write_bytes(b"\xff\xfe\x00 broken\nlast, cut o")
    assert logs.tail(folder, 5) == ["\ufffd\ufffd\x00 broken", "last, cut o"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to try here")
def test_a_full_disk_costs_lines_and_nothing_else(folder, capfd):
    path = folder / places.LOG / logs.NAME
    path.parent.mkdir()
    path.symlink_to("/dev/full")  # whatever is written there finds no space
    logs.set_up(folder)
    for _ in range(3):
        logging.getLogger("sinddm").info("lost %s", "x" * 20000)
    path.unlink()  # as if somebody had made room
    logging.getLogger("sinddm").info("kept")
    assert [line.rpartition(" ")[2] for line in logs.tail(folder, 5)] == ["kept"]
    assert capfd.readouterr().err == ""


def test_a_log_that_cannot_be_made_is_in_nobodys_way(folder, capfd):
    (folder / places.LOG).write_text("no folder")
    logs.set_up(folder)
    logging.getLogger("sinddm").info("lost")
    assert logs.tail(folder, 5) == []
    (folder / places.LOG).unlink()
    logging.getLogger("sinddm").info("kept")
    assert len(logs.tail(folder, 5)) == 1
    assert capfd.readouterr().err == ""


# The state folder


def test_the_state_folder_is_where_the_environment_says_and_made_when_needed(folder, monkeypatch):
    monkeypatch.setenv("SINDDM_STATE", str(folder / "a" / "b"))
    assert places.state_path() == folder / "a" / "b"
    assert not (folder / "a").exists()
    assert places.state_folder() == places.state_folder() == folder / "a" / "b"
    assert places.state_path().is_dir()
    if os.name == "posix":
        assert mode(folder / "a" / "b") == 0o700


def test_a_relative_state_folder_stays_the_same_in_another_working_folder(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SINDDM_STATE", "state")
    assert places.state_folder() == folder / "state"


def test_without_the_environment_it_is_where_programs_keep_their_state(folder, monkeypatch):
    monkeypatch.setenv("SINDDM_STATE", "")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    assert places.state_path().name == "sinddm"
    if os.name == "posix" and os.uname().sysname == "Linux":
        assert places.state_path() == folder / "sinddm"
        monkeypatch.delenv("XDG_STATE_HOME")
        assert places.state_path() == Path.home() / ".local" / "state" / "sinddm"


@pytest.mark.parametrize("where", ["file", "file/state"])
def test_a_state_folder_that_cannot_be_made_is_told_in_one_sentence(where, folder, monkeypatch):
    (folder / "file").write_text("no folder")
    monkeypatch.setenv("SINDDM_STATE", str(folder / where))
    with pytest.raises(InputError, match=r"^The folder [^\n]+ cannot be made \([^\n]+\): set SINDDM_STATE [^\n]+\.$"):
        places.state_folder()
