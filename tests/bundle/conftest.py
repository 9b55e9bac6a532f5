"""What the tests of the bundle share: the system without Python, and a picture to work on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import bare
import pytest

sys.path += [str(Path(__file__).parents[1] / name) for name in ("engine", "backend", "ui")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They are of what only make test-bundle makes before."""
    why = bare.missing()
    for item in items:
        if why and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(why))


@pytest.fixture(scope="session")
def made() -> Path:
    """The folder of the programs that were made."""
    return Path(os.environ["SINDDM_TEST_BUNDLE"])


@pytest.fixture(scope="session")
def system(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[bare.Bare]:
    """The system without Python; its folder has the pictures of the command line's tests."""
    work = tmp_path_factory.mktemp("bundle")
    for name in ("home", "state", "library"):
        (work / name).mkdir()
    _draw(work)
    found = bare.Bare(made / "sinddm", work)
    yield found
    found.end()


@pytest.fixture(scope="session")
def pictures(system: bare.Bare) -> Path:
    """Where pictures of the screen go, to be looked at: OUT, if that is set."""
    return Path(os.environ.get("OUT") or system.work)


def _draw(folder: Path) -> None:
    import commands
    from PIL import Image

    meadow = commands.waves(commands.HEIGHT, commands.WIDTH)
    pasted = meadow.copy()
    pasted[commands.HOLE] = (240, 30, 20)
    content = commands.waves(commands.HEIGHT, commands.WIDTH, (0.7, 0.3, 0.4))
    for name, pixels in {"meadow": meadow, "content": content, "pasted": pasted, "mask": commands.hole_mask()}.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
