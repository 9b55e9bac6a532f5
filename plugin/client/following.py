"""What happens in the backend, as it happens: server-sent events, taken up again where the connection was lost."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Generic, NamedTuple, TypeVar

from .connection import Stream
from .errors import BadAnswer, ClientError, Unreachable
from .models import Changes

SILENCE = 10.0  # seconds; the backend says something every second
PATIENCE = 30.0  # seconds without a backend before it is given up
FIRST_DELAY, LONGEST_DELAY = 0.1, 2.0  # seconds between attempts
LONGEST_EVENT = 1 << 26

T = TypeVar("T")


class Event(NamedTuple):
    """A server-sent event."""

    id: str | None
    name: str
    data: str


class Parser:
    """Server-sent events from bytes that come in pieces."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._id: str | None = None
        self._name, self._data = "message", list[str]()

    def feed(self, piece: bytes) -> list[Event]:
        """The events that are complete now. Raises BadAnswer for one that does not end."""
        searched = len(self._rest)
        self._rest += piece
        if b"\n" not in piece:
            if searched > LONGEST_EVENT:
                raise BadAnswer
            return []
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        return [event for line in lines if (event := self._line(line.rstrip(b"\r").decode(errors="replace")))]

    def _line(self, line: str) -> Event | None:
        if not line:
            event = Event(self._id, self._name, "\n".join(self._data)) if self._data else None
            self._name, self._data = "message", []
            return event
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            self._id = value
        elif field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        return None


class Following(Iterator[T], Generic[T]):
    """An iterator over what comes. It waits in `next`; another thread may close it, which ends it at once.

    open_stream: makes the stream that goes on after the event of an id, None for the beginning; it raises Unreachable
    where there is no backend. select: what of some changes is given out, and whether it was the last. reconnect:
    whether to take it up again after the connection was lost. patience: seconds without a backend after which `next`
    raises Unreachable.
    """

    def __init__(
        self,
        open_stream: Callable[[str | None], Stream],
        select: Callable[[Changes], tuple[list[T], bool]],
        reconnect: bool = True,
        patience: float = PATIENCE,
    ):
        self._open_stream, self._select = open_stream, select
        self._reconnect, self._patience = reconnect, patience
        self._stream: Stream | None = None
        self._parser, self._last_id = Parser(), None
        self._ready: deque[T] = deque()
        self._over = False
        self._closed, self._lock = threading.Event(), threading.Lock()
        self._lost_since: float | None = None
        self._delay = FIRST_DELAY

    def __iter__(self) -> Following[T]:
        return self

    def __next__(self) -> T:
        """What comes next. Raises Unreachable, Refused, BadAnswer."""
        try:
            while not self._closed.is_set():
                if self._ready:
                    return self._ready.popleft()
                if self._over:
                    break
                self._receive()
        except ClientError:
            if not self._closed.is_set():
                self._end()
                raise
        self._end()
        raise StopIteration

    def __enter__(self) -> Following[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, from any thread."""
        self._closed.set()
        with self._lock:
            if self._stream:
                self._stream.close()

    def _receive(self) -> None:
        """Read once; take it up again if the connection was lost."""
        try:
            if self._stream is None:
                self._open()
            assert self._stream
            piece = self._stream.read()
            if not piece:  # the end of a stream that should have gone on
                raise Unreachable("SinDDM was stopped: try again, it is then started.")
        except Unreachable:
            self._release()
            now = time.monotonic()
            self._lost_since = self._lost_since or now
            if not self._reconnect or now - self._lost_since > self._patience:
                raise
            self._closed.wait(self._delay)
            self._delay = min(2 * self._delay, LONGEST_DELAY)
            return
        self._lost_since, self._delay = None, FIRST_DELAY
        for event in self._parser.feed(piece):
            self._take(event)

    def _open(self) -> None:
        stream = self._open_stream(self._last_id)
        with self._lock:
            self._stream = stream
            if self._closed.is_set():
                stream.close()
        stream.open()
        self._parser = Parser()

    def _take(self, event: Event) -> None:
        self._last_id = event.id or self._last_id
        if event.name == "jobs" and not self._over:
            try:
                found = json.loads(event.data)
            except (ValueError, RecursionError) as error:
                raise BadAnswer from error
            chosen, self._over = self._select(Changes.from_json(found))
            self._ready.extend(chosen)

    def _release(self) -> None:
        """Give back the stream, if there is one."""
        with self._lock:
            stream, self._stream = self._stream, None
        if stream:
            with suppress(OSError):
                stream.release()

    def _end(self) -> None:
        self._closed.set()
        self._release()
