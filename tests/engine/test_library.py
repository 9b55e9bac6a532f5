"""The library: textures by name, whole whatever happens while they are written."""

import errno
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from commands import environment
from mounts import mounted

from sinddm import InputError, Texture
from sinddm.atomic import UNFINISHED
from sinddm.library import STALE, Library, default_folder

NAMES = ["meadow", "Wiese am Fluß, 2. Versuch", "苔 und 石", "-o", "[bold]moss[v2]", "a'b $HOME & c", "x" * 100, "50%"]


@pytest.fixture
def library(folder, texture) -> Library:
    """A library with the landscape in it, called meadow."""
    library = Library(folder / "Texturen")
    texture.save(library.free("meadow"))
    return library


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A folder on a disk of 200 kB."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    yield from mounted(folder, ["-t", "tmpfs", "-o", "size=200k", "tmpfs"])


@pytest.fixture
def read_only(library) -> Iterator[Library]:
    """The library where nothing can be changed."""
    if os.name == "posix" and os.geteuid() != 0:
        library.folder.chmod(0o500)
        yield library
        library.folder.chmod(0o700)
        return
    for _ in mounted(library.folder, ["--bind", "-o", "ro", str(library.folder)]):
        yield library


def assert_sentence(error: pytest.ExceptionInfo[InputError]) -> None:
    assert re.fullmatch(r"\S[^\n]{20,400}[^.\n]\.", str(error.value)), error.value


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Names


@pytest.mark.parametrize("name", NAMES)
def test_a_texture_is_found_by_the_name_it_was_given(name, library, picture, texture):
    library.rename("meadow", name) if name != "meadow" else None
    assert library.names() == [name]
    entry = library.show(name)
    assert (entry.name, entry.about["size"]) == (name, [64, 80])
    assert entry.bytes == library.find(name).stat().st_size
    assert np.array_equal(entry.thumbnail, picture)
    again = Texture.load(library.find(name), device="cpu")
    assert np.array_equal(again.generate(quality="draft")[0], texture.generate(quality="draft")[0])


WRONG = ["", " ", " meadow", "meadow ", ".meadow", "..", "a/b", "../a", "a\\b", "C:a", "what?", "*", "a\nb", "a\0b"]
DEVICES = ["con", "NUL", "com1.txt", "meadow."]
ODD = ["x" * 101, "石" * 100, "\N{OWL}" * 100, "\udcff", "meadow.safetensors", "Meadow.SAFETENSORS"]


@pytest.mark.parametrize("name", [*WRONG, *DEVICES, *ODD], ids=lambda name: ascii(name)[:24])
def test_a_name_that_some_system_cannot_hold_is_refused(name, library, folder):
    elsewhere = folder / "given.safetensors"
    library.export("meadow", elsewhere)
    before = sorted(folder.rglob("*"))
    actions: list[Callable[[], object]] = [
        lambda: library.free(name),
        lambda: library.find(name),
        lambda: library.rename("meadow", name),
        lambda: library.delete(name),
        lambda: library.show(name),
    ]
    for action in actions:
        with pytest.raises(InputError, match="cannot be a texture's name") as error:
            action()
        assert_sentence(error)
    assert sorted(folder.rglob("*")) == before


def test_names_are_listed_in_the_order_of_a_dictionary(library):
    for name in ("Zaun", "acker", "Berg"):
        library.add(library.find("meadow"), name)
    assert library.names() == ["acker", "Berg", "meadow", "Zaun"]


def test_files_with_names_of_another_time_are_listed_too(library):
    for name in (" first", "what?", "x" * 120):
        (library.folder / f"{name}.safetensors").write_bytes(library.find("meadow").read_bytes())
    (library.folder / "notes.txt").write_text("not a texture")
    assert library.names() == [" first", "meadow", "what?", "x" * 120]


def test_a_library_that_is_not_there_is_empty(folder):
    assert Library(folder / "missing").names() == []
    with pytest.raises(InputError, match="none yet"):
        Library(folder / "missing").find("meadow")
    assert listed(folder) == []


