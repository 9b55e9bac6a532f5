"""The panel's process, as GIMP's plug-in keeps it. Needs no gi."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from sinddm_plugin.client import StartFailed
from sinddm_plugin.client.commands import program
from sinddm_plugin.client.places import state_folder
from sinddm_plugin.client.starting import FLAGS, environment

from .serving import Server

TOKEN = "SINDDM_PANEL_TOKEN"  # the variable, as in sinddm/cli/panel.py; command lines can be read by others
LOG = "panel.log"
ENDS_WITHIN = 5.0  # seconds after the line was closed
LONGEST = 300  # characters of what it said


class Companion:
    """Starts the panel when it is wanted, and ends it. Its methods are for the main loop.

    post: as of the server. say: shows the artist a sentence.
    """

    def __init__(self, server: Server, post: Callable[[Callable[[], object]], object], say: Callable[[str], object]):
        self._server, self._post, self._say = server, post, say
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Show the panel: a new one, or the one that is there. One that is just starting will come by itself.

        Raises StartFailed, saying what to do, where it cannot be started."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        else:
            self._server.bring_forward()

    def close(self) -> None:
        """End it, without asking."""
        process, self._process = self._process, None
        self._server.close()
        if process is None:
            return
        try:
            process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> None:
        log = state_folder() / LOG
        command = [*program(), "panel", "--port", str(self._server.port)]
        try:
            log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with log.open("wb") as output:
                process = self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=Path.home(),
                    env={**environment(), TOKEN: self._server.token},
                    start_new_session=True,  # it gets no Ctrl-C that is meant for GIMP; it ends when the line does
                    creationflags=FLAGS,
                )
        except OSError as error:
            what = error.filename or command[0]
            raise StartFailed(
                f"The SinDDM panel could not be started ({what}: {error.strerror}): run SinDDM's installer again."
            ) from error
        threading.Thread(target=self._wait, args=(process,), name="sinddm panel's end", daemon=True).start()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """In a thread: whoever started a process has to take note of its end."""
        code = process.wait()
        self._post(lambda: self._ended(process, code))

    def _ended(self, process: subprocess.Popen[bytes], code: int) -> None:
        if self._process is not process:
            return
        self._process = None
        if code > 0 and (said := _last_line(state_folder() / LOG)):
            self._say(f"The SinDDM panel was not opened.\n{said}")
        elif code:
            self._say("The SinDDM panel has ended unexpectedly: choose it in the Windows menu to open it again.")


def _last_line(log: Path) -> str:
    """The last thing that it said: its commands give their reasons in one sentence."""
    try:
        lines = log.read_bytes()[-(1 << 14) :].decode(errors="replace").splitlines()
    except OSError:
        return ""
    said = [" ".join(line.split()) for line in lines if line.strip()]
    return said[-1][:LONGEST] if said else ""
