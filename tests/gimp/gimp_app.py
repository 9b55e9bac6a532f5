"""A real GIMP with a profile of its own, in which two agents do what the test asks for."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import gimp_places
import psutil
import screens
from agent import wire

PATIENCE = 120.0  # seconds for an answer, and for GIMP to start
WAITING = 60.0  # for what is done in it, on a busy machine
NEEDED = ("file-png", "python-eval")
GIMPRC = """(config-version "3.0.4")
(plug-in-path "{folders}")
(check-updates no)
(show-welcome-dialog no)
(save-session-info no)
(confirm-on-close no)
(toolbox-color-area yes)
(undo-levels 20)
"""


class Agent:
    """One of the two inside: what `agent/tools.py` has can be called as a method."""

    def __init__(self, gimp: Gimp, connection: socket.socket):
        self._gimp, self._connection = gimp, connection
        self._asked = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """One of the tools."""
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*arguments: Any, **named: Any) -> Any:
            self.ask(name, *arguments, **named)
            return self.answer()

        return call

    def ask(self, tool: str, /, *arguments: Any, **named: Any) -> None:
        """Have a tool called, without waiting for its answer."""
        self._asked += 1
        wire.send(self._connection, (self._asked, tool, arguments, named))

    def answer(self, patience: float = PATIENCE) -> Any:
        """What the tool that was asked for last returned."""
        self._connection.settimeout(patience)
        answer = {"number": 0}
        try:
            while answer["number"] != self._asked:  # a test that failed did not wait for its answers
                answer = wire.receive(self._connection)
        except (OSError, EOFError) as error:
            raise AssertionError(f"GIMP's agent gave no answer: {error!r}\n{self._gimp.about}") from error
        assert "error" not in answer, f"inside GIMP: {answer['error']}\n{self._gimp.about}"
        return answer["value"]


class Gimp:
    """A GIMP that runs. home: its profile; display: the screen for its windows, none where it is empty."""

    def __init__(self, home: Path, variables: dict[str, str], display: str = "", folders: tuple[Path, ...] = ()):
        self.home, self.display = home, display
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(PATIENCE)
            environment = {
                "PATH": "/usr/bin:/bin",
                "HOME": str(home),
                "GIMP3_DIRECTORY": str(home / "gimp"),
                "XDG_CACHE_HOME": str(home / "cache"),
                "XDG_CONFIG_HOME": str(home / "config"),
                "XDG_DATA_HOME": str(home / "data"),
                "LC_ALL": "C.UTF-8",
                "NO_AT_BRIDGE": "1",
                **variables,
                "SINDDM_AGENT": str(server.getsockname()[1]),
                **({"DISPLAY": display} if display else {}),
            }
            self.process = self._start(environment, folders)
            try:
                self._agents = self._accept(server)
            except BaseException:
                self.end()
                raise

    def _start(self, environment: dict[str, str], folders: tuple[Path, ...]) -> subprocess.Popen[bytes]:
        program = [gimp_places.program(), "--new-instance"] if self.display else [gimp_places.console(), "-i"]
        words = [*program, "--no-splash", "--no-data", *([] if self.display else ["--no-fonts"])]
        with (self.home / "output.txt").open("wb") as output:
            return subprocess.Popen(
                gimp_places.command(*words, folders=(gimp_places.ROOT, self.home, *folders)),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _accept(self, server: socket.socket) -> list[Agent]:
        """The two agents, in their order."""
        found: dict[int, Agent] = {}
        while len(found) < 2:
            try:
                connection = server.accept()[0]
                connection.settimeout(PATIENCE)
                found[wire.receive(connection)] = Agent(self, connection)
            except OSError as error:
                raise AssertionError(f"GIMP's agents did not come: {error!r}\n{self.about}") from error
        return [found[0], found[1]]

    @property
    def agent(self) -> Agent:
        """Whom tests ask."""
        return self._agents[0]

    @property
    def other(self) -> Agent:
        """Who answers while the first one waits for a procedure."""
        return self._agents[1]

    @property
    def output(self) -> str:
        """All that it wrote."""
        return (self.home / "output.txt").read_text(errors="replace")

    @property
    def about(self) -> str:
        """What helps to find out what went wrong."""
        return f"In {self.home}; it said:\n{self.output[-3000:]}"

    @property
    def processes(self) -> list[psutil.Process]:
        """GIMP and all that it started."""
        with suppress(psutil.NoSuchProcess):
            one = psutil.Process(self.process.pid)
            return [one, *one.children(recursive=True)]
        return []

    def until(self, holds: Callable[[], Any], patience: float = WAITING) -> Any:
        """Wait for something while GIMP runs."""
        end = time.monotonic() + patience
        while not (found := holds()):
            assert time.monotonic() < end, f"it did not happen in time\n{self.about}"
            assert self.process.poll() is None, f"GIMP ended before it happened\n{self.about}"
            time.sleep(0.02)
        return found

    def settle(self) -> None:
        """Until what has just changed is drawn, for a picture."""
        time.sleep(1.0)

    def photograph(self, name: str) -> Path:
        """The screen as it is, as a file of the profile."""
        return screens.photograph(self.display, self.home / name)

    def hands(self, *words: object) -> str:
        """The mouse, the keyboard and the windows."""
        return screens.xdotool(self.display, *words)

    def end(self) -> None:
        """Kill it, with all that it started."""
        found = self.processes
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()


def make_profile(home: Path, plug_in: bool = True, more: Sequence[Path] = ()) -> Path:
    """A profile of its own with the agents, and the plug-in as the installer puts it there."""
    plug_ins = home / "gimp" / "plug-ins"
    plug_ins.mkdir(parents=True)
    _link_own(home / "own")
    shutil.copytree(gimp_places.HERE / "agent", plug_ins / "agent", ignore=shutil.ignore_patterns("__pycache__"))
    if plug_in:
        install(plug_ins)
    folders = ":".join(map(str, (plug_ins, home / "own", *more)))
    (home / "gimp" / "gimprc").write_text(GIMPRC.format(folders=folders))
    return home


def install(plug_ins: Path) -> None:
    """Put the plug-in there."""
    command = [sys.executable, "-m", "sinddm_installer", "gimp", "install", "--plug-ins", str(plug_ins)]
    own = {**os.environ, "SINDDM_DATA": str(plug_ins.parent / "data")}  # where it writes down which SinDDM this is
    subprocess.run(command, check=True, cwd=gimp_places.ROOT, capture_output=True, text=True, env=own)


def _link_own(folder: Path) -> None:
    """The few of GIMP's own plug-ins that are needed: all of them take seconds more."""
    folder.mkdir()
    for name in NEEDED:
        (folder / name).symlink_to(gimp_places.own_plug_ins() / name)
