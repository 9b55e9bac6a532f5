"""The service's end of the worker: a process that is told what to do in lines of JSON, and answers in such lines."""

from __future__ import annotations

import asyncio
import json
import logging
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from sinddm.backend.command import own_command

log = logging.getLogger("sinddm.worker")
LONGEST_LINE = 1 << 20


class Worker:
    """A running worker. It ends by itself when the service does: its standard input is then closed."""

    def __init__(self, process: Process):
        self._process = process
        self._log = asyncio.create_task(self._copy_to_log())

    @classmethod
    async def start(cls, device: str, folder: Path) -> Worker:
        """Start one. folder: its working folder; nothing can be imported from there by accident."""
        command = [*own_command(), "worker", "--device", device]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, limit=LONGEST_LINE, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def tell(self, message: dict[str, Any]) -> None:
        """Send a command; if the worker is gone, its end is noticed by `hear`."""
        assert self._process.stdin
        with suppress(OSError, RuntimeError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def hear(self) -> dict[str, Any] | None:
        """Its next message; None when it has ended."""
        assert self._process.stdout
        try:
            line = await self._process.stdout.readline()
            return json.loads(line) if line.endswith(b"\n") else None
        except ValueError:
            return None

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        if self._process.returncode is None:
            with suppress(psutil.Error):  # asyncio's own kill takes the exit code from one that has ended
                psutil.Process(self._process.pid).kill()

    async def ended(self) -> int:
        """Its exit code once it has ended, negative for a signal."""
        code = await self._process.wait()
        await self._log
        return code

    async def _copy_to_log(self) -> None:
        assert self._process.stderr
        with suppress(ValueError):  # a line of more than LONGEST_LINE
            async for line in self._process.stderr:
                log.info("%s", line.decode(errors="replace").rstrip())
