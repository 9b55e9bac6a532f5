"""An environment takes another's place as a whole or not at all, and what is broken in it is found."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from sinddm_installer import environment
from sinddm_installer.course import Course
from sinddm_installer.lock import alone
from sinddm_installer.swap import beside, clear, put_in_place

from sinddm.errors import InputError


@pytest.fixture
def current(tmp_path: Path) -> Path:
    """A folder in use."""
    folder = tmp_path / "Jörgs Daten" / "venv"
    folder.mkdir(parents=True)
    (folder / "which").write_text("old")
    return folder


@pytest.fixture
def fresh(current: Path) -> Path:
    """One that is to take its place."""
    folder = beside(current)
    folder.mkdir()
    (folder / "which").write_text("new")
    return folder


@pytest.fixture
def course() -> Course:
    """Nobody watches."""
    return Course(9, lambda _: None)


def names(current: Path) -> list[str]:
    """What is in its folder."""
    return sorted(path.name for path in current.parent.iterdir())


def test_the_new_one_takes_its_place(current: Path, fresh: Path):
    put_in_place(fresh, current)(True)
    assert (current / "which").read_text() == "new"
    assert names(current) == ["venv"]


def test_the_old_one_comes_back_where_the_new_one_does_not_work(current: Path, fresh: Path):
    put_in_place(fresh, current)(False)
    assert (current / "which").read_text() == "old"
    assert names(current) == ["venv"]


def test_after_a_kill_before_it_was_tried_the_new_one_stays(current: Path, fresh: Path):
    put_in_place(fresh, current)
    clear(current)
    assert (current / "which").read_text() == "new"
    assert names(current) == ["venv"]


def test_after_a_kill_between_the_two_names_the_old_one_is_back(current: Path, fresh: Path):
    current.rename(current.with_name("venv.old-abc"))
    clear(current)
    assert (current / "which").read_text() == "old"
    assert names(current) == ["venv"]


def test_a_lock_is_free_when_who_held_it_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sinddm_installer.lock.PATIENCE", 0)
    code = "import sys, time; from pathlib import Path; from sinddm_installer.lock import alone\n"
    code += "with alone(Path(sys.argv[1])): print('held', flush=True); time.sleep(100)"
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(InputError, match="Another installation"), alone(tmp_path):
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with alone(tmp_path):
        pass


@pytest.fixture
def made(tmp_path: Path, course: Course) -> environment.Environment:
    """An environment with one package, and a script."""
    made = environment.begun(tmp_path / "Jörgs venv", Path(sys.executable), course, None)
    for name in ("thing.py", "other.py"):
        (made.packages / name).write_text("x = 1\n")
    info = made.packages / "thing-1.0.dist-info"
    info.mkdir()
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"x = 1\n").digest()).rstrip(b"=").decode()
    lines = [f"{name},sha256={digest},6" for name in ("thing.py", "other.py")]
    (info / "RECORD").write_text("\n".join([*lines, "thing-1.0.dist-info/RECORD,,", "__pycache__/thing.pyc,,", ""]))
    script = made.folder / "bin/thing"
    script.write_text(f"#!{made.python}\nimport thing; print(thing.__file__)\n")
    script.chmod(0o755)
    return made


def test_what_is_whole_is_not_broken(made: environment.Environment, course: Course):
    assert environment.broken(made, course) == []


@pytest.mark.parametrize("how", ["deleted", "shorter", "another", "unreadable record", "no record"])
def test_what_is_broken_is_found_and_can_be_taken_out(made: environment.Environment, course: Course, how: str):
    info = made.packages / "thing-1.0.dist-info"
    if how == "deleted":
        (made.packages / "other.py").unlink()
    elif how == "unreadable record":
        (info / "RECORD").write_bytes(b"\xff\x00,")
    elif how == "no record":
        (info / "RECORD").unlink()
    else:
        (made.packages / "other.py").write_text({"shorter": "x", "another": "x = 2\n"}[how])
    found = environment.broken(made, course)
    assert found == [info]
    environment.discard(made, found)
    assert not info.exists()
    assert "record" in how or not (made.packages / "thing.py").exists()


def test_a_copy_takes_no_room_and_what_changes_in_it_leaves_the_first(made: environment.Environment, course: Course):
    copy = environment.begun(made.folder.with_name("copy"), Path("/no/such/python"), course, made)
    assert (copy.packages / "thing.py").samefile(made.packages / "thing.py")
    environment.tell_scripts(copy.folder, made.folder.with_name("place"))
    environment.tell_scripts(made.folder, made.folder)
    assert (made.folder / "bin/thing").read_text().startswith(f"#!{made.python}\n")


def test_scripts_run_where_the_environment_is_put(made: environment.Environment):
    place = made.folder.with_name("place")
    environment.tell_scripts(made.folder, place)
    made.folder.rename(place)
    text = (place / "bin/thing").read_text()
    assert text.startswith(f"#!{place}/bin/python\n")
    done = subprocess.run([place / "bin/python", place / "bin/thing"], capture_output=True, text=True, check=True)
    assert str(place) in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_an_environment_whose_python_is_gone_counts_as_none(made: environment.Environment):
    assert environment.opened(made.folder)
    made.python.unlink()
    made.python.symlink_to("/no/such/python")
    assert environment.opened(made.folder) is None
