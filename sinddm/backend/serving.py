"""`sinddm serve`: one backend a user, which tells where it is in a file that only its user can read."""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn
from filelock import FileLock, Timeout

from sinddm import __version__
from sinddm.atomic import UNFINISHED
from sinddm.backend import contact, logs, places
from sinddm.backend.heads import Protocol
from sinddm.backend.routes import PROTOCOL
from sinddm.errors import InputError

log = logging.getLogger("sinddm.service")
LOOPBACK = "127.0.0.1"
FIRST_ANSWER = 60.0  # seconds for another backend, which holds the lock, to be there


def serve(port: int, device: str, budget: int, idle: float) -> str | None:
    """Serve until there is nothing to do or somebody stops it; or return how to say that another one does already.

    port: 0 for any. budget: bytes of disk for jobs. idle: seconds. Raises InputError where it cannot start.
    """
    folder = places.state_folder()
    lock = FileLock(folder / places.LOCK, timeout=0, mode=0o600)  # who can open it can hold it
    began = time.monotonic()
    while time.monotonic() - began < FIRST_ANSWER:
        try:
            held = lock.acquire()
        except Timeout:
            if found := contact.alive(folder):
                return f"A backend runs already, as process {found['pid']}."
            time.sleep(0.1)
            continue
        except OSError as error:
            raise _unwritable(folder, error) from error
        with held:
            _serve(folder, port, device, budget, idle)
            return None
    raise InputError(
        f"Another backend holds {folder / places.LOCK} and does not answer: end its process, or restart the computer."
    )


def _serve(folder: Path, port: int, device: str, budget: int, idle: float) -> None:
    from sinddm.backend.app import make_app
    from sinddm.backend.service import Service

    if hasattr(
        signal, "SIGCHLD"
    ):  # some editors ignore it, and so would this process: how a worker ended must be known
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.umask(0o077)  # nothing that it writes is for others
    logs.set_up(folder)
    with _listening(port) as listening:
        token = secrets.token_urlsafe(32)
        try:
            service = Service(folder, device, budget, idle)
        except OSError as error:
            raise _unwritable(folder, error) from error
        config = uvicorn.Config(
            make_app(service, token),
            http=Protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        server = _Server(config, folder / places.CONTACT, service.board.close)
        service.leave = server.leave
        _announce(folder, {"port": listening.getsockname()[1], "token": token})
        log.info("version %s serves", __version__)
        print(f"The backend serves as process {os.getpid()}: sinddm stop or Ctrl-C ends it.", flush=True)
        try:
            server.run(sockets=[listening])
        finally:
            log.info("the backend has ended")


class _Server(uvicorn.Server):
    """Takes back its file first when it ends, so that nobody comes any more, and another one can be waited for; then it
    lets go of those who listen."""

    def __init__(self, config: uvicorn.Config, contact: Path, let_go: Callable[[], None]):
        super().__init__(config)
        self._contact, self._let_go = contact, let_go

    def leave(self) -> None:
        """End soon."""
        with suppress(OSError):
            self._contact.unlink()
        self._let_go()
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End now."""
        self.leave()
        await super().shutdown(sockets)


def _listening(port: int) -> socket.socket:
    """A socket that listens already, so that who reads of it can connect at once."""
    listening = socket.socket()
    if os.name != "nt":  # there it would allow two programs on one port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise InputError(
            f"Port {port} cannot be used ({error.strerror}): choose another one, or leave out --port."
        ) from error
    return listening


def _announce(folder: Path, where: dict[str, int | str]) -> None:
    """Write backend.json, readable by this user alone from its first byte on."""
    told = {**where, "pid": os.getpid(), "version": __version__, "protocol": PROTOCOL}
    unfinished = folder / f"{UNFINISHED}{secrets.token_hex(6)}.json"
    try:
        unfinished.touch(mode=0o600, exist_ok=False)
        unfinished.write_text(json.dumps(told), encoding="utf-8")
        unfinished.replace(folder / places.CONTACT)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> InputError:
    return InputError(
        f"{folder} cannot be written to ({error.strerror}): free some space, or set SINDDM_STATE to another folder."
    )
