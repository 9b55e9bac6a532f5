"""Requests to one backend, over HTTP on this computer.

Each has a connection of its own: within one computer that costs less than a millisecond, and no request ever meets a
connection that the other side closed while it was idle.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, BinaryIO, NamedTuple

from .errors import BadAnswer, Refused, Unreachable
from .places import Address

HOST = "127.0.0.1"
PATIENCE = 60.0  # seconds without a byte
BLOCK = 1 << 20
LONGEST_ERROR = 1 << 16
NOT_THERE = "SinDDM is not running: try again, it is then started."
LOST = "SinDDM stopped answering in the middle of something: try again."


class Body(NamedTuple):
    """What a request carries: `length` bytes in pieces, or in a file."""

    media_type: str
    length: int
    content: Iterable[bytes | memoryview] | BinaryIO


class Answer:
    """An answer whose body is still to be read."""

    def __init__(self, response: HTTPResponse):
        self._response = response
        self.length: int | None = response.length

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer, or a beginning of it; 0 at the end. Raises Unreachable if the end comes too early."""
        try:
            got = self._response.readinto(buffer)
        except (OSError, HTTPException, ValueError) as error:  # ValueError: a chunk's length that is no number
            raise Unreachable(LOST) from error
        if not got and len(buffer) and self._response.length:
            raise Unreachable(LOST)
        return got

    def read_json(self) -> Any:
        """The body, if it is JSON; None for an empty one. Raises BadAnswer, Unreachable."""
        try:
            text = self._response.read()
        except (OSError, HTTPException, ValueError) as error:
            raise Unreachable(LOST) from error
        try:
            return json.loads(text) if text else None
        except (ValueError, RecursionError) as error:
            raise BadAnswer from error


@contextmanager
def request(
    address: Address, method: str, path: str, body: Body | None = None, patience: float = PATIENCE
) -> Iterator[Answer]:
    """Send a request and give its answer, if that is a good one. Raises Refused, Unreachable."""
    connection = HTTPConnection(HOST, address.port, timeout=patience, blocksize=BLOCK)
    try:
        _connect(connection)
        yield Answer(_exchange(connection, address, method, path, body))
    finally:
        connection.close()


def ask(address: Address, method: str, path: str, content: Any = None, patience: float = PATIENCE) -> Any:
    """Send JSON, if any, and return the JSON that comes back. Raises Refused, Unreachable, BadAnswer."""
    text = None if content is None else json.dumps(content).encode()
    body = None if text is None else Body("application/json", len(text), [text])
    with request(address, method, path, body, patience) as answer:
        return answer.read_json()


class Stream:
    """An answer that comes bit by bit. Another thread may close it, which ends it at once."""

    def __init__(self, address: Address, path: str, headers: dict[str, str] | None = None, patience: float = PATIENCE):
        self._address, self._path, self._headers = address, path, headers or {}
        self._connection = HTTPConnection(HOST, address.port, timeout=patience)
        self._response: HTTPResponse | None = None
        self._socket: socket.socket | None = None
        self._closed, self._lock = False, threading.Lock()

    def open(self) -> None:
        """Send the request. Raises Refused, Unreachable."""
        _connect(self._connection)
        with self._lock:
            if self._closed:
                self._connection.close()
                raise Unreachable(LOST)
            self._socket = self._connection.sock
        self._response = _exchange(self._connection, self._address, "GET", self._path, None, self._headers)

    def read(self) -> bytes:
        """What has come since; b"" at the end. Raises Unreachable."""
        assert self._response, "it was not opened"
        try:
            return self._response.read1(BLOCK)
        except (OSError, HTTPException, ValueError) as error:
            raise Unreachable(LOST) from error

    def close(self) -> None:
        """End it; whoever reads gets an end or Unreachable."""
        with self._lock:
            self._closed = True
            if self._socket:  # closing alone would not wake the thread that reads
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Give back what it took; for the thread that reads."""
        if self._response:
            self._response.close()
        self._connection.close()


def _connect(connection: HTTPConnection) -> None:
    try:
        connection.connect()
    except OSError as error:
        raise Unreachable(NOT_THERE, sent=False) from error


def _exchange(
    connection: HTTPConnection,
    address: Address,
    method: str,
    path: str,
    body: Body | None,
    more: dict[str, str] | None = None,
) -> HTTPResponse:
    """The answer to a request, if it is a good one."""
    headers = {"Authorization": f"Bearer {address.token}", "Connection": "close", **(more or {})}
    if body:
        headers |= {"Content-Type": body.media_type, "Content-Length": str(body.length)}
    try:
        # a backend that refuses hangs up without reading all; what it said is still to be had
        with suppress(BrokenPipeError, ConnectionResetError, ConnectionAbortedError):
            connection.request(method, path, body.content if body else None, headers)
        response = connection.getresponse()
    except (OSError, HTTPException) as error:
        raise Unreachable(LOST) from error
    if response.status == 401:  # another backend has the port by now
        raise Unreachable(NOT_THERE, sent=False)
    if not 200 <= response.status < 300:
        raise Refused(response.status, _sentence(response))
    return response


def _sentence(response: HTTPResponse) -> str:
    """What the backend says is wrong."""
    with suppress(OSError, HTTPException, ValueError, RecursionError):
        found = json.loads(response.read(LONGEST_ERROR))
        if isinstance(found, dict) and isinstance(found.get("error"), str) and found["error"].strip():
            return found["error"].strip()
    return f"SinDDM could not do this (HTTP {response.status}): try again, or restart it."
