"""The line between a program that holds layers and the panel's process. Standard library only.

A message is the length of its header (8 bytes, little endian), the header (JSON) and blocks of bytes, whose lengths the
header tells: pixels travel as they are. The first message of the panel is the token that it was started with; nothing
else is taken before it.

    panel      {"token": ..., "version": ...}                           once
    program    {"push": "welcome", "name": ..., "version": ..., "dark": false, "value": the document}  once
    program    {"push": "document", "value": ...}                       after every change, while it is watched
    program    {"push": "raise"}                                        the panel was asked for once more
    panel      {"tell": "watch", "value": true}                         whether documents are to be pushed
    panel      {"call": "read", "id": 1, "patience": 20, "values": [..]}  a method of Distant
    program    {"answer": 1, "value": ...}  or  {"answer": 1, "error": "a sentence"}

Another part of the program may ask for a panel instead:

    part       {"token": ..., "open": 3}                                the number of an image, or null; once
    program    {"error": ""}                                            or a sentence that says what to do; the end
"""

from __future__ import annotations

import json
import queue
import socket
import threading
import typing
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from sinddm_plugin.client import Picture
from sinddm_ui.distant.values import Block, WireError, built
from sinddm_ui.host import Host

ADDRESS = "127.0.0.1"
START = 8  # bytes that hold the header's length
MOST_TOKEN = 1 << 10  # bytes of the first message
MOST_HEADER = 1 << 24  # a document with ten thousand layers has two million
MOST_BLOCKS = 1 << 34  # bytes
MOST_BLOCK_COUNT = 1 << 12
CALLS = ("read", "read_below", "read_selection", "thumbnail", "insert", "look")


class Distant(Host, Protocol):
    """What the program at the other end can do."""

    def look(self, document: str, side: int) -> Picture:
        """The whole picture as it is seen, as a small RGBA picture of 8 bits, its larger side at most `side`."""
        ...


class Signature(NamedTuple):
    """Of a call."""

    values: tuple[Any, ...]
    answer: Any


class Message(NamedTuple):
    """What arrives."""

    header: dict[str, Any]
    blocks: list[bytearray]


def signature(call: str) -> Signature:
    """The types that go in and come out."""
    if call not in CALLS:
        raise WireError(f"there is no call {call[:60]}")
    hints = typing.get_type_hints(getattr(Distant, call))
    answer = hints.pop("return")
    return Signature(tuple(hints.values()), answer)


def values_of(call: str, message: Message) -> list[Any]:
    """What a call was made with. Raises WireError."""
    wanted, given = signature(call).values, message.header.get("values")
    if not isinstance(given, list) or len(given) != len(wanted):
        raise WireError(f"{call} has {len(wanted)} values")
    return [built(kind, value, message.blocks) for kind, value in zip(wanted, given, strict=True)]


def send(line: socket.socket, header: dict[str, Any], blocks: Sequence[Block] = ()) -> None:
    """Send a message. Raises OSError."""
    views = [memoryview(one) for one in blocks]
    views = [one.cast("B") if one.nbytes else memoryview(b"") for one in views]
    text = json.dumps({**header, "blocks": [one.nbytes for one in views]}).encode()
    line.sendall(len(text).to_bytes(START, "little") + text)
    for one in views:
        line.sendall(one)


def receive(line: socket.socket, most_header: int = MOST_HEADER, most_blocks: int = MOST_BLOCKS) -> Message | None:
    """The next message; None if the other end hung up. Raises WireError, OSError."""
    start = _read(line, START, may_end=True)
    if start is None:
        return None
    size = int.from_bytes(start, "little")
    if size > most_header:
        raise WireError("the header is too long")
    try:
        header = json.loads(_read(line, size) or b"")
    except (ValueError, RecursionError) as error:
        raise WireError("the header is not JSON") from error
    sizes = header.pop("blocks", None) if isinstance(header, dict) else None
    if not isinstance(sizes, list) or len(sizes) > MOST_BLOCK_COUNT or any(type(n) is not int or n < 0 for n in sizes):
        raise WireError("the header does not tell its blocks")
    if sum(sizes) > most_blocks:
        raise WireError("the blocks are too long")
    return Message(header, [_read(line, one) or bytearray() for one in sizes])


def _read(line: socket.socket, count: int, may_end: bool = False) -> bytearray | None:
    """So many bytes; None for an end before the first, where there may be one."""
    try:
        data = bytearray(count)
    except (MemoryError, OverflowError) as error:
        raise WireError("there is not enough memory") from error
    view, at = memoryview(data), 0
    while at < count:
        got = line.recv_into(view[at:])
        if not got:
            if may_end and not at:
                return None
            raise WireError("it ends too early")
        at += got
    return data


class Line:
    """An open line, with a thread for each direction, so that neither end's main thread ever waits for the other.

    received: called with each message, ended: once after the last; both in the thread that reads.
    """

    def __init__(self, opened: socket.socket, received: Callable[[Message], object], ended: Callable[[], object]):
        self._socket, self._received, self._ended = opened, received, ended
        self._out: queue.SimpleQueue[tuple[dict[str, Any], Sequence[Block]] | None] = queue.SimpleQueue()
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.settimeout(None)

    def open(self) -> None:
        """Begin to read and to write."""
        for body in (self._read, self._write):
            threading.Thread(target=body, name="sinddm line", daemon=True).start()

    def send(self, header: dict[str, Any], blocks: Sequence[Block] = ()) -> None:
        """Send a message soon. What holds the blocks must not change any more."""
        self._out.put((header, blocks))

    def close(self) -> None:
        """Hang up, at once."""
        self._out.put(None)
        with suppress(OSError):  # closing alone would not wake the thread that reads
            self._socket.shutdown(socket.SHUT_RDWR)

    def _read(self) -> None:
        try:
            while (message := receive(self._socket)) is not None:
                self._received(message)
        except (OSError, WireError):
            pass  # whatever it was, the line is of no use any more
        finally:
            self.close()
            self._socket.close()
            self._ended()

    def _write(self) -> None:
        while (message := self._out.get()) is not None:
            try:
                send(self._socket, *message)
            except OSError:
                self.close()  # the reader sees it
                return
