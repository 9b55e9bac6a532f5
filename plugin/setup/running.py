"""The installer at work, as a process beside the editor."""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..client.errors import Cancelled, ClientError
from ..client.starting import FLAGS, environment
from .events import Done, Event, Failed, Plan, decode
from .program import installer

ENDS_WITHIN = 5.0  # seconds after it was told to end
LONGEST_WORDS = 300
MOST_SAID = 1 << 14  # bytes


class SetupFailed(ClientError):  # noqa: N818 - it reads like what happened
    """The engine could not be set up."""

    def __init__(self, sentence: str, details: str = ""):
        super().__init__(sentence)
        self.details = details


class Installing:
    """One run of the installer, which ends with the program that started it. words: of its command line."""

    def __init__(self, *words: str):
        self._words = words
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = threading.Event()

    def run(self, tell: Callable[[Event], object]) -> Event:
        """Run it and wait for its end; for a thread of its own. Returns the last thing it told, a Plan or Done. tell:
        gets all that it tells. Raises SetupFailed, StartFailed and Cancelled."""
        with tempfile.TemporaryFile() as errors:
            last = self._follow(tell, errors)
            errors.seek(0)
            said = errors.read()[-MOST_SAID:].decode(errors="replace").strip()
        if self._cancelled.is_set():
            raise Cancelled("This was cancelled. What was downloaded is kept.")
        if isinstance(last, Failed):
            raise SetupFailed(last.words, last.details or said)
        if last is None or not isinstance(last, Plan | Done):
            line = said.splitlines()[-1][:LONGEST_WORDS].rstrip(" .:") if said else "it said nothing"
            raise SetupFailed(f"The installer ended too early ({line}): start it again.", said)
        return last

    def cancel(self) -> None:
        """End it; from any thread. Its line is cut, which is how it knows; if it does not, it is ended."""
        self._cancelled.set()
        process = self._process
        if process is not None:
            with suppress(OSError):
                assert process.stdin
                process.stdin.close()
            threading.Thread(target=_end, args=(process,), name="sinddm set-up's end", daemon=True).start()

    def _follow(self, tell: Callable[[Event], object], errors) -> Event | None:
        command = [*installer(), *self._words, "--json"]
        if self._cancelled.is_set():
            return None
        try:
            process = self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=Path.home(),
                env={**environment(), "PYTHONIOENCODING": "utf-8"},
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
                creationflags=FLAGS,
            )
        except OSError as error:
            raise SetupFailed(
                f"The installer could not be started ({command[0]}: {error.strerror}): get SinDDM's archive again."
            ) from error
        if self._cancelled.is_set():
            self.cancel()
        last: Event | None = None
        assert process.stdout
        for line in process.stdout:
            if (event := decode(line)) is not None:
                last = event
                tell(event)
        process.wait()
        process.stdout.close()
        with suppress(OSError):
            assert process.stdin
            process.stdin.close()
        return last


def look(*words: str) -> Plan:
    """What would be done here. words: choices, as of the installer's command line. Raises SetupFailed, StartFailed."""
    found = Installing("look", *words).run(lambda _: None)
    if not isinstance(found, Plan):
        raise SetupFailed("The installer did not say what it would do: get SinDDM's archive again.")
    return found


def _end(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
