"""The worker: a process that owns torch, and does one job after another for the service.

Commands come in as lines of JSON, events go out as such lines; pixels lie in files. It is cheap to lose: whatever
happens to it, the service starts another one.
"""

from __future__ import annotations

import errno
import faulthandler
import json
import logging
import os
import queue
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from sinddm.errors import Cancelled, InputError, Paused

FULL = "The disk is full: free some space and run it again."
MEMORY = "There is not enough memory for this: choose a smaller size or close other programs, then run it again."
UNEXPECTED = "The engine could not do this ({}): run it again, and if it fails again send us sinddm doctor --report."
NICE = 5  # the editor comes first
FIRST_TO_GO = 500  # of 1000: when memory runs out the system is to end the worker, not the editor


def main(device: str) -> int:
    """Work until standard input is closed. device: "auto", "cpu", "cuda" or "mps"."""
    faulthandler.enable()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print goes to the log
    _step_back()
    worker = _Worker(out)
    threading.Thread(target=worker.listen, name="commands", daemon=True).start()
    worker.work(device)
    return 1


class _Worker:
    def __init__(self, out: TextIO):
        self._out, self._writing = out, threading.Lock()
        self._commands: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._asked: dict[str, str] = {}
        self._job = ""

    def listen(self) -> None:
        """Take commands; wishes for the job at hand are heard at once."""
        for line in sys.stdin.buffer:
            command = json.loads(line)
            if "run" in command:
                self._asked.pop(command["run"], None)
                self._commands.put(command)
            else:
                self._asked[command["job"]] = command["ask"]
        os._exit(0)  # the service is gone: nobody waits for what is being made

    def work(self, device: str) -> None:
        """Bring in torch, say so, and do jobs."""
        try:
            from sinddm.backend.engine import Engine
            from sinddm.backend.requests import JOB
            from sinddm.device import pick_device

            engine = Engine(device, lambda: self._asked.get(self._job), self._tell)
            self._send({"ready": str(pick_device(device))})
        except Exception as error:  # a broken installation fails in many ways
            logging.exception("the engine does not start")
            self._send({"error": str(error) if isinstance(error, InputError) else NO_START.format(_short(error))})
            return
        if self._commands.empty():
            try:
                engine.warm_up()
            except Exception:  # the first job will tell what is wrong
                logging.exception("the engine cannot be warmed up")
        while True:
            command = self._commands.get()
            self._job = command["run"]
            asked = {name: value for name, value in command["request"].items() if name != "finish"}
            self._tell("begun")
            try:
                texture = engine.run(JOB.validate_python(asked), Path(self._job), command["made"])
                self._tell("done", texture=texture)  # by now the engine has let go of the job's files
            except Cancelled:
                self._tell("cancelled")
            except Paused:
                self._tell("paused")
            except InputError as error:
                self._tell("failed", error=FULL if _is_full(error) else str(error))
            except Exception as error:
                logging.exception("job %s failed", self._job)
                self._tell("failed", error=_sentence(error))

    def _tell(self, event: str, **values: Any) -> None:
        self._send({"job": self._job, "event": event, **values})

    def _send(self, message: dict[str, Any]) -> None:
        with self._writing:
            self._out.write(json.dumps(message) + "\n")
            self._out.flush()


NO_START = "The engine does not start ({}): run sinddm doctor in a terminal, it says what is missing."


def _sentence(error: Exception) -> str:
    from sinddm.memory import is_out_of_memory

    if is_out_of_memory(error):
        _free_memory()
        return MEMORY
    return FULL if _is_full(error) else UNEXPECTED.format(_short(error))


def _free_memory() -> None:
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _is_full(error: BaseException | None) -> bool:
    """Whether it comes from a disk that is full."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__
    return error is not None and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]


def _step_back() -> None:
    """Leave processor and memory to the editor, where the system allows to say so."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(FIRST_TO_GO))
