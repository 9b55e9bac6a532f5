"""How the test and the agent inside GIMP talk: one Python value after another, on a socket of this computer."""

from __future__ import annotations

import pickle
import socket
import struct
from typing import Any

LENGTH = struct.Struct(">Q")


def send(connection: socket.socket, value: Any) -> None:
    """Plain values: numbers, text, bytes, and lists and dictionaries of them."""
    data = pickle.dumps(value, 4)
    connection.sendall(LENGTH.pack(len(data)) + data)


def receive(connection: socket.socket) -> Any:
    """The next value; EOFError where the other one is gone."""
    return pickle.loads(_take(connection, LENGTH.unpack(_take(connection, LENGTH.size))[0]))


def _take(connection: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(min(count - len(data), 1 << 20))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
