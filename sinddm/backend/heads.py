"""HTTP with an end to everything that comes before a body."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 64 << 10  # bytes


class Protocol(HttpToolsProtocol):
    """uvicorn's, which keeps the head of a request until it is complete, and what stands behind a body likewise: who
    has no token, but may be another user of this computer, must not fill the memory with one that never ends.
    """

    _waiting = 0  # bytes that have come since a head was complete or a piece of a body was there

    def data_received(self, data: bytes) -> None:
        """What has come over the connection."""
        self._waiting += len(data)
        super().data_received(data)
        if self._waiting > MOST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_headers_complete(self) -> None:
        """The parser has seen a head."""
        self._waiting = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """The parser has seen a piece of a body."""
        self._waiting = 0
        super().on_body(body)
