"""Starting the backend, apart from the editor that asks for it, and waiting until it answers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .commands import serve_command
from .connection import ask
from .errors import Cancelled, ClientError, StartFailed
from .models import Health
from .places import Address, read_address, state_folder

PATIENCE = 90.0  # seconds; the first start after an installation compiles
POLL = 0.1
AGAIN = 5.0  # seconds after which it is started again if the other one that got ahead was about to end
HEALTH_PATIENCE = 5.0
LONGEST_LOG = 1 << 16
LONGEST_LINE = 300
# what editors set for themselves and their Python, their AppImage for all that it holds, and a bundle for its parts
OF_EDITORS = re.compile(
    r"(PYTHON|QT_|QML|LD_|DYLD_|GI_|GTK_|GDK_|GSETTINGS|GIO_|GST_|_PYI_).*|VIRTUAL_ENV|APPDIR|APPIMAGE|ARGV0|OWD"
    r"|__PYVENV_LAUNCHER__",
    re.DOTALL,
)


if sys.platform == "win32":
    # not DETACHED_PROCESS: without a hidden console of its own, each of its children would open a window
    FLAGS = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
else:
    FLAGS = 0


class Living(NamedTuple):
    """A backend that answers."""

    address: Address
    health: Health


class Started(NamedTuple):
    """A backend that was started."""

    process: subprocess.Popen[bytes]
    log: Path
    before: int
    """Bytes in the log that are not its own."""


def living() -> Living | None:
    """The backend that answers where backend.json says, if one does."""
    address = read_address()
    if address is None:
        return None
    try:
        return Living(address, Health.from_json(ask(address, "GET", "/health", patience=HEALTH_PATIENCE)))
    except ClientError:
        return None


def start() -> Started:
    """Start a backend and return at once. Raises StartFailed."""
    command, state = serve_command(), state_folder()
    log = state / "start.log"
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LONGEST_LOG:
            log.write_bytes(b"")
        with log.open("ab") as output:
            before = output.tell()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=Path.home(),
                env=environment(),
                start_new_session=True,  # it outlives the editor, and gets no Ctrl-C that is meant for another
                creationflags=FLAGS,
            )
    except OSError as error:
        what = error.filename or command[0]
        raise StartFailed(
            f"SinDDM could not be started ({what}: {error.strerror}): run its installer again."
        ) from error
    # whoever started a process has to take note of its end, or it stays in the system's list
    threading.Thread(target=process.wait, name="sinddm backend", daemon=True).start()
    return Started(process, log, before)


def start_and_wait(
    on_wait: Callable[[float], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
    patience: float = PATIENCE,
    started: Started | None = None,
) -> Living:
    """Start the backend and wait until it answers. Raises StartFailed, and Cancelled if `cancelled` says so.

    on_wait: called several times a second with the seconds that were waited. started: one that is already.
    """
    started, begun = started or start(), time.monotonic()
    ended = None
    while True:
        found = living()
        if found:
            return found
        now = time.monotonic()
        if cancelled and cancelled():
            raise Cancelled("SinDDM is still starting: try again in a moment.")
        code = started.process.poll()
        if code:
            raise StartFailed(
                f"SinDDM did not start ({_last_line(started)}): correct that, or run its installer again."
            )
        if now - begun > patience:
            raise StartFailed(
                f"SinDDM was not ready after {patience:.0f} seconds ({_last_line(started)}): try again, and if that "
                "does not help run its installer again."
            )
        if code == 0:  # another one got ahead: wait for that one, unless it was about to end
            ended = ended or now
            if now - ended > AGAIN:
                started, ended = start(), None
        if on_wait:
            on_wait(now - begun)
        time.sleep(POLL)


def environment() -> dict[str, str]:
    """This program's, without what only editors need."""
    kept = {name: value for name, value in os.environ.items() if not OF_EDITORS.fullmatch(name)}
    return {**kept, "SINDDM_STATE": str(state_folder())}


def _last_line(started: Started) -> str:
    """The last thing it said."""
    try:
        with started.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, min(started.before, size), size - LONGEST_LOG))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        lines = []
    said = [" ".join(line.split()) for line in lines if line.strip()]
    return said[-1][:LONGEST_LINE].rstrip(" .:") if said else "it said nothing"
