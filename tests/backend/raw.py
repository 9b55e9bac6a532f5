"""Containers and requests as nobody should send them, and as anybody might."""

from __future__ import annotations

import json
import socket
from typing import Any

from backends import PATIENCE, Backend

MEDIA_TYPE = "application/x-safetensors"
SIDE = 16


def header() -> dict[str, Any]:
    """What a good container says: a small layer, a mask, and a job."""
    layer = {"tensor": "picture", "layout": "rgba", "without": "mask"}
    job = {"task": "fill", "source": {"layers": [layer]}, "picture": {"tensor": "picture"}, "mask": "mask"}
    end = SIDE * SIDE * 4
    return {
        "__metadata__": {"request": json.dumps(job)},
        "picture": {"dtype": "U8", "shape": [SIDE, SIDE, 4], "data_offsets": [0, end]},
        "mask": {"dtype": "U8", "shape": [SIDE, SIDE], "data_offsets": [end, end + SIDE * SIDE]},
    }


DATA = bytes(SIDE * SIDE * 5)


def container(described: Any, data: bytes = DATA, length: int | None = None) -> bytes:
    """A container of that header. length: what it says of its header, if that is not the truth."""
    text = described if isinstance(described, bytes) else json.dumps(described).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def post(backend: Backend, body: bytes, path: str = "/jobs", **headers: str) -> tuple[int, Any]:
    """Status and JSON of a container that is handed in."""
    usual = {"Authorization": f"Bearer {backend.address.token}", "Content-Type": MEDIA_TYPE}
    return backend.ask("POST", path, body, {**usual, **headers})


def exchange(backend: Backend, request: bytes, then: bytes | None = b"") -> bytes:
    """Bytes as they are, over a socket; what comes back until the other side closes it.

    then: sent afterwards; None: the connection is closed at once, nothing comes back.
    """
    with socket.create_connection(("127.0.0.1", backend.address.port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        if then is None:
            return b""
        connection.sendall(then)
        answer = b""
        while got := connection.recv(65536):
            answer += got
        return answer


def head(backend: Backend, method: str, path: str, *lines: str) -> bytes:
    """The head of a request with the right Host and token, and more lines."""
    usual = [f"Host: 127.0.0.1:{backend.address.port}", f"Authorization: Bearer {backend.address.token}"]
    return bare_head(method, path, *usual, "Connection: close", *lines)


def bare_head(method: str, path: str, *lines: str, version: str = "1.1") -> bytes:
    """The head of a request with these lines and no others."""
    return "\r\n".join([f"{method} {path} HTTP/{version}", *lines]).encode("latin-1") + b"\r\n\r\n"


def routes(backend: Backend) -> list[tuple[str, str]]:
    """Method and path of everything that is documented, of a job and a texture that there are not."""
    document = backend.ask("GET", "/openapi.json")[1]
    made_up = {"{id}": "0123456789abcdef", "{name}": "Wiese", "{index}": "0"}
    found = [(method.upper(), path) for path, operations in document["paths"].items() for method in operations]
    for name, value in made_up.items():
        found = [(method, path.replace(name, value)) for method, path in found]
    return found
