"""What the tests in GIMP share: GIMPs with and without windows, and a backend of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import gimp_places
import pytest
from gimp_app import Agent, Gimp, make_profile
from gimp_windows import Windows
from screens import screen
from shared_backend import SharedBackend


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there can be no GIMP these tests are left out, but not where they are the point."""
    mine = [item for item in items if Path(__file__).parent in item.path.parents]
    if mine and gimp_places.missing() and not os.environ.get("CI"):
        for item in mine:
            item.add_marker(pytest.mark.skip(gimp_places.missing()))


@pytest.fixture(scope="session")
def _prepared() -> None:
    """A system with GIMP 3, which is made if there is none."""
    assert not gimp_places.missing(), gimp_places.missing()
    gimp_places.prepare()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For all that is written."""
    return tmp_path_factory.mktemp("gimp")


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen that nobody sees."""
    with screen() as name:
        yield name


@pytest.fixture(scope="session")
def backend(folder: Path, models: Path) -> Iterator[SharedBackend]:
    """The one backend of all these tests."""
    found = SharedBackend(folder, gimp_places.backend_command(), models)
    yield found
    found.end()


@pytest.fixture(scope="session")
def console(_prepared: None, folder: Path, backend: SharedBackend) -> Iterator[Gimp]:
    """A GIMP without windows, as scripts use it."""
    gimp = Gimp(make_profile(folder / "console"), backend.variables, folders=(folder,))
    yield gimp
    gimp.end()


@pytest.fixture
def inside(console: Gimp, backend: SharedBackend) -> Iterator[Agent]:
    """The agent in it; each test begins without images, and with a backend that does nothing."""
    yield console.agent
    backend.cancel_all()
    console.agent.delete_all()


@pytest.fixture
def start(_prepared: None, folder: Path, backend: SharedBackend) -> Iterator[Callable[..., Gimp]]:
    """Starts GIMPs of a test's own. variables: of the environment; display: the screen for its windows."""
    started: list[Gimp] = []

    def make(variables: dict[str, str] | None = None, display: str = "", plug_in: bool = True) -> Gimp:
        home = make_profile(folder / f"own-{len(list(folder.iterdir()))}", plug_in)
        started.append(Gimp(home, {**backend.variables, **(variables or {})}, display, folders=(folder,)))
        return started[-1]

    yield make
    for gimp in started:
        gimp.end()


@pytest.fixture(scope="session")
def gimp(_prepared: None, folder: Path, backend: SharedBackend, display: str) -> Iterator[Gimp]:
    """A GIMP with windows."""
    found = Gimp(make_profile(folder / "windows"), backend.variables, display, folders=(folder,))
    yield found
    found.end()


@pytest.fixture
def windows(gimp: Gimp, backend: SharedBackend) -> Iterator[Windows]:
    """The artist's hands in it; each test begins without images, and with a backend that does nothing."""
    yield Windows(gimp)
    backend.cancel_all()
    gimp.agent.delete_all()