def test_the_environment_says_where_the_library_is(folder, monkeypatch):
    monkeypatch.setenv("SINDDM_LIBRARY", str(folder))
    assert Library().folder == folder
    monkeypatch.setenv("SINDDM_LIBRARY", "")
    assert default_folder().parts[-2:] == ("sinddm", "textures")


# Renaming, deleting, giving away


def test_rename_keeps_everything_but_the_name(library):
    before = library.find("meadow").read_bytes()
    library.rename("meadow", "Wiese über dem Öl")
    assert library.names() == ["Wiese über dem Öl"]
    assert library.find("Wiese über dem Öl").read_bytes() == before


def test_a_taken_name_is_refused_and_both_textures_stay(library):
    library.add(library.find("meadow"), "moss")
    before = {name: library.find(name).stat().st_ino for name in library.names()}
    for action in (
        lambda: library.rename("meadow", "moss"),
        lambda: library.rename("meadow", "meadow"),
        lambda: library.add(library.find("meadow"), "moss"),
        lambda: library.free("moss"),
    ):
        with pytest.raises(InputError, match="already a texture called") as error:
            action()
        assert_sentence(error)
    assert {name: library.find(name).stat().st_ino for name in library.names()} == before


def test_delete_removes_one_texture(library):
    library.add(library.find("meadow"), "moss")
    library.delete("meadow")
    assert library.names() == ["moss"]


def test_an_exported_texture_can_be_imported_elsewhere(library, folder):
    path = library.export("meadow", folder)
    assert path == folder / "meadow.safetensors"
    other = Library(folder / "a library" / "deep below")
    assert other.add(path) == "meadow"
    assert other.add(path, "Wiese") == "Wiese"
    assert other.names() == ["meadow", "Wiese"]
    assert other.find("Wiese").read_bytes() == library.find("meadow").read_bytes()


def test_what_cannot_be_exported_or_imported_is_refused_and_changes_nothing(library, folder):
    (folder / "damaged.safetensors").write_bytes(library.find("meadow").read_bytes()[:-1])
    library.path("broken").write_bytes(library.find("meadow").read_bytes()[:-1])
    (folder / "meadow.safetensors").mkdir()
    before = sorted(folder.rglob("*"))
    for action in (
        lambda: library.add(folder / "damaged.safetensors"),
        lambda: library.add(folder / "missing.safetensors"),
        lambda: library.add(folder),
        lambda: library.export("broken", folder / "b.safetensors"),
        lambda: library.export("missing", folder / "b.safetensors"),
        lambda: library.export("meadow", folder / "meadow.png"),
        lambda: library.export("meadow", folder / "missing" / "b.safetensors"),
        lambda: library.export("meadow", folder),  # where a folder has the name that it would get
    ):
        with pytest.raises(InputError) as error:
            action()
        assert_sentence(error)
    assert sorted(folder.rglob("*")) == before


# Disks


def test_a_full_disk_leaves_the_old_texture_whole(small_disk, texture, trained):
    library = Library(small_disk)
    texture.save(library.free("meadow"))
    before = library.find("meadow").read_bytes()
    trained.save(small_disk.parent / "large.safetensors")
    for action in (
        lambda: trained.save(library.path("meadow")),
        lambda: library.add(small_disk.parent / "large.safetensors", "large"),
    ):
        with pytest.raises(InputError, match=os.strerror(errno.ENOSPC)) as error:
            action()
        assert_sentence(error)
    assert listed(small_disk) == ["meadow.safetensors"]
    assert library.find("meadow").read_bytes() == before


