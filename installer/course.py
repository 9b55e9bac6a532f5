"""How far an installation is, told to whoever watches, and stopped when they want it to be."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from sinddm_plugin.client.starting import FLAGS, environment
from sinddm_plugin.setup import Step

from sinddm.errors import Cancelled

POLL = 0.1  # seconds
PLACES = r"PIP_(TARGET|PREFIX|ROOT|USER|REQUIRE_VIRTUALENV|LOG)"
OFTEN = 0.2  # seconds between two words on how far it is


class CommandFailed(Exception):  # noqa: N818 - it reads like what happened
    """A program ended badly. said: all that it wrote."""

    def __init__(self, said: str):
        super().__init__(said)
        self.said = said


class Course:
    """The steps of an installation, one after another.

    count: how many there will be. tell: gets each Step as it is now. cancelled: asked several times a second.
    """

    def __init__(self, count: int, tell: Callable[[Step], object], cancelled: Callable[[], bool] = lambda: False):
        self._count, self._tell, self._cancelled = count, tell, cancelled
        self._step = Step("", 0, count)
        self._told = 0.0

    def begin(self, words: str) -> None:
        """The next step."""
        self.check()
        self._step = Step(words, self._step.at + 1, self._count)
        self._tell(self._step)

    def say(self, words: str) -> None:
        """Say it otherwise."""
        self.check()
        if words != self._step.words:
            self._step = Step(words, self._step.at, self._count, self._step.done, self._step.total)
            self._tell(self._step)

    def at(self, done: int, total: int) -> None:
        """So many bytes of so many are done."""
        self.check()
        now = time.monotonic()
        if now - self._told >= OFTEN or done >= total:
            self._told = now
            self._step = Step(self._step.words, self._step.at, self._count, done, total)
            self._tell(self._step)

    def check(self) -> None:
        """Raise Cancelled if it is not wanted any more."""
        if self._cancelled():
            raise Cancelled

    def run(
        self,
        *command: str | Path,
        watch: Callable[[], object] = lambda: None,
        variables: Mapping[str, str] | None = None,
    ) -> str:
        """Run a program and return all it wrote; its input stays open for as long as this program lives. watch: called
        meanwhile. variables: of its environment. Raises CommandFailed and Cancelled, OSError where it cannot be
        started."""
        self.check()
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=quiet(variables or {}),
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            creationflags=FLAGS,
        )
        assert process.stdin
        assert process.stdout
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
        reader.start()
        try:
            while process.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(POLL)
                self.check()
                watch()
            reader.join()
        except BaseException:
            _kill(process)
            raise
        finally:
            process.stdin.close()
        if process.returncode:
            raise CommandFailed("".join(said))
        return "".join(said)


def quiet(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment for programs that are started here. What the user has set for pip holds, such as a mirror, but
    for where it is to put things; nothing of it where there is a PIP_CONFIG_FILE among the variables."""
    dropped = re.compile(r"PIP_.*" if "PIP_CONFIG_FILE" in variables else PLACES)
    kept = {name: value for name, value in environment().items() if not dropped.fullmatch(name)}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", **variables}


def _kill(process: subprocess.Popen[str]) -> None:
    """With all that it started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
