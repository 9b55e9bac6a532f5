"""Files from the network, which go on where they stopped."""

from __future__ import annotations

import hashlib
import json
import os
import re
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from sinddm_installer.course import Course

from sinddm.errors import InputError

BLOCK = 1 << 18
PATIENCE = 30.0  # seconds without a byte
TRIES = 3
AT_ONCE = 8  # files whose sizes are asked for
AGENT = {"User-Agent": "sinddm-installer"}
CERTIFICATES = ("PIP_CERT", "REQUESTS_CA_BUNDLE")  # what the user has set for such programs; Python knows SSL_CERT_FILE
FINAL = (401, 403, 404, 410)  # answers that stay what they are
NOT_THERE = "The internet cannot be reached: check the connection, then start this again. What was downloaded is kept."
SIGNS = (
    *("Failed to establish a new connection", "Temporary failure in name resolution", "Name or service not known"),
    *("Network is unreachable", "Connection refused", "getaddrinfo failed", "NameResolutionError", "Read timed out"),
    *("ConnectTimeoutError", "ProxyError", "nodename nor servname", "Could not fetch URL", "ConnectionResetError"),
)


def unreachable(said: str) -> bool:
    """Whether what a program said means that there is no network."""
    return any(sign in said for sign in SIGNS)


class Downloads:
    """A folder in which files from the network are. certificates: a file of those to trust besides the system's, where
    the system has none."""

    def __init__(self, folder: Path, course: Course, certificates: Path | None = None):
        self.folder, self._course = folder, course
        self._context = _context(certificates)

    def sizes(self, urls: list[str]) -> list[int]:
        """Bytes of each file; 0 where nobody tells."""

        def ask(url: str) -> int:
            with suppress(OSError, HTTPException, ValueError), self._open(url, "HEAD") as answer:
                return int(answer.headers.get("Content-Length") or 0)
            return 0

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(ask, urls))

    def have(self, name: str) -> int:
        """Bytes of a file that are here already."""
        for path in (self.folder / name, self._part(name)):
            if path.is_file():
                return path.stat().st_size
        return 0

    def fetch(self, url: str, name: str, sha256: str, before: int = 0, total: int = 0) -> Path:
        """Have a file here. before, total: bytes of this step that are done, and of all of it. What has come is kept,
        and the next call goes on from there. Raises InputError."""
        path, part = self.folder / name, self._part(name)
        if path.is_file():
            return path
        self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, TRIES + 1):
            try:
                self._fetch_rest(url, part, before, total)
                break
            except (OSError, HTTPException) as error:
                self._course.check()
                if attempt == TRIES or (isinstance(error, HTTPError) and error.code in FINAL):
                    raise InputError(_in_words(name, error)) from error
        if sha256 and self._digest(part) != sha256:
            part.unlink()
            raise InputError(f"{name} did not arrive as it was sent: start this again, it is then fetched anew.")
        part.replace(path)
        return path

    def fetch_newest(self, about: str, minor: int) -> Path:
        """The newest wheel of a project in pure Python. about: the address of what is told of it, as PyPI does. minor:
        for which Python 3. Raises InputError."""
        try:
            with self._open(about, "GET") as answer:
                releases: dict[str, list[dict[str, Any]]] = json.load(answer)["releases"]
            wheel = max(_wheels(releases, minor), key=lambda one: one[0])[1]
            return self.fetch(wheel["url"], wheel["filename"], wheel["digests"]["sha256"])
        except InputError:
            raise
        except (OSError, HTTPException, ValueError, KeyError) as error:
            raise InputError(NOT_THERE) from error

    def _part(self, name: str) -> Path:
        return self.folder / f"{name}.part"

    def _open(self, url: str, method: str, headers: dict[str, str] | None = None) -> Any:
        asked = Request(url, headers={**AGENT, **(headers or {})}, method=method)
        return urlopen(asked, timeout=PATIENCE, context=self._context)

    def _fetch_rest(self, url: str, part: Path, before: int, total: int) -> None:
        """Add what is missing of a file. Raises OSError, HTTPException."""
        have = part.stat().st_size if part.is_file() else 0
        try:
            with self._open(url, "GET", {"Range": f"bytes={have}-"} if have else None) as answer:
                have = have if answer.status == 206 else 0  # others begin from the start again
                end = have + int(answer.headers.get("Content-Length") or 0)
                with part.open("ab" if have else "wb") as file:
                    while block := answer.read(BLOCK):
                        _write(file, block)
                        have += len(block)
                        self._course.at(before + have, max(total, before + have))
                if have < end:
                    raise ConnectionError("it broke off")
        except HTTPError as error:
            if error.code != 416 or not have:  # nothing comes after what is here
                raise

    def _digest(self, path: Path) -> str:
        found = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                found.update(block)
                self._course.check()
        return found.hexdigest()


def _wheels(releases: dict[str, list[dict[str, Any]]], minor: int) -> Iterator[tuple[list[int], dict[str, Any]]]:
    """The wheels that suit a Python, with their versions."""
    for version, files in releases.items():
        if re.fullmatch(r"\d+(\.\d+)+", version):
            for one in files:
                needs = re.match(r">=3\.(\d+)", one.get("requires_python") or ">=3.0")
                if one["filename"].endswith("-py3-none-any.whl") and needs and int(needs[1]) <= minor:
                    yield [int(part) for part in version.split(".")], one


def _write(file: BinaryIO, block: bytes) -> None:
    try:
        file.write(block)
    except OSError as error:
        raise InputError(
            f"What is fetched cannot be kept ({error.strerror}): make room, then start this again."
        ) from error


def _in_words(name: str, error: Exception) -> str:
    """Why a file did not come, and what to do."""
    if isinstance(error, HTTPError):
        return f"{name} cannot be fetched ({error.code} {error.reason}): try again later, or get a newer installer."
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"{name} cannot be fetched, as the server's certificate is not trusted: check the computer's clock."
    if isinstance(error, URLError):
        return NOT_THERE
    return f"The download of {name} broke off: check the connection, then start this again; it goes on from there."


def _context(certificates: Path | None) -> ssl.SSLContext:
    """Trust what the system trusts and what the user has set. Some Pythons have no certificates of their own."""
    context = ssl.create_default_context()
    more = [Path(os.environ[name]) for name in CERTIFICATES if os.environ.get(name)]
    if certificates and not context.cert_store_stats()["x509_ca"]:
        more.append(certificates)
    for path in more:
        with suppress(OSError):
            context.load_verify_locations(cafile=path)
    return context