def test_a_library_that_cannot_be_changed_can_be_read(read_only, folder, texture, trained):
    exported = read_only.export("meadow", folder)
    for action in (
        lambda: trained.save(read_only.path("meadow")),
        lambda: texture.save(read_only.free("moss")),
        lambda: read_only.add(exported, "moss"),
        lambda: read_only.rename("meadow", "moss"),
        lambda: read_only.delete("meadow"),
    ):
        with pytest.raises(InputError, match="could not be") as error:
            action()
        assert_sentence(error)
    assert read_only.names() == ["meadow"]
    assert read_only.find("meadow").read_bytes() == exported.read_bytes()


def test_a_library_that_cannot_be_made_is_refused(folder, texture):
    (folder / "file").write_text("no folder")
    with pytest.raises(InputError, match="SINDDM_LIBRARY") as error:
        Library(folder / "file" / "library").free("meadow")
    assert_sentence(error)
    assert Library(folder / "file" / "library").names() == []


# Killed, and at the same time

SAVING = """
import json, os, random, signal, sys, time
from pathlib import Path
import torch
from sinddm import Texture
from sinddm.library import Library
torch.set_num_threads(1)  # threads do not survive a fork
folder = Path(sys.argv[1])
library = Library(folder)
textures = [Texture.load(path, device="cpu") for path in sys.argv[2:]]

def save_for_ever(first):
    while True:
        for texture in textures[first:] + textures[:first]:
            texture.save(library.path("meadow"))

def child(first):
    pid = os.fork()
    if pid == 0:
        try:
            save_for_ever(first)
        finally:
            os._exit(1)
    return pid

def kill(pid):
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def when():
    status = library.find("meadow").stat()
    return status.st_ino, status.st_mtime_ns

def look():
    return [Texture.load(library.find("meadow"), device="cpu").figures is not None, *sorted(os.listdir(folder))]

textures[0].save(library.path("meadow"))
"""
KILLED = """
random.seed(5)
found = []
for number in range(15):
    before, late = when(), time.monotonic() + 60
    pid = child(number % 2)
    while when() == before and time.monotonic() < late:
        time.sleep(0.001)
    time.sleep(random.choice([0, 0.06 * random.random()]))
    assert kill(pid) == -signal.SIGKILL
    found.append(look())
print(json.dumps(found))
"""
TOGETHER = """
pids = [child(0), child(1)]
found = []
while len(found) < 40 or (len({has_network for has_network, *_ in found}) < 2 and len(found) < 2000):
    found.append(look())
assert all(kill(pid) == -signal.SIGKILL for pid in pids)
found.append(look())
print(json.dumps(found))
"""

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked and killed here")


@pytest.fixture
def saving(folder, texture, trained) -> Callable[[str], list[list]]:
    """Runs code on a library in which two textures are saved in turn under one name; returns what it prints."""
    paths = [folder / "plain.safetensors", folder / "network.safetensors"]
    texture.save(paths[0])
    trained.save(paths[1])
    (folder / "library").mkdir()

    def run(code: str) -> list[list]:
        argv = [sys.executable, "-c", SAVING + code, str(folder / "library"), *map(str, paths)]
        done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment())
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@forks
def test_a_texture_is_whole_whenever_saving_is_killed(saving, folder):
    found = saving(KILLED)
    assert len(found) == 15
    rests = {name for _, *names in found for name in names} - {"meadow.safetensors"}
    assert all(name.startswith(UNFINISHED) for name in rests), rests
    assert Library(folder / "library").names() == ["meadow"]


@forks
def test_two_processes_that_save_one_name_at_once_leave_a_whole_texture(saving, folder):
    found = saving(TOGETHER)
    assert {has_network for has_network, *_ in found} == {False, True}
    assert Library(folder / "library").names() == ["meadow"]


def test_what_a_killed_process_left_is_swept_away_and_work_of_now_is_not(library):
    old, new = (library.folder / f"{UNFINISHED}{name}.safetensors" for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"unfinished")
    long_ago = time.time() - STALE - 60
    os.utime(old, (long_ago, long_ago))
    assert library.names() == ["meadow"]
    assert listed(library.folder) == [new.name, "meadow.safetensors"]
