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
    usual = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{backend.address.port}"]
    usual += [f"Authorization: Bearer {backend.address.token}", "Connection: close", *lines]
    return "\r\n".join(usual).encode() + b"\r\n\r\n"
