"""What the backend's tests share: real backends in folders of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from backends import Backend


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A backend that the tests of a module share; they must leave it alive."""
    found = Backend(tmp_path_factory.mktemp("Rücken wind"))
    yield found.start()
    found.end()


@pytest.fixture
def make_backend(tmp_path: Path) -> Iterator[Callable[..., Backend]]:
    """Makes backends that a test may treat as it likes; they are not started. With the arguments of `sinddm serve`,
    and environment variables."""
    made: list[Backend] = []

    def make(*arguments: str, folder: str = "ein Ordner", **variables: str) -> Backend:
        made.append(Backend(tmp_path / folder, *arguments, **variables))
        return made[-1]

    yield make
    for one in made:
        one.end()
