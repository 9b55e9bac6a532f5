"""What clients can ask of jobs, of the texture library and of the service."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Message, Receive, Scope, Send

from sinddm import __version__
from sinddm.backend import container, uploads
from sinddm.backend.answers import REFUSALS, Problem
from sinddm.backend.jobs import Job, JobView
from sinddm.backend.requests import Job as Asked
from sinddm.backend.requests import read_job
from sinddm.backend.service import Service
from sinddm.backend.storage import INPUT, PREVIEW

PROTOCOL = 1
NO_RESULT = "There is no such result: it is not made yet, or made room for others."
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="of a job")]
CONTAINER: dict[str, Any] = {"type": "string", "format": "binary", "description": "safetensors, see docs/protocol.md"}
TAKES = {"requestBody": {"required": True, "content": {container.MEDIA_TYPE: {"schema": CONTAINER}}}}
GIVES: dict[int | str, dict[str, Any]] = {200: {"content": {container.MEDIA_TYPE: {"schema": CONTAINER}}}}


def the_service(request: Request) -> Service:
    """The service that the application belongs to."""
    return request.app.state.service


class Pixels(FileResponse):
    """A file that is sent in large pieces. on_sent: called when a client that is still there has got all of it."""

    chunk_size = 4 << 20

    def __init__(self, path: FilePath, on_sent: Callable[[], None] = lambda: None):
        super().__init__(path, media_type=container.MEDIA_TYPE)
        self._on_sent = on_sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        gone = True
        scope["headers"] = [one for one in scope["headers"] if one[0] != b"range"]  # a part would count as all of it

        async def sending(message: Message) -> None:
            nonlocal gone
            if message["type"] == "http.response.body" and not message.get("more_body"):
                gone = await Request(scope, receive).is_disconnected()  # what is sent to nobody looks like what is sent
            await send(message)

        await super().__call__(scope, receive, sending)
        if not gone:
            self._on_sent()


Here = Annotated[Service, Depends(the_service)]
router = APIRouter(responses=REFUSALS)


class Strict(BaseModel):
    """A body of JSON in which nothing unknown stands."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Health(BaseModel):
    """The backend as a whole."""

    name: Literal["sinddm"] = "sinddm"
    version: str
    protocol: int
    pid: int
    engine: Literal["starting", "ready"]
    device: str = Field(description="where the engine runs: cpu, cuda, mps; empty until it is ready")
    busy: bool
    jobs: int = Field(description="that run or wait")


class Stop(Strict):
    """How to stop."""

    only_idle: bool = Field(True, description="not while jobs run or wait")


class Move(Strict):
    """Where to in the queue."""

    position: int = Field(ge=0, le=10_000, description="how many jobs are to run before it")


@router.get("/health")
async def health(service: Here) -> Health:
    """Whether it lives, and what it is."""
    jobs = sum(job.state in ("queued", "running") for job in service.board)
    engine = "ready" if service.scheduler.ready else "starting"
    return Health(
        version=__version__,
        protocol=PROTOCOL,
        pid=os.getpid(),
        engine=engine,
        device=service.scheduler.runs_on,
        busy=service.busy,
        jobs=jobs,
    )


@router.post("/stop", status_code=202)
async def stop(service: Here, how: Stop) -> Health:
    """End the backend."""
    if how.only_idle and service.busy:
        raise Problem(409, "The backend has jobs to do: wait for them, or cancel them.")
    service.leave()
    return await health(service)


@router.get("/jobs")
async def list_jobs(service: Here) -> list[JobView]:
    """All jobs, the newest first."""
    return [service.board.view(job) for job in sorted(service.board, key=lambda job: -job.created)]


@router.post("/jobs", status_code=201, openapi_extra=TAKES)
async def submit(service: Here, request: Request) -> JobView:
    """Ask for something to be made or learned: a container whose metadata `request` is a Job."""
    total = uploads.announced(request, container.MOST_BYTES)
    chunks = uploads.arriving(request)
    header, seen = await uploads.read_header(chunks, total)
    asked = read_job(header)
    _check(service, asked)
    job = Job(asked.model_dump(mode="json", by_alias=True, exclude_unset=True))
    for changed in service.storage.make_room(service.board, total):
        service.board.changed(changed)
    folder = service.storage.make_folder(job)
    try:
        await uploads.store(chunks, seen, total, folder / INPUT)
        _check(service, asked)  # again: it took a while
        service.submit(job)
    except BaseException:
        service.storage.remove(job)
        raise
    return service.board.view(job)


