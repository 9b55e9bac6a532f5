"""What happens to jobs, as server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from sinddm.backend.answers import REFUSALS, Problem
from sinddm.backend.jobs import Job
from sinddm.backend.routes import Here
from sinddm.backend.service import Service

HEARTBEAT = 1.0  # seconds: so soon a client that is gone is noticed, and a backend
PACE = 0.05  # seconds between events, in which changes gather
router = APIRouter(responses=REFUSALS)
STREAM = {"content": {"text/event-stream": {"schema": {"description": "see docs/protocol.md"}}}}


@router.get("/events", response_class=StreamingResponse, responses={200: STREAM})
async def events(
    service: Here,
    job: Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$", description="only of this job")] = None,
    seconds: Annotated[float | None, Query(ge=0, le=3600, description="end after so long")] = None,
    owner: Annotated[bool, Query(description="cancel the job as soon as this connection is lost")] = False,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Jobs as they change; see docs/protocol.md."""
    if job is not None and service.board.get(job) is None:
        raise Problem(404, "There is no such job: it was removed, or never was.")
    headers = {"Cache-Control": "no-store"}
    told = _revision(service, last_event_id)
    stream = _events(service, job, seconds, told)
    if job is not None and owner:
        stream = _owned(service, job, stream)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


def _revision(service: Service, last: str | None) -> int:
    """The revision that a client has seen; 0 if it has seen nothing of this backend."""
    board = service.board
    instance, _, number = (last or "").partition("-")
    known = instance == board.instance and number.isascii() and number.isdigit() and len(number) < 19
    return int(number) if known and int(number) <= board.revision else 0


async def _owned(service: Service, id: str, stream: AsyncIterator[str]) -> AsyncIterator[str]:
    """The stream of who asked for a job and wants nothing of it without this connection: GIMP ends a plug-in to cancel
    it, which can say nothing more."""
    try:
        async for event in stream:
            yield event
    except (asyncio.CancelledError, GeneratorExit):
        job = service.board.get(id)
        if job is not None and job.active and not service.board.closed:
            service.scheduler.cancel(job)
        raise


async def _events(service: Service, id: str | None, seconds: float | None, told: int) -> AsyncIterator[str]:
    board, first, sent = service.board, True, 0.0
    end = math.inf if seconds is None else time.monotonic() + seconds
    with board.listening(id) as changed:
        while True:
            changed.clear()
            fresh = [job for job in board if job.revision > told and id in (None, job.id)]
            listed = [job.id for job in board] if first or board.forgotten > told else None
            if fresh or listed is not None:
                told, first, sent = board.revision, False, time.monotonic()
                views = [board.view(job).model_dump(mode="json") for job in fresh]
                data = json.dumps({"jobs": views, "ids": listed})
                yield f"id: {board.instance}-{told}\nevent: jobs\ndata: {data}\n\n"
            elif time.monotonic() - sent >= HEARTBEAT:
                sent = time.monotonic()
                yield ":\n\n"
            if (id and _over(board.get(id))) or board.closed or time.monotonic() >= end:
                return
            woken = await _woken(changed, min(sent + HEARTBEAT, end) - time.monotonic())
            while woken and not (id and _over(board.get(id))):  # its end is told at once
                changed.clear()
                woken = await _woken(changed, sent + PACE - time.monotonic())


async def _woken(changed: asyncio.Event, seconds: float) -> bool:
    """Wait so long for a change; whether there was one."""
    if seconds <= 0:
        return False
    try:
        await asyncio.wait_for(changed.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    return True


def _over(job: Job | None) -> bool:
    return job is None or not job.active
