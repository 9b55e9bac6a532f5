"""A real backend for a test: `sinddm serve` in folders of its own, spoken to over real HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from layers import layer
from sinddm_plugin.client import Client, Generate, JobView
from sinddm_plugin.client.places import Address, read_address

PATIENCE = 60.0  # seconds for anything to happen, on a busy machine


def until(holds: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Wait until `holds` returns something true, and return that; fail if that takes too long."""
    end = time.monotonic() + patience
    while not (found := holds()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return found


class Backend:
    """A service and its worker. folder: for its state and its library."""

    def __init__(self, folder: Path, *arguments: str, **variables: str):
        self.state, self.library = folder / "state", folder / "library"
        self._arguments, self._variables = arguments, variables
        self._started: list[subprocess.Popen[bytes]] = []

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The service that was started last."""
        return self._started[-1]

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are to find this backend and no other."""
        own = {"SINDDM_STATE": str(self.state), "SINDDM_LIBRARY": str(self.library)}
        return {**os.environ, **own, **self._variables}

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the service and do not wait."""
        command = [sys.executable, "-m", "sinddm.cli", "serve", "--idle", "3", *self._arguments]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._started.append(subprocess.Popen(command, env=self.environment, **pipes))  # type: ignore[call-overload]
        return self.process

    def start(self) -> Backend:
        """Start the service and wait until it answers."""
        self.launch()
        until(self._answers)
        return self

    def end(self) -> None:
        """End whatever still runs."""
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._started:
            try:
                process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()

    @property
    def address(self) -> Address:
        """Where it listens."""
        found = read_address(self.state)
        assert found, "there is no backend.json"
        return found

    @property
    def client(self) -> Client:
        """A new client of it."""
        return Client(self.address)

    @property
    def worker(self) -> psutil.Process:
        """The worker's process; waits until there is one that is ready for jobs."""
        until(lambda: self.ask("GET", "/health")[1]["engine"] == "ready")
        (found,) = psutil.Process(self.address.pid).children()
        return found

    @contextmanager
    def busy(self) -> Iterator[JobView]:
        """A small job that runs for as long as this lasts: the worker stands still."""
        client, worker = self.client, self.worker
        until(lambda: not client.health().busy)
        worker.suspend()
        try:
            job = client.submit(Generate(source=[layer()], quality="draft"))
            until(lambda: client.job(job.id).state == "running")
            yield job
        finally:
            with suppress(psutil.NoSuchProcess):
                worker.resume()

    def halfway(self, id: str, reached: Callable[[JobView], Any] = lambda job: job.fraction) -> psutil.Process:
        """The worker, standing still in the middle of a job, however fast it is: it works in short slices until so much
        of the job is done."""
        client, worker = self.client, self.worker

        def stands() -> bool:
            worker.suspend()
            job = client.job(id)
            assert not job.over, "it was too quick"
            if not reached(job):
                worker.resume()
            return bool(reached(job))

        until(stands)
        return worker

    @property
    def log(self) -> str:
        """All that it has logged."""
        return "".join(path.read_text() for path in sorted((self.state / "log").glob("backend.log*"), reverse=True))

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON of a request, whatever they are. headers: None of them is added to if they are given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=PATIENCE)
        try:
            usual = {"Authorization": f"Bearer {self.address.token}", "Content-Type": "application/json"}
            connection.request(method, path, body, usual if headers is None else headers)
            answer = connection.getresponse()
            text = answer.read()
            is_json = (answer.headers.get("content-type") or "").startswith("application/json")
            return answer.status, json.loads(text) if is_json and text else text
        finally:
            connection.close()

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()
        found = read_address(self.state)
        if found is None or found.pid != self.process.pid:
            return False
        try:
            return self.ask("GET", "/health")[0] == 200
        except OSError:
            return False
