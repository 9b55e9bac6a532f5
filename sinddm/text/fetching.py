"""Fetching a model: in pieces that survive a broken line, compared with the sum that its publisher gives.

Nothing else in the engine uses a network, and this only when the artist has agreed.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sinddm import __version__
from sinddm.errors import InputError
from sinddm.text.adding import building, store_weights, try_out, write_config
from sinddm.text.models import CONFIG, WEIGHTS, Model, find, in_words
from sinddm.text.offers import Offer, hub, offer

CHUNK = 1 << 18
PATIENCE = 20.0  # seconds in which nothing comes, until it is tried again
TRIES = 5  # in a row of which nothing came
SPARE = 64 << 20  # bytes that are to stay free
SHA256 = re.compile(r"[0-9a-f]{64}")
NO_LINE = "{} could not be reached ({}): check the connection to the network, then try again; what has come is kept."
GONE = "{} does not have this model any more ({}): choose another one, or add its file by hand."
DAMAGED = "What came from {} is damaged ({{}}): try again."
OTHER = "What came from {} is not what its publisher has put there: try again."
FULL = "There is not enough space for this model ({:.0f} MB needed, {:.0f} MB free): free some, then try again."
NO_WRITE = "{} could not be written ({}): see that there is space and that you may write there, then try again."

OnProgress = Callable[[float, str], object]
"""Told how much of it is done, 0 to 1, and what is going on."""


class File(NamedTuple):
    """A file as its publisher describes it."""

    url: str
    bytes: int
    sum: str
    """Its SHA-256, or another mark that changes with it."""


def fetch(name: str, on_progress: OnProgress, check: Callable[[], object]) -> Model:
    """Fetch a model of open_clip's, and try it. on_progress and check are called several times a second while it comes,
    and may raise; what has come by then is kept for the next time. Raises InputError."""
    wanted = offer(name)
    with building(name) as part:
        if not (part / WEIGHTS).is_file():
            _weights(wanted, part, on_progress, check)
        on_progress(1.0, "Trying it")
        write_config(part, name)
        _tokenizer(wanted, part)
        try:
            with in_words(DAMAGED.format(wanted.page)):
                try_out(part)
        except InputError:
            (part / WEIGHTS).unlink(missing_ok=True)
            raise
    return find(name)


def _weights(wanted: Offer, part: Path, on_progress: OnProgress, check: Callable[[], object]) -> None:
    """The file of weights, as safetensors where there is one."""
    named = wanted.file or "open_clip_pytorch_model.bin"
    safe = WEIGHTS if not wanted.file else f"{Path(named).stem}.safetensors"
    file = describe(wanted.repository, safe) or describe(wanted.repository, named)
    if file is None:
        raise InputError(GONE.format(hub(), wanted.repository))
    arrived = part / f"arrived{Path(file.url).suffix}"

    def tell(done: int) -> None:
        check()
        on_progress(done / max(1, file.bytes), f"Fetching, {done / 1e6:.0f} of {file.bytes / 1e6:.0f} MB")

    download(file, arrived, tell)
    with in_words(DAMAGED.format(wanted.page)):
        if arrived.suffix == ".safetensors":
            arrived.replace(part / WEIGHTS)
        else:
            store_weights(arrived, part / WEIGHTS)
            arrived.unlink()


def _tokenizer(wanted: Offer, part: Path) -> None:
    """The small files by which some models read words; most have none."""
    if "hf_tokenizer_name" not in json.loads((part / CONFIG).read_text(encoding="utf-8"))["model_cfg"]["text_cfg"]:
        return
    for name in (
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "tokenizer.model",
        "spiece.model",
    ):
        if not (part / name).exists() and (file := describe(wanted.repository, name)):
            download(file, part / name, lambda _: None)


def describe(repository: str, name: str) -> File | None:
    """A file of a repository as it is now; None if there is none of that name. Raises InputError."""
    address = f"{hub()}/{repository}/resolve/main/{name}"
    for tried in range(1, TRIES + 1):
        try:
            with _open(address) as answer:
                return _described(answer.headers, repository, name)
        except urllib.error.HTTPError as error:
            if error.headers.get("X-Linked-Etag"):  # large files lie elsewhere; all that is to be known is told here
                return _described(error.headers, repository, name)
            if error.code == 404:
                return None
            _again(error, tried, error.code >= 500 or error.code == 429)
        except (OSError, http.client.HTTPException) as error:
            _again(error, tried)
    raise AssertionError("unreachable")


def download(file: File, target: Path, tell: Callable[[int], object]) -> None:
    """Bring a file to this computer, from where an earlier try has stopped. tell: called with the bytes that are there,
    may raise. Raises InputError; then what has come stays beside the target, but for what is damaged."""
    part, about = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.about")
    try:
        if not about.exists() or about.read_text() != file.sum:
            part.unlink(missing_ok=True)
            about.write_text(file.sum)
        part.touch()
    except OSError as error:
        raise InputError(NO_WRITE.format(target, error.strerror)) from error
    have, free = part.stat().st_size, shutil.disk_usage(part.parent).free
    if file.bytes - have + SPARE > free:
        raise InputError(FULL.format((file.bytes - have + SPARE) / 1e6, free / 1e6))
    tried = 0
    while have < file.bytes:
        before = have
        try:
            for have in _arriving(file.url, part):
                tell(have)
            if have == before:
                raise http.client.IncompleteRead(b"")
        except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            have = part.stat().st_size
            tried = 1 if have > before else tried + 1
            code = error.code if isinstance(error, urllib.error.HTTPError) else 500
            _again(error, tried, code >= 500 or code == 429)
            tell(have)
    if have != file.bytes or not _is_whole(part, file.sum):
        part.unlink()
        about.unlink()
        raise InputError(OTHER.format(file.url))
    part.replace(target)
    about.unlink(missing_ok=True)


def _arriving(url: str, part: Path):
    """How many bytes are there, again and again while the rest of them comes."""
    have = part.stat().st_size
    with _open(url, {"Range": f"bytes={have}-"} if have else {}) as answer, part.open("r+b") as out:
        if answer.status != http.client.PARTIAL_CONTENT:  # it starts anew
            have = 0
        out.seek(have)
        out.truncate()
        while chunk := answer.read1(CHUNK):
            try:
                out.write(chunk)
            except OSError as error:
                raise InputError(NO_WRITE.format(part, error.strerror)) from error
            have += len(chunk)
            yield have


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows to other places but for large files, of which the first answer tells what they are."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if headers.get("X-Linked-Etag") and "/resolve/main/" in req.full_url:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(url: str, headers: dict[str, str] | None = None) -> Any:
    asked = urllib.request.Request(url, headers={"User-Agent": f"sinddm/{__version__}", **(headers or {})})
    return urllib.request.build_opener(_Stay).open(asked, timeout=PATIENCE)


def _described(headers: Any, repository: str, name: str) -> File:
    version = headers.get("X-Repo-Commit") or "main"
    mark = (headers.get("X-Linked-Etag") or headers.get("ETag") or "").removeprefix("W/").strip('"')
    size = headers.get("X-Linked-Size") or headers.get("Content-Length") or "0"
    return File(f"{hub()}/{repository}/resolve/{version}/{name}", int(size), mark)


def _again(error: Exception, tried: int, worth: bool = True) -> None:
    """Wait a little before the next try. Raises InputError if there is none."""
    if tried < TRIES and worth:
        time.sleep(0.2 * 2**tried)
        return
    reason = getattr(error, "reason", None) or error
    words = getattr(reason, "strerror", None) or " ".join(str(reason).split()) or type(error).__name__
    raise InputError(NO_LINE.format(hub(), words)) from error


def _is_whole(path: Path, sum: str) -> bool:
    """Whether it has the sum; where its publisher gives none, its length has to do."""
    if not SHA256.fullmatch(sum):
        return True
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest() == sum
