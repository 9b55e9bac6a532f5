"""Who may speak to the service: programs of this user that hold the token, and no web page."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
FROM_BROWSERS = (b"origin", b"referer", b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest")
JSON = b"application/json"
MOST_JSON = 64 << 10  # bytes of a body that is no container
UPLOADS = ("/jobs", "/textures")  # where containers go; their routes set the limits


class Guard:
    """Stands before the whole application, unknown paths and documentation included.

    A web page can make a browser send requests here, also under a name of its own (DNS rebinding): the Host header
    must be this computer's, nothing that browsers add may be there, and the token is none that a page can know.
    """

    def __init__(self, app: ASGIApp, token: str, on_request: Callable[[], None]):
        self._app, self._token, self._on_request = app, token.encode(), on_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope)
        if refusal:
            await _answer(send, *refusal)
            return
        self._on_request()
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Status and sentence, if the request is refused."""
        found: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            found.setdefault(name.lower(), []).append(value)
        if not _is_here(found.get(b"host", [])):
            return 403, "Only programs on this computer may use the backend: address it as 127.0.0.1."
        if any(name in found for name in FROM_BROWSERS):
            return 403, "Web pages may not use the backend: use the plugin or the command line."
        given = found.get(b"authorization", [])
        wanted = b"Bearer " + self._token
        if len(given) != 1 or not secrets.compare_digest(given[0], wanted):
            return 401, "The token is missing or wrong: read it anew from backend.json."
        return None if scope["path"] in UPLOADS else _wrong_body(found)


def _wrong_body(headers: dict[bytes, list[bytes]]) -> tuple[int, str] | None:
    """Status and sentence for a body that is none of JSON."""
    if b"transfer-encoding" in headers:
        return 411, "The length of the body is missing: send it with the request."
    length = _number(headers.get(b"content-length", [b"0"])[0])
    if length > MOST_JSON:
        return 413, f"The body is larger than {MOST_JSON} bytes: only layers and textures may be."
    if length and headers.get(b"content-type", [b""])[0].partition(b";")[0].strip().lower() != JSON:
        return 415, f"The body is of the wrong type: send {JSON.decode()}."
    return None


def _is_here(hosts: list[bytes]) -> bool:
    """Whether the one Host header names this computer, with or without a port."""
    if len(hosts) != 1:
        return False
    host = hosts[0].decode("latin-1").lower()
    name, colon, port = host.rpartition(":")
    return host in LOOPBACK or (name in LOOPBACK and bool(colon) and port.isascii() and port.isdigit())


def _number(text: bytes) -> int:
    return int(text) if text.isdigit() and len(text) < 20 else MOST_JSON + 1


async def _answer(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"error": sentence}).encode()
    headers = [(b"content-type", JSON), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
