"""A hub of models on this computer: answers as the real one does, and breaks as networks do."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0" * 39 + "1"


class Hub(ThreadingHTTPServer):
    """files: what it has, by REPOSITORY/NAME; further attributes say how it misbehaves."""

    daemon_threads = True

    def __init__(self, files: dict[str, Path]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.asked: list[tuple[str, str]] = []
        """Paths, and the ranges that were asked for."""
        self.cut_after: int | None = None
        """Bytes after which it hangs up, at each answer."""
        self.damaged = False
        """Whether a byte of what it sends is another one."""
        self.ranges = True
        """Whether it can begin in the middle."""
        self.failures = 0
        """How many answers are errors of its own."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def hub(files: dict[str, Path]) -> Iterator[Hub]:
    """Running while it is used."""
    server = Hub(files)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Hub  # type: ignore[assignment]

    def do_GET(self) -> None:
        """Tell where a file is, or send it."""
        self.server.asked.append((self.path, self.headers.get("Range", "")))
        if self.server.failures:
            self.server.failures -= 1
            self.send_error(503)
            return
        if self.path.startswith("/cdn/"):
            self._send(self.server.files[self.path.removeprefix("/cdn/")])
            return
        repository, _, rest = self.path.strip("/").partition("/resolve/")
        version, _, name = rest.partition("/")
        path = self.server.files.get(f"{repository}/{name}")
        if path is None or version not in ("main", COMMIT):
            self.send_error(404)
            return
        self.send_response(302)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("X-Linked-Size", str(path.stat().st_size))
        self.send_header("X-Linked-Etag", f'"{hashlib.sha256(path.read_bytes()).hexdigest()}"')
        self.send_header("Location", f"/cdn/{repository}/{name}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _send(self, path: Path) -> None:
        data, begin = bytearray(path.read_bytes()), 0
        if self.server.damaged:
            data[-1] ^= 1
        asked = self.headers.get("Range")
        if asked and self.server.ranges:
            begin = int(asked.removeprefix("bytes=").partition("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - begin))
        self.end_headers()
        end = len(data) if self.server.cut_after is None else min(len(data), begin + self.server.cut_after)
        self.wfile.write(data[begin:end])