def _check(service: Service, asked: Asked) -> None:
    service.check_textures(asked)
    name = getattr(asked, "name", None)
    if name and service.taken(name):
        raise Problem(409, f"{name!r} is being learned already: choose another name.")


@router.get("/jobs/{id}")
async def show_job(service: Here, id: Id) -> JobView:
    """One job."""
    return service.board.view(_job(service, id))


@router.delete("/jobs/{id}", status_code=204)
async def forget_job(service: Here, id: Id) -> None:
    """Forget a job and its files; one that runs has to be cancelled first."""
    job = _job(service, id)
    if job.state in ("queued", "paused"):
        service.scheduler.cancel(job)
    if job.active:
        raise Problem(409, "The job is running: cancel it first.")
    service.storage.remove(job)
    service.board.forget(job)


@router.post("/jobs/{id}/cancel")
async def cancel(service: Here, id: Id) -> JobView:
    """Stop a job; its inputs are kept. A job that has ended stays as it is."""
    job = _job(service, id)
    service.scheduler.cancel(job)
    return service.board.view(job)


@router.post("/jobs/{id}/pause")
async def pause(service: Here, id: Id) -> JobView:
    """Have learning wait until it is resumed."""
    job = _learning(service, id)
    service.scheduler.pause(job)
    return service.board.view(job)


@router.post("/jobs/{id}/resume")
async def resume(service: Here, id: Id) -> JobView:
    """Go on learning."""
    job = _learning(service, id)
    if job.state != "queued":
        service.scheduler.resume(job)
    return service.board.view(job)


@router.post("/jobs/{id}/finish")
async def finish(service: Here, id: Id) -> JobView:
    """Stop learning and keep what was learned."""
    job = _learning(service, id)
    service.scheduler.finish(job)
    return service.board.view(job)


@router.post("/jobs/{id}/move")
async def move(service: Here, id: Id, where: Move) -> JobView:
    """Change the order of what waits."""
    job = _job(service, id)
    if job.state != "queued":
        raise Problem(409, "The job does not wait: only jobs that do can be moved.")
    service.board.move(job, where.position)
    return service.board.view(job)


@router.post("/jobs/{id}/rerun")
async def rerun(service: Here, id: Id) -> JobView:
    """Run a job again that failed or was cancelled; results that it already has are kept."""
    job = _job(service, id)
    if not job.can_rerun:
        raise Problem(409, "The job cannot be run again, it is not over or its layers are gone: ask for it anew.")
    job.request.pop("finish", None)
    service.scheduler.resume(job)
    return service.board.view(job)


@router.get("/jobs/{id}/preview", response_class=Response, responses=GIVES)
async def preview(service: Here, id: Id) -> Response:
    """The last preview, a container."""
    try:  # read at once: it is small, and another one may take its place at any moment
        found = (service.storage.folder(_job(service, id)) / PREVIEW).read_bytes()
    except FileNotFoundError:
        raise Problem(404, "There is no preview: wait until the job says that there is one.") from None
    return Response(found, media_type=container.MEDIA_TYPE)


@router.get("/jobs/{id}/results/{index}", response_class=FileResponse, responses=GIVES)
async def result(service: Here, request: Request, id: Id, index: Annotated[int, Path(ge=0, lt=1000)]) -> FileResponse:
    """A result, a container."""
    job = _job(service, id)
    listed = next((one for one in job.results if one.index == index), None)
    if listed is None:
        raise Problem(404, NO_RESULT)

    def fetched() -> None:
        listed.fetched = True
        service.board.changed(job)

    return Pixels(service.storage.result(job, index), fetched)


@router.get("/jobs/{id}/results/{index}/thumbnail", response_class=FileResponse, responses=GIVES)
async def thumbnail(service: Here, id: Id, index: Annotated[int, Path(ge=0, lt=1000)]) -> FileResponse:
    """A result as a small RGBA picture, a container. It is not fetched by that."""
    job = _job(service, id)
    path = service.storage.thumbnail(job, index)
    if all(one.index != index for one in job.results) or not path.exists():
        raise Problem(404, NO_RESULT)
    return Pixels(path)


def _job(service: Service, id: str) -> Job:
    job = service.board.get(id)
    if job is None:
        raise Problem(404, "There is no such job: it was removed, or never was.")
    return job


def _learning(service: Service, id: str) -> Job:
    job = _job(service, id)
    if not job.gives_way or not job.active:
        raise Problem(409, "Only learning or fetching that has not ended can do this: start it anew.")
    return job
