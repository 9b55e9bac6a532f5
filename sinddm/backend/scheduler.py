"""Which job runs when: one at a time in the worker, which is started again after whatever happens to it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from contextlib import suppress
from typing import Any

from sinddm.backend.board import Board
from sinddm.backend.jobs import Job, Result
from sinddm.backend.process import Worker
from sinddm.backend.storage import Full, Storage

log = logging.getLogger("sinddm.scheduler")
GRACE = 0.7  # seconds for a step to end after a job was cancelled; then the worker ends
PAUSE_GRACE = 20.0  # seconds for learning to end its step and save
KILLED = (
    "The system ended the engine, most likely because memory ran out: choose a smaller size or close other programs, "
    "then run it again."
)
CRASHED = "The engine ended unexpectedly ({}): run it again, and if it happens again send us sinddm doctor --report."
NO_START = "The engine does not start: run sinddm doctor in a terminal, it says what is missing."


class Scheduler:
    """The loop that feeds the worker."""

    def __init__(self, board: Board, storage: Storage, device: str):
        self._board, self._storage, self._device = board, storage, device
        self._worker: Worker | None = None
        self._ready = False
        self.runs_on = ""  # the engine's device, once it has told
        self._current: Job | None = None
        self._asked: str | None = None  # of the current job: cancel, pause, finish, or yield
        self._insisting: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._failures = 0  # starts in a row of which none came to anything

    @property
    def ready(self) -> bool:
        """Whether the worker waits for jobs or works on one, rather than starting."""
        return self._ready

    async def run(self) -> None:
        """Run jobs until cancelled. The worker is started at once, so that it is ready when the first job comes."""
        try:
            while True:
                await self._ensure_worker()
                queue = self._board.queue()
                if not queue:
                    self._wake.clear()
                    await self._until_woken()
                    continue
                await self._run(queue[0])
        finally:
            if self._worker:
                self._worker.kill()
            if self._current:
                self._board.end(self._current, "failed", "The backend was stopped while this was made: run it again.")

    def added(self, job: Job) -> None:
        """There is a new job in the queue; what takes long gives way to it."""
        self._wake.set()
        if self._current and self._current.gives_way and not job.gives_way:
            self._ask("yield")

    def cancel(self, job: Job) -> None:
        """Stop a job; it has ended within a second."""
        if job is self._current:
            self._ask("cancel")
        elif job.active:
            self._board.end(job, "cancelled")

    def pause(self, job: Job) -> None:
        """Stop learning for now."""
        if job is self._current:
            self._ask("pause")
        elif job.state == "queued":
            job.state, job.words = "paused", ""
            self._board.changed(job)

    def finish(self, job: Job) -> None:
        """Stop learning and keep what was learned."""
        job.request["finish"] = True
        if job is self._current:
            self._ask("finish")
        else:
            self.resume(job)

    def resume(self, job: Job) -> None:
        """Go on with a job that is paused or about to be, or run one again that has ended."""
        if job is self._current:
            if self._asked == "pause":
                self._asked = "yield"
            return
        job.state, job.error, job.ended, job.words = "queued", None, None, ""
        self._board.changed(job)
        self.added(job)

    def _ask(self, what: str) -> None:
        """Ask the worker to stop the current job; the strongest wish counts."""
        wishes = ("yield", "pause", "finish", "cancel")
        if self._asked and wishes.index(self._asked) >= wishes.index(what):
            return
        self._asked = what
        assert self._current
        if self._worker:
            self._worker.tell({"ask": "pause" if what == "yield" else what, "job": self._current.id})
        self._be_patient()
        grace = {"cancel": GRACE, "pause": PAUSE_GRACE, "yield": PAUSE_GRACE}.get(what)
        if grace:
            self._insisting = asyncio.get_running_loop().call_later(grace, self._insist, self._current)

    def _insist(self, job: Job) -> None:
        """The step takes too long: end the worker with it. Learning that is to pause goes on from its last save."""
        if self._worker:
            log.info("job %s does not stop (%s), ending the worker", job.id, self._asked)
            self._worker.kill()

    def _be_patient(self) -> None:
        """What was asked of the job has come to be, or something else is asked: do not insist on it."""
        if self._insisting:
            self._insisting.cancel()
            self._insisting = None

    async def _until_woken(self) -> None:
        """Wait for a job; a worker that ends meanwhile is noticed."""
        assert self._worker
        hearing = asyncio.create_task(self._worker.hear())
        waking = asyncio.create_task(self._wake.wait())
        done, _ = await asyncio.wait({hearing, waking}, return_when=asyncio.FIRST_COMPLETED)
        for task in (hearing, waking):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if hearing in done and hearing.result() is None:
            await self._lost_worker()
            await self._came_to_nothing(NO_START)

    async def _ensure_worker(self) -> None:
        while not self._ready:
            try:
                self._worker = await Worker.start(self._device, self._storage.root)
            except OSError as error:  # there is no memory for another process
                log.warning("the worker cannot be started (%s)", error)
                await self._came_to_nothing(NO_START)
                continue
            message = await self._worker.hear()
            if message and "ready" in message:
                self._ready, self.runs_on = True, message["ready"]
                return
            await self._lost_worker()
            await self._came_to_nothing(message["error"] if message else NO_START)

    async def _came_to_nothing(self, error: str) -> None:
        """The worker has ended before it began a job. The second time what waits fails, and the next job is awaited."""
        self._failures += 1
        if self._failures >= 2:
            for job in self._board.queue():
                self._board.end(job, "failed", error)
            self._wake.clear()
            await self._wake.wait()

    async def _lost_worker(self) -> int:
        """The worker has ended, or is to; its exit code."""
        assert self._worker
        self._worker.kill()
        code = await self._worker.ended()
        log.info("the worker has ended with %d", code)
        self._worker, self._ready = None, False
        return code

    async def _run(self, job: Job) -> None:
        """Run one job to its end or its pause."""
        assert self._worker
        self._current, self._asked = job, None
        job.state, job.started, job.words = "running", job.started or time.time(), "Getting ready"
        self._board.changed(job)
        log.info("job %s (%s) runs", job.id, job.task)
        self._worker.tell({"run": job.id, "request": job.request, "made": [result.index for result in job.results]})
        if job.request.get("finish"):
            self._ask("finish")
        begun = False
        while True:
            message = await self._worker.hear()
            if message is None:
                code = await self._lost_worker()
                self._ended_with_worker(job, code, begun)
                break
            if message.get("job") == job.id:
                begun, self._failures = True, 0
                if self._heard(job, message):
                    break
        self._current = None
        self._be_patient()
        log.info("job %s is %s", job.id, job.state)
        with suppress(Full):
            for changed in self._storage.make_room(self._board):
                self._board.changed(changed)
        for old in self._board.surplus():
            self._storage.remove(old)
            self._board.forget(old)
        if not (begun or self._asked):
            await self._came_to_nothing(NO_START)

    def _heard(self, job: Job, message: dict[str, Any]) -> bool:
        """Apply a message of the worker; True if the job has stopped."""
        job.engine_seconds += message.get("engine_seconds", 0.0)
        match message["event"]:
            case "progress":
                job.fraction, job.left, job.words = message["fraction"], message["left"], message["words"]
                self._board.changed(job, keep=False)
            case "preview":
                job.preview += 1
                self._board.changed(job, keep=False)
            case "result":
                job.results.append(Result(**message["result"]))
                self._board.changed(job)
            case "done":
                job.texture = message.get("texture")
                self._storage.remove_inputs(job)
                self._board.end(job, "done")
                return True
            case "failed":
                self._board.end(job, "failed", message["error"])
                return True
            case "cancelled":
                self._board.end(job, "cancelled")
                return True
            case "paused":
                self._paused(job)
                return True
        return False

    def _paused(self, job: Job) -> None:
        waits = self._asked != "pause"
        job.state, job.left = ("queued", None) if waits else ("paused", None)
        job.words = "Waiting for a shorter job" if waits else ""
        self._board.changed(job)

    def _ended_with_worker(self, job: Job, code: int, begun: bool) -> None:
        """The worker has ended in the middle of a job, or before it had begun: then it is none of the job's fault."""
        if self._asked == "cancel":
            self._board.end(job, "cancelled")
        elif self._asked in ("yield", "pause"):
            self._paused(job)
        elif not begun:
            job.state, job.words = "queued", ""
            self._board.changed(job)
        elif self._disk_is_full():
            self._board.end(job, "failed", "The disk is full: free some space and run it again.")
        else:
            self._board.end(job, "failed", KILLED if code in (-9, 137) else CRASHED.format(_exit_code(code)))

    def _disk_is_full(self) -> bool:
        return shutil.disk_usage(self._storage.root).free < 1 << 20


def _exit_code(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
