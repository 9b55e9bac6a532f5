"""What the tests in Krita share: a screen, a profile, the plugin's archive, and a backend of their own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import krita_places
import pytest
from krita_app import KritaApp, Launch, build_archive
from screens import screen
from shared_backend import SharedBackend


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Krita these tests are left out, but not where they are the point."""
    mine = [item for item in items if Path(__file__).parent in item.path.parents]
    if mine and krita_places.missing() and not os.environ.get("CI"):
        for item in mine:
            item.add_marker(pytest.mark.skip(krita_places.missing()))


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen that nobody sees."""
    assert not krita_places.missing(), krita_places.missing()
    with screen() as name:
        yield name


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """For all that is written; kept where a test failed, or SINDDM_TEST_KEEP is set."""
    made = tmp_path_factory.mktemp("krita")
    yield made
    for home in made.glob("*/home"):
        shutil.rmtree(home, ignore_errors=True)  # 90 MB each


@pytest.fixture(scope="session")
def archive(folder: Path) -> Path:
    """The plugin as it is handed out."""
    return build_archive(folder)


@pytest.fixture(scope="session")
def backend(folder: Path, models: Path) -> Iterator[SharedBackend]:
    """The one backend of all these tests."""
    found = SharedBackend(folder, krita_places.backend_command(), models)
    yield found
    found.end()


@pytest.fixture(scope="session")
def krita(folder: Path, display: str, archive: Path, backend: SharedBackend) -> Iterator[KritaApp]:
    """Starts Kritas in which the plugin is installed."""
    app = KritaApp(folder, display, backend.variables, archive)
    app.make_template()
    yield app
    app.end()


@pytest.fixture(scope="module")
def launched(krita: KritaApp) -> Iterator[Callable[..., Launch]]:
    """Starts a Krita for a file of steps, once for the tests of a module."""
    kept: dict[str, Launch] = {}

    def launch(steps: str, **more: object) -> Launch:
        if steps not in kept:
            kept[steps] = krita.start(steps, **more)  # type: ignore[arg-type]
        return kept[steps].finish()

    yield launch
    for one in kept.values():
        one.end()
