"""What an editor's plugin talks to: the backend, as calls."""

from __future__ import annotations

import json
import os
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from . import container, finding
from .connection import BLOCK, Body, Stream, ask, request
from .errors import BadAnswer, BadFile, JobCancelled, JobFailed, Unreachable
from .following import PATIENCE, SILENCE, Following
from .models import Changes, Health, JobView, Models, TextureView, many
from .pictures import Picture, from_tensor
from .places import Address, read_address
from .requests import Request

LONG_PATIENCE = 300.0  # seconds for large layers to be stored, or a texture to be checked

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """What a job made."""

    picture: Picture
    task: str
    seed: int
    x: int
    """Where its corner belongs, seen from the corner of the job's picture."""
    y: int


class Client:
    """A backend, which any thread may call. All calls raise Unreachable or Refused, with a sentence to show."""

    def __init__(self, address: Address):
        self._address = address

    @classmethod
    def connect(
        cls,
        start: bool = True,
        on_wait: Callable[[float], object] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Client:
        """The backend of this version, which is started if need be. Raises StartFailed, VersionMismatch, Cancelled.

        on_wait: called several times a second while it starts, with the seconds that were waited. cancelled: asked as
        often whether to give up.
        """
        return cls(finding.find(start, on_wait, cancelled))

    def health(self) -> Health:
        """What the backend says of itself."""
        return Health.from_json(self._ask("GET", "/health"))

    def stop(self, only_idle: bool = False) -> None:
        """End the backend. only_idle: Refused, with status 409, while there are jobs."""
        self._ask("POST", "/stop", {"only_idle": only_idle})

    # Jobs

    def submit(self, wish: Request) -> JobView:
        """Hand in a job. Raises BadContainer for pixels that are not as long as they should be."""
        length, pieces = container.pack(*wish.packed())
        body = Body(container.MEDIA_TYPE, length, pieces)
        return JobView.from_json(
            self._try(lambda address: _send(address, "/jobs", body, LONG_PATIENCE), repeatable=False)
        )

    def jobs(self) -> tuple[JobView, ...]:
        """All jobs."""
        return many(JobView, self._ask("GET", "/jobs"))

    def job(self, id: str) -> JobView:
        """One of them."""
        return JobView.from_json(self._ask("GET", _job(id)))

    def cancel(self, id: str) -> JobView:
        """End a job; what it has made so far stays. Following it tells when it has ended, within a second."""
        return self._tell(id, "cancel")

    def pause(self, id: str) -> JobView:
        """Stop learning for now."""
        return self._tell(id, "pause")

    def resume(self, id: str) -> JobView:
        """Go on learning."""
        return self._tell(id, "resume")

    def finish(self, id: str) -> JobView:
        """Stop learning and keep what was learned."""
        return self._tell(id, "finish")

    def move(self, id: str, position: int) -> JobView:
        """Have so many of the waiting jobs run before this one."""
        return self._tell(id, "move", {"position": position})

    def rerun(self, id: str) -> JobView:
        """Queue a job again that failed or was cancelled; results that it has are kept."""
        return self._tell(id, "rerun")

    def forget(self, id: str) -> None:
        """Remove a job and all it made. Refused, with status 409, while it runs."""
        self._ask("DELETE", _job(id))

    def follow(
        self, id: str, reconnect: bool = True, patience: float = PATIENCE, owner: bool = False
    ) -> Following[JobView]:
        """A job as it is now and each time it has changed, until it is over or was forgotten; see Following.

        owner: have the backend cancel the job as soon as this connection is lost, also where this process is killed;
        it is then not taken up again.
        """

        def select(changes: Changes) -> tuple[list[JobView], bool]:
            mine = [job for job in changes.jobs if job.id == id]
            gone = changes.ids is not None and id not in changes.ids
            return mine, gone or any(job.over for job in mine)

        query = {"job": id, "owner": "true"} if owner else {"job": id}
        return self._following(f"/events?{urlencode(query)}", select, reconnect and not owner, patience)

    def follow_all(self, reconnect: bool = True, patience: float = PATIENCE) -> Following[Changes]:
        """All jobs, and then those that change; see Following."""
        return self._following("/events", lambda changes: ([changes], False), reconnect, patience)

    def wait(self, id: str) -> JobView:
        """The job when it is done. Raises JobFailed, or JobCancelled."""
        with self.follow(id) as changes:
            last = deque(changes, maxlen=1)
        job = last[0] if last else None
        if job is None or not job.over:
            raise JobFailed("This job was removed before it was done: start it again.", job)
        if job.state == "failed":
            raise JobFailed(job.error or "This job failed: run it again.", job)
        if job.state == "cancelled":
            raise JobCancelled("This job was cancelled.", job)
        return job

    def result(self, id: str, index: int) -> Result:
        """One of a job's results, as soon as the job lists it."""
        found = self._container(f"{_job(id)}/results/{index}")
        try:
            about = json.loads(found.metadata["result"])
            picture = from_tensor(found.tensors.get("picture"), str(about["layout"]), bool(about["linear"]))
            return Result(picture, about["task"], int(about["seed"]), int(about.get("x", 0)), int(about.get("y", 0)))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise BadAnswer from error

    def result_thumbnail(self, id: str, index: int) -> Picture:
        """A result as a small RGBA picture of 8 bits."""
        return from_tensor(self._container(f"{_job(id)}/results/{index}/thumbnail").tensors.get("picture"))

    def preview(self, id: str) -> Picture:
        """How far the job is, as a small RGB picture."""
        return from_tensor(self._container(f"{_job(id)}/preview").tensors.get("picture"))

    # The library

    def textures(self) -> tuple[TextureView, ...]:
        """The textures of the library."""
        return many(TextureView, self._ask("GET", "/textures"))

    def thumbnail(self, name: str) -> Picture:
        """A texture as a small RGB picture."""
        return from_tensor(self._container(f"{_texture(name)}/thumbnail").tensors.get("picture"))

    def models(self) -> Models:
        """What text has to work with. Nothing is fetched by asking."""
        return Models.from_json(self._ask("GET", "/models"))

    def rename_texture(self, name: str, new: str) -> TextureView:
        """Give a texture another name."""
        return TextureView.from_json(self._ask("POST", f"{_texture(name)}/rename", {"name": new}))

    def delete_texture(self, name: str) -> None:
        """Remove a texture."""
        self._ask("DELETE", _texture(name))

    def export_texture(self, name: str, path: Path) -> None:
        """Write a texture to a file, which is whole or not there. Raises BadFile."""
        self._try(lambda address: _download(address, f"{_texture(name)}/file", path), repeatable=True)

    def import_texture(self, path: Path, name: str) -> TextureView:
        """Put a file that was exported into the library. Raises BadFile."""
        target = f"/textures?{urlencode({'name': name}, errors='replace')}"
        return TextureView.from_json(self._try(lambda address: _upload(address, target, path), repeatable=False))

    def _tell(self, id: str, verb: str, content: Any = None) -> JobView:
        return JobView.from_json(self._ask("POST", f"{_job(id)}/{verb}", content))

    def _ask(self, method: str, path: str, content: Any = None) -> Any:
        return self._try(lambda address: ask(address, method, path, content), repeatable=method == "GET")

    def _container(self, path: str) -> container.Contents:
        def fetch(address: Address) -> container.Contents:
            with request(address, "GET", path) as answer:
                return container.unpack(answer, answer.length)

        return self._try(fetch, repeatable=True)

    def _try(self, use: Callable[[Address], T], repeatable: bool) -> T:
        """Use the backend, and if it is not there the one that may have taken its place. repeatable: whether nothing
        is lost if it does the same twice."""
        try:
            return use(self._address)
        except Unreachable as error:
            if error.sent and not repeatable:
                raise
        self._renew()
        return use(self._address)

    def _renew(self) -> None:
        """Read again where the backend is. Raises VersionMismatch."""
        address = read_address()
        if address is not None:
            finding.check(address.version, address.protocol)
            self._address = address

    def _following(
        self, path: str, select: Callable[[Changes], tuple[list[T], bool]], reconnect: bool, patience: float
    ) -> Following[T]:
        lost = False

        def open_stream(last_id: str | None) -> Stream:
            nonlocal lost
            if lost:
                self._renew()
            lost = True  # when there is a next time
            headers = {} if last_id is None else {"Last-Event-ID": last_id}
            return Stream(self._address, path, headers, SILENCE)

        return Following(open_stream, select, reconnect, patience)


def _job(id: str) -> str:
    return f"/jobs/{quote(id, safe='')}"


def _texture(name: str) -> str:
    return f"/textures/{quote(name, safe='', errors='replace')}"


def _send(address: Address, path: str, body: Body, patience: float) -> Any:
    with request(address, "POST", path, body, patience) as answer:
        return answer.read_json()


def _download(address: Address, source: str, path: Path) -> None:
    """Write what the backend sends to a file beside `path`, and put that in its place when it is complete."""
    unfinished = path.with_name(f".unfinished-{secrets.token_hex(6)}{path.suffix}")
    block = memoryview(bytearray(BLOCK))
    with request(address, "GET", source) as answer:
        try:
            with unfinished.open("xb") as file:
                while got := answer.readinto(block):
                    file.write(block[:got])
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            raise BadFile(
                f"{path} could not be written ({error.strerror}): choose a folder with space that you may write to."
            ) from error
        finally:
            with suppress(OSError):
                unfinished.unlink()


def _upload(address: Address, target: str, path: Path) -> Any:
    try:
        with path.open("rb") as file:
            body = Body(container.MEDIA_TYPE, os.fstat(file.fileno()).st_size, file)
            return _send(address, target, body, LONG_PATIENCE)
    except OSError as error:
        raise BadFile(f"{path} cannot be read ({error.strerror}): check it, or use another copy.") from error
