"""Asking a backend that may run already: what the command line needs, without any of the service."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

from sinddm.backend.places import CONTACT

PATIENCE = 5.0  # seconds for an answer


def alive(folder: Path) -> dict[str, Any] | None:
    """What a backend says of its health; None if none lives, whatever its file says."""
    answered = ask(folder, "GET", "/health")
    is_ours = answered and answered[0] == 200 and isinstance(answered[1], dict) and answered[1].get("name") == "sinddm"
    return answered[1] if answered and is_ours else None


def ask(folder: Path, method: str, path: str, body: Any = None) -> tuple[int, Any] | None:
    """Status and JSON of an answer; None if no backend answers."""
    try:
        where = json.loads((folder / CONTACT).read_bytes())
        connection = http.client.HTTPConnection("127.0.0.1", int(where["port"]), timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {where['token']}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read(1 << 20))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError, http.client.HTTPException):
        return None
