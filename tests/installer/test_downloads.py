"""Files from the network arrive whole, go on where they stopped, and what stands in the way is said."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from mounts import mounted
from sinddm_installer.course import Course
from sinddm_installer.network import Downloads
from wheel_index import Index

from sinddm.errors import Cancelled, InputError

NAME, SIZE = "thing-1.0-py3-none-any.whl", 3_000_000


@pytest.fixture
def data() -> bytes:
    """What is fetched."""
    return random.Random(1).randbytes(SIZE)


@pytest.fixture
def index(tmp_path: Path, data: bytes) -> Iterator[Index]:
    """It, over HTTP."""
    folder = tmp_path / "Räder"
    folder.mkdir()
    (folder / NAME).write_bytes(data)
    found = Index(folder)
    yield found
    found.close()


@pytest.fixture
def url(index: Index) -> str:
    """Where it is."""
    return f"{index.variables['PIP_INDEX_URL'].removesuffix('/all/simple')}/files/{NAME}"


@pytest.fixture
def downloads(tmp_path: Path) -> Downloads:
    """A folder for it."""
    return Downloads(tmp_path / "Herunter geladen", Course(1, lambda _: None))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_arrives_whole(downloads: Downloads, url: str, data: bytes):
    assert downloads.sizes([url, f"{url}.nowhere"]) == [SIZE, 0]
    assert downloads.fetch(url, NAME, digest(data)).read_bytes() == data
    assert [path.name for path in downloads.folder.iterdir()] == [NAME]


def test_what_breaks_off_goes_on_by_itself(downloads: Downloads, index: Index, url: str, data: bytes):
    index.breaks_after[NAME] = 1_000_000
    assert downloads.fetch(url, NAME, digest(data)).read_bytes() == data
    first, second = (begin for _, begin in index.asked)
    assert first == 0
    assert second >= 1_000_000


def test_what_was_cancelled_goes_on_the_next_time(downloads: Downloads, index: Index, url: str, data: bytes):
    index.pause = 0.02
    told = []
    course = Course(1, told.append, lambda: bool(told) and told[-1].done > 1_000_000)
    with pytest.raises(Cancelled):
        Downloads(downloads.folder, course).fetch(url, NAME, digest(data), 0, SIZE)
    have = downloads.have(NAME)
    assert 1_000_000 <= have < SIZE
    assert downloads.fetch(url, NAME, digest(data)).read_bytes() == data
    assert index.asked[-1] == (NAME, have)


def test_what_is_not_what_was_promised_is_not_kept(downloads: Downloads, url: str):
    with pytest.raises(InputError, match="did not arrive as it was sent"):
        downloads.fetch(url, NAME, "0" * 64)
    assert not list(downloads.folder.iterdir())


def test_what_was_complete_but_for_its_name_is_not_fetched_again(downloads: Downloads, url: str, data: bytes):
    downloads.folder.mkdir()
    (downloads.folder / f"{NAME}.part").write_bytes(data)
    assert downloads.fetch(url, NAME, digest(data)).read_bytes() == data


def test_a_file_that_is_not_there_is_told_of(downloads: Downloads, url: str):
    with pytest.raises(InputError, match=r"cannot be fetched \(404 Not Found\): try again later"):
        downloads.fetch(f"{url}.nowhere", NAME, "")


def test_a_server_that_is_not_there_is_told_of(downloads: Downloads, index: Index, url: str):
    index.close()
    with pytest.raises(InputError, match="The internet cannot be reached"):
        downloads.fetch(url, NAME, "")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    yield from mounted(folder, ["-t", "tmpfs", "-o", "size=1m", "tmpfs"])


def test_a_full_disk_is_told_of(small_disk: Path, url: str):
    with pytest.raises(InputError, match=r"\(No space left on device\): make room"):
        Downloads(small_disk, Course(1, lambda _: None)).fetch(url, NAME, "")


def test_progress_counts_all_that_is_fetched(downloads: Downloads, url: str, data: bytes):
    told = []
    Downloads(downloads.folder, Course(1, told.append)).fetch(url, NAME, digest(data), 7_000_000, 10_000_000)
    assert told[-1].done == told[-1].total == 10_000_000
    assert told[0].done >= 7_000_000
