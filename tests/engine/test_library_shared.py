"""The library used by several processes at once: nothing is overwritten, nothing is lost, nobody waits for ever."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import environment

from sinddm import InputError, Texture, library
from sinddm.library import LONGEST_NAME, MOST_BYTES, Library

# A process that says when it is about to take the lock, and how what it did there ended. It ends with its parent.
CHILD = """
import json, os, sys, threading, time
from contextlib import contextmanager
from pathlib import Path
import sinddm.library
from sinddm.errors import InputError
from sinddm.library import Library

sinddm.library.WAIT = 60

def watch():
    sys.stdin.read()
    os._exit(3)

def late():
    time.sleep(60)
    os._exit(4)

for guard in (watch, late):
    threading.Thread(target=guard, daemon=True).start()

def tell(*words):
    print(json.dumps(words), flush=True)

class Telling(Library):
    @contextmanager
    def _alone(self):
        tell("waiting")
        with super()._alone():
            yield

folder, action, *arguments = sys.argv[1:]
library = Telling(Path(folder))
try:
    if action == "add":
        tell("done", library.add(Path(arguments[0]), arguments[1]))
    elif action == "keep":
        tell("done", library.keep(lambda path: path.write_bytes(Path(arguments[0]).read_bytes()), arguments[1]))
    elif action == "rename":
        tell("done", library.rename(*arguments))
    elif action == "hold":
        with Library(Path(folder))._alone():
            tell("waiting")
            time.sleep(60)
except InputError as error:
    tell("refused", str(error))
