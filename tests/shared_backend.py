"""A backend of some tests' own, which real editors start."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
from sinddm_plugin.client import Client, ClientError
from sinddm_plugin.client.places import read_address

ROOT = Path(__file__).parents[1]


class SharedBackend:
    """The backend that the editors of some tests start and share. command: which starts it, from their system; models:
    what text can use."""

    def __init__(self, folder: Path, command: str, models: Path | None = None):
        self.state, self.library, self._models = folder / "state", folder / "library", models
        self._command = command

    @property
    def variables(self) -> dict[str, str]:
        """For programs that are to find this backend and no other."""
        return {
            "SINDDM_STATE": str(self.state),
            "SINDDM_LIBRARY": str(self.library),
            "SINDDM_BACKEND": self._command,
            "SINDDM_LEARN_SECONDS": "2",
            "SINDDM_MODELS": str(self._models or os.devnull),
        }

    @property
    def client(self) -> Client:
        """A client of it; it must run."""
        address = read_address(self.state)
        assert address, "no backend was started"
        return Client(address)

    @property
    def processes(self) -> list[psutil.Process]:
        """The service and its worker."""
        address = read_address(self.state)
        with suppress(psutil.NoSuchProcess):
            if address:
                service = psutil.Process(address.pid)
                return [service, *service.children(recursive=True)]
        return []

    def start(self) -> None:
        """Have it running, so that no test is the one that waits for it."""
        command = [str(ROOT / ".venv" / "bin" / "sinddm"), "serve"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.Popen(command, env={**os.environ, **self.variables}, start_new_session=True, **quiet)  # type: ignore[call-overload]

    def cancel_all(self) -> None:
        """Have it do nothing, whatever a test has begun."""
        with suppress(ClientError):
            for job in self.client.jobs() if self.processes else ():
                if not job.over:
                    self.client.cancel(job.id)

    def end(self) -> None:
        """End it, whatever it does."""
        found = self.processes
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        for process in psutil.wait_procs(found, 10)[1]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
