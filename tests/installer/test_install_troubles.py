"""What stands in the way of an installation is said in a sentence, and nothing is left behind that is in the way of the
next one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from machines import Machine
from mounts import mounted
from wheel_index import Index


@pytest.fixture
def index(wheels: Path) -> Iterator[Index]:
    """A package index on this computer."""
    found = Index(wheels)
    yield found
    found.close()


def test_without_a_network_it_says_so(fresh: Machine, own: Path):
    run = fresh.install(own, "install")
    assert run.code == 1
    assert run.words.startswith("The internet cannot be reached: check the connection")
    assert sorted(path.name for path in fresh.data.iterdir()) == ["install.lock"]


@pytest.fixture
def small_disk(fresh: Machine) -> Iterator[Path]:
    """The home on a disk of 500 MB."""
    yield from mounted(fresh.home, ["-t", "tmpfs", "-o", "size=500m", "tmpfs"])


@pytest.mark.usefixtures("small_disk")
def test_without_room_on_the_disk_it_says_how_much_is_needed(fresh: Machine, own: Path, wheels: Path):
    run = fresh.install(own, "install", "--wheels", wheels)
    assert run.code == 1
    assert run.words.startswith(f"There is not enough room in {fresh.data}: ")
    assert " MB are free and 1.9 GB are needed; make room" in run.words
    assert sorted(path.name for path in fresh.data.iterdir()) == ["install.lock"]


@pytest.mark.usefixtures("small_disk")
def test_without_room_nothing_is_fetched_also_from_a_mirror_that_tells_little(fresh: Machine, own: Path, index: Index):
    index.tells = False
    run = fresh.install(own, "install", offline=False, variables=index.variables)
    assert run.code == 1
    assert " are needed; make room" in run.words
    assert not [name for name, _ in index.asked if name.startswith("torch-")]


def test_two_at_once_a_kill_and_a_cancel_while_files_come(fresh: Machine, own: Path, index: Index, wheels: Path):
    """One is killed, while another one waits in vain; the next goes on from where the files were, and is cancelled."""
    index.pause = 0.01
    first = fresh.start(own, "install", offline=False, variables=index.variables)
    first.until(lambda told: told.get("done", 0) > 5e6)
    second = fresh.install(own, "install", "--wheels", wheels)
    assert second.code == 1
    assert second.words.startswith("Another installation of SinDDM is running")
    first.kill()
    third = fresh.start(own, "install", offline=False, variables=index.variables)
    third.until(lambda told: told.get("done", 0) > 5e6).cancel()
    assert third.code == 130
    torch = [first for name, first in index.asked if name.startswith("torch-")]
    assert torch[0] == 0
    assert torch[1] > 4e6
    (part,) = (fresh.data / "downloads").glob("torch-*.part")
    assert part.stat().st_size >= torch[1]


def test_a_folder_that_lacks_something_says_what(fresh: Machine, own: Path, wheels: Path, shared: Path):
    folder = shared / "Räder ohne numpy"
    folder.mkdir()
    for wheel in wheels.glob("*.whl"):
        if not wheel.name.startswith("numpy-"):
            os.link(wheel, folder / wheel.name) if wheel.stat().st_dev == folder.stat().st_dev else None
    run = fresh.install(own, "install", "--wheels", folder)
    assert run.code == 1
    assert run.words == (f"{folder} has no numpy>=1.26 for Python 3.11: add its wheel, or install without this folder.")


def test_text_needs_a_package_that_is_not_among_the_usual_ones(fresh: Machine, own: Path, wheels: Path):
    run = fresh.install(own, "install", "--wheels", wheels, "--with", "text")
    assert run.code == 1
    assert run.words == (
        f"{wheels} has no open_clip_torch>=3.2 for Python 3.11: add its wheel, or install without this folder."
    )


def test_where_no_editor_is_that_is_said(fresh: Machine, own: Path):
    run = fresh.install(own, "install", "--editors", "krita")
    assert run.words == "There is no krita here: choose of none, as none was found."


def test_the_commands_for_people_say_the_same(fresh: Machine, own: Path):
    from sinddm_plugin.setup.program import START

    command = fresh.command("python3", "-I", "-c", START, own, "look")
    done = subprocess.run(command, env=fresh.variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "* cpu      Processor: about 450 MB to fetch, 1.6 GB on the disk." in done.stdout
    assert "There is no Krita and no GIMP here." in done.stdout
