"""A server that does what a test says, also what no backend would."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sinddm_plugin.client.places import Address
from sinddm_plugin.client.version import PROTOCOL, VERSION

TOKEN = "a-token-of-the-tests"


class Handler(BaseHTTPRequestHandler):
    """Hands each request to what the test gave."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    server: Peer  # type: ignore[assignment]

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def json(self, value: Any, status: int = 200) -> None:
        """Answer in JSON."""
        self.body(json.dumps(value).encode(), status)

    def body(self, data: bytes, status: int = 200, length: int | None = None) -> None:
        """Answer with these bytes, which pretend to be `length`."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def hang_up(self) -> None:
        """Say no more."""
        self.close_connection = True

    def begin_stream(self) -> None:
        """The start of server-sent events."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def piece(self, data: bytes) -> None:
        """A piece of a stream; an empty one ends it."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def event(self, id: str, *jobs: dict[str, Any], ids: list[str] | None = None) -> None:
        """Changes of jobs, in a stream."""
        self.piece(f"id: {id}\nevent: jobs\ndata: {json.dumps({'jobs': jobs, 'ids': ids})}\n\n".encode())

    def handle_request(self) -> None:
        """Read what came, and have it answered."""
        self.content = self.rfile.read(int(self.headers.get("Content-Length", 0))) if self.server.reads else b""
        self.server.seen.append((self.command, self.path))
        self.server.answer(self)

    do_GET = do_POST = do_DELETE = handle_request  # noqa: N815 - http.server's names


class Peer(ThreadingHTTPServer):
    """The server. `seen` are the requests so far; `over` is set when the test is."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Callable[[Handler], object]):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.reads = answer, True
        self.seen: list[tuple[str, str]] = []
        self.over = threading.Event()

    @property
    def address(self) -> Address:
        """Where it listens."""
        return Address(self.server_address[1], TOKEN, 1, VERSION, PROTOCOL)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is none of a test's errors, but all else is to be seen."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(answer: Callable[[Handler], object]) -> Iterator[Peer]:
    """A server with these answers."""
    with Peer(answer) as peer:
        thread = threading.Thread(target=peer.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield peer
        finally:
            peer.over.set()
            peer.shutdown()
            thread.join(60)


def job(state: str = "running", id: str = "0123456789abcdef", **more: Any) -> dict[str, Any]:
    """A job as the backend tells of it."""
    return {"id": id, "task": "generate", "state": state, **more}
