"""An index of packages on this computer, as PyPI is one: what a folder of wheels holds, over real HTTP."""

from __future__ import annotations

import hashlib
import re
import threading
import time
import zipfile
from contextlib import suppress
from functools import cache
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

BLOCK = 1 << 16


class Index:
    """Serves `folder` until it is closed; `torch` is another index, of torch alone.

    Tests may make it slow, or have it break a file off; it notes what was asked for.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.pause = 0.0
        """Seconds between two blocks of a file."""
        self.breaks_after: dict[str, int] = {}
        """Bytes after which files of these names break off, once."""
        self.tells = True
        """Whether it tells what a file needs, without the file. PyPI does; mirrors may not."""
        self.asked: list[tuple[str, int]] = []
        """Files, and from which byte."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def variables(self) -> dict[str, str]:
        """For an installer that is to know this index and no other."""
        place = f"http://127.0.0.1:{self._server.server_port}"
        return {
            "PIP_INDEX_URL": f"{place}/all/simple",
            "SINDDM_TORCH_INDEX": f"{place}/torch",
            "PIP_CONFIG_FILE": "/dev/null",
            "no_proxy": "127.0.0.1",
        }

    def close(self) -> None:
        """It is not there any more."""
        self._server.shutdown()
        self._server.server_close()


def _handler(index: Index) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # pip reads in little pieces

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

        def do_HEAD(self) -> None:
            self._answer(False)

        def do_GET(self) -> None:
            self._answer(True)

        def _answer(self, wanted: bool) -> None:
            parts = [unquote(part) for part in self.path.strip("/").split("/")]
            if parts[0] == "files" and (path := index.folder / parts[-1]).is_file():
                self._file(path, wanted)
            elif parts[0] == "files" and (path := index.folder / parts[-1].removesuffix(".metadata")).is_file():
                self._send(_metadata(path), "text/plain", wanted)
            elif parts[0] in ("all", "torch") and (page := _page(index.folder, parts[-1], index.tells)):
                self._send(page.encode(), "text/html", wanted)
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

        def _send(self, data: bytes, kind: str, wanted: bool) -> None:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if wanted:
                self.wfile.write(data)

        def _file(self, path: Path, wanted: bool) -> None:
            size = path.stat().st_size
            match = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
            first, last = 0, size - 1
            if match and match[1]:
                first, last = int(match[1]), min(int(match[2] or last), last)
            elif match:
                first = size - int(match[2])
            if first > last:
                self.send_error(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                return
            whole = not (match and match[2])  # pip's looks into a file name both ends
            if wanted and whole:
                index.asked.append((path.name, first))
            self.send_response(HTTPStatus.PARTIAL_CONTENT if match else HTTPStatus.OK)
            self.send_header("Content-Type", "application/zip")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(last - first + 1))
            if match:
                self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            self.end_headers()
            if wanted:
                self._stream(path, first, last, whole)

        def _stream(self, path: Path, first: int, last: int, whole: bool) -> None:
            """The bytes, as slowly as the test wants where it is a whole file."""
            most = index.breaks_after.pop(path.name, None) if whole else None
            left, sent = last - first + 1, 0
            with path.open("rb") as file, suppress(ConnectionError):  # who asked may be gone
                file.seek(first)
                while left:
                    block = file.read(min(BLOCK, left))
                    self.wfile.write(block)
                    left, sent = left - len(block), sent + len(block)
                    if most is not None and sent >= most:
                        self.close_connection = True
                        return
                    if index.pause and whole:
                        time.sleep(index.pause)

    return Handler


def _page(folder: Path, name: str, tells: bool) -> str:
    """The links to a project's wheels; empty if there are none. tells: whether what they need can be had alone."""
    same = [path for path in sorted(folder.glob("*.whl")) if _normal(path.name.split("-")[0]) == _normal(name)]
    more = ' data-core-metadata="true"' if tells else ""
    links = [f'<a href="/files/{quote(one.name)}#sha256={_digest(one)}"{more}>{escape(one.name)}</a>' for one in same]
    return f"<!DOCTYPE html><html><body>{'<br>'.join(links)}</body></html>" if links else ""


def _metadata(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA")))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()