tell("end")
"""


class Process:
    """A process that works on a library."""

    def __init__(self, folder: Path, *action: str):
        argv = [sys.executable, "-c", CHILD, str(folder), *action]
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", env=environment()
        )

    def said(self) -> list[str]:
        """Its next line, [] if it has ended; it ends by itself when that takes a minute."""
        assert self._process.stdout
        return json.loads(self._process.stdout.readline() or "[]")

    def kill(self) -> None:
        """End it as the system does, at once."""
        self._process.kill()
        self._process.communicate(timeout=60)


Start = Callable[..., Process]


@pytest.fixture
def start(shared) -> Iterator[Start]:
    """Starts processes on the library."""
    processes: list[Process] = []

    def begin(*action: str) -> Process:
        processes.append(Process(shared.folder, *action))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()


@pytest.fixture
def shared(folder, texture) -> Library:
    """A library with the landscape in it, called meadow."""
    found = Library(folder / "Texturen")
    texture.save(found.free("meadow"))
    return found


@pytest.fixture
def given(folder, picture) -> list[Path]:
    """Four texture files that all differ."""
    paths = [folder / f"given {number}.safetensors" for number in range(4)]
    for number, path in enumerate(paths):
        Texture.from_image(picture[: 40 + number], device="cpu").save(path)
    return paths


def at_once(shared: Library, start: Start, actions: list[tuple[str, ...]]) -> list[list[str]]:
    """What the processes say in the end that are let go when all of them wait for the library."""
    with shared._alone():
        processes = [start(*action) for action in actions]
        assert [process.said() for process in processes] == [["waiting"]] * len(actions)
    return [process.said() for process in processes]


def contents(shared: Library) -> dict[str, bytes]:
    return {name: shared.find(name).read_bytes() for name in shared.names()}


def test_of_those_who_add_one_name_at_once_one_wins_and_the_others_are_told(shared, start, given):
    told = at_once(shared, start, [("add", str(path), "moss") for path in given])
    winners = [path for path, (how, _) in zip(given, told, strict=True) if how == "done"]
    assert len(winners) == 1
    refusals = {sentence for how, sentence in told if how == "refused"}
    assert refusals == {"There is already a texture called 'moss': choose another name, or delete that one first."}
    assert contents(shared) == {"meadow": contents(shared)["meadow"], "moss": winners[0].read_bytes()}
    assert Texture.load(shared.find("moss"), device="cpu").size == Texture.load(winners[0], device="cpu").size


def test_what_several_keep_under_one_name_at_once_is_all_kept(shared, start, given):
    told = at_once(shared, start, [("keep", str(path), "moss") for path in given])
    names = [name for how, name in told]
    assert sorted(names) == ["moss", "moss 2", "moss 3", "moss 4"]
    kept = contents(shared)
    assert [kept[name] for name in names] == [path.read_bytes() for path in given]


def test_of_a_texture_that_gets_a_name_and_one_that_is_added_by_it_both_stay(shared, start, given):
    meadow = contents(shared)["meadow"]
    renamed, added = at_once(shared, start, [("rename", "meadow", "moss"), ("add", str(given[0]), "moss")])
    assert {renamed[0], added[0]} == {"done", "refused"}
    first = {"meadow": meadow, "moss": given[0].read_bytes()}
    assert contents(shared) == (first if added[0] == "done" else {"moss": meadow})


def test_of_those_who_rename_one_texture_at_once_one_wins(shared, start):
    meadow, names = contents(shared)["meadow"], ["moss", "fern", "bark"]
    told = at_once(shared, start, [("rename", "meadow", name) for name in names])
    assert sorted(how for how, *_ in told) == ["done", "refused", "refused"]
    assert [contents(shared)] == [{name: meadow} for name, (how, *_) in zip(names, told, strict=True) if how == "done"]


def test_who_waits_too_long_is_told_and_reading_needs_no_lock(shared, start, given, monkeypatch):
    before = contents(shared)
    assert start("hold").said() == ["waiting"]
    monkeypatch.setattr(library, "WAIT", 0.2)
    for action in (
        lambda: shared.rename("meadow", "moss"),
        lambda: shared.add(given[0], "moss"),
        lambda: shared.keep(lambda path: path.write_bytes(b""), "moss"),
    ):
        with pytest.raises(InputError, match=r"^Another program [^\n]+: try again, [^\n]+\.$"):
            action()
    assert contents(shared) == before
    assert shared.show("meadow").about["size"] == [64, 80]
    shared.delete("meadow")
    assert [path.name for path in shared.folder.iterdir()] == [".lock"]


def test_the_lock_of_a_process_that_was_killed_blocks_nobody(shared, start, monkeypatch):
    holder = start("hold")
    assert holder.said() == ["waiting"]
    monkeypatch.setattr(library, "WAIT", 0.2)
    with pytest.raises(InputError, match="Another program"):
        shared.rename("meadow", "moss")
    holder.kill()
    shared.rename("meadow", "moss")
    assert shared.names() == ["moss"]


# Keeping


@pytest.mark.parametrize("name", ["moss", "x" * LONGEST_NAME, "石" * (MOST_BYTES // 3), "a b" + " c" * 48 + "d"])
def test_a_taken_name_gets_a_number_and_always_fits(name, shared, texture):
    names = [shared.keep(texture.save, name) for _ in range(11)]
    assert (names[0], len(set(names))) == (name, 11)
    for number, one in enumerate(names[1:], 2):
        start, _, end = one.rpartition(" ")
        assert name.startswith(start)
        assert end == str(number)
    assert sorted(shared.names()) == sorted([*names, "meadow"])
    assert Texture.load(shared.find(names[-1]), device="cpu").size == texture.size


def test_a_library_is_made_for_what_is_kept(folder, texture):
    new = Library(folder / "a library" / "deep below")
    assert new.keep(texture.save, "moss") == "moss"
    assert new.names() == ["moss"]


def test_what_cannot_be_written_is_told_by_its_name_and_leaves_nothing(shared, texture):
    def write(path: Path) -> None:
        texture.save(path)
        raise OSError(28, "No space left on device")

    with pytest.raises(
        InputError, match=r"moss\.safetensors could not be written \(No space left on device\)"
    ) as error:
        shared.keep(write, "moss")
    assert ".unfinished" not in str(error.value)
    with pytest.raises(InputError, match="cannot be a texture's name"):
        shared.keep(texture.save, "../moss")
    assert [path.name for path in shared.folder.iterdir()] == ["meadow.safetensors"]


# Without torch

WITHOUT_TORCH = """
import sys
from pathlib import Path
from sinddm.library import Library
library = Library(Path(sys.argv[1]))
assert library.names() == ["meadow"]
assert library.show("meadow").about["size"] == [64, 80]
data = library.find("meadow").read_bytes()
assert library.keep(lambda path: path.write_bytes(data), "meadow") == "meadow 2"
library.rename("meadow 2", "moss")
library.delete("meadow")
assert library.names() == ["moss"]
assert "torch" not in sys.modules
"""


def test_the_library_needs_no_torch(shared):
    argv = [sys.executable, "-c", WITHOUT_TORCH, str(shared.folder)]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment(), timeout=60)
    assert done.returncode == 0, done.stderr
