"""What the installer's tests share: a fresh Debian, a folder of wheels, and SinDDM's wheel in two versions."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import machines
import pytest
from machines import Machine
from screens import screen
from sinddm_installer.wheels import built


@pytest.fixture(scope="session")
def wheels() -> Path:
    """All that SinDDM needs, but not itself."""
    return machines.wheels()


@pytest.fixture(scope="session")
def own() -> Path:
    """SinDDM's own wheel."""
    return built(machines.ROOT)


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of an earlier version."""
    return machines.wheel_of(machines.OLD, tmp_path_factory.mktemp("old"))


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a version whose engine does not work."""
    return machines.wheel_of(machines.BROKEN, tmp_path_factory.mktemp("broken"), spoilt="sinddm/backend/engine.py")


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen that nobody sees."""
    with screen() as name:
        yield name


@pytest.fixture(scope="session")
def system() -> Path:
    """A fresh Debian."""
    if why := machines.systems.cannot_build():
        assert not os.environ.get("CI"), why
        pytest.skip(why)
    return machines.debian()


@pytest.fixture(scope="session")
def shared() -> Iterator[Path]:
    """A folder that all systems see, with what artists call theirs in its name."""
    folder = Path(tempfile.mkdtemp(prefix="sinddm-test-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def machine(system: Path, shared: Path, wheels: Path) -> Machine:
    """The computer of the artist whose story these tests tell."""
    return Machine(system, shared / "Jörg Müller's home", wheels)


@pytest.fixture
def fresh(system: Path, shared: Path, wheels: Path) -> Iterator[Machine]:
    """A computer of a test's own."""
    home = Path(tempfile.mkdtemp(prefix="home-", dir=shared))
    yield Machine(system, home, wheels)
    shutil.rmtree(home, ignore_errors=True)
