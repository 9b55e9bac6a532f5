"""The library of textures, over HTTP. Files come and go as bytes: no path of a client reaches the file system."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from sinddm import about
from sinddm.backend import container, uploads
from sinddm.backend.answers import REFUSALS, Problem
from sinddm.backend.command import own_command
from sinddm.backend.routes import GIVES, TAKES, Here, Pixels, Strict
from sinddm.errors import InputError
from sinddm.library import Entry

MOST_BYTES = 2 << 30
router = APIRouter(responses=REFUSALS)
Name = Annotated[str, Path(min_length=1, max_length=100)]


class Texture(BaseModel):
    """A texture of the library."""

    name: str
    width: int = Field(description="of the picture that was learned")
    height: int
    sources: list[str] = Field(description="files that were learned, as far as they were files")
    saved: str = Field(description="ISO 8601")
    bytes: int
    learned_seconds: float | None = Field(description="how long a network was trained; null: none was")


class NewName(Strict):
    """What a texture is to be called."""

    name: str = Field(min_length=1, max_length=100)


@router.get("/textures")
async def list_textures(service: Here) -> list[Texture]:
    """All textures that can be read, by name."""
    return await asyncio.to_thread(_list, service)


def _list(service: Here) -> list[Texture]:
    found = []
    for name in service.library.names():
        try:
            found.append(_texture(service.library.show(name)))
        except InputError:  # damaged, or removed meanwhile
            continue
    return found


@router.get("/textures/{name}")
async def show_texture(service: Here, name: Name) -> Texture:
    """One texture."""
    _find(service, name)
    return _texture(await asyncio.to_thread(service.library.show, name))


@router.get("/textures/{name}/thumbnail", response_class=Response, responses=GIVES)
async def thumbnail(service: Here, name: Name) -> Response:
    """A small picture of it, a container."""
    _find(service, name)
    small = (await asyncio.to_thread(service.library.show, name)).thumbnail
    described = {"picture": {"dtype": "U8", "shape": small.shape, "data_offsets": [0, small.nbytes]}}
    header = json.dumps(described).encode()
    body = len(header).to_bytes(container.START, "little") + header + small.tobytes()
    return Response(body, media_type=container.MEDIA_TYPE)


@router.get("/textures/{name}/file", response_class=FileResponse, responses=GIVES)
async def export_texture(service: Here, name: Name) -> FileResponse:
    """The file of a texture, to be given away."""
    return Pixels(_find(service, name))


@router.post("/textures", status_code=201, openapi_extra=TAKES)
async def import_texture(
    service: Here, request: Request, name: Annotated[str, Query(min_length=1, max_length=100)]
) -> Texture:
    """Take a texture's file into the library. It is read in a process of its own, as nobody knows who wrote it."""
    total = uploads.announced(request, MOST_BYTES)
    _free(service, name)
    for changed in service.storage.make_room(service.board, total):
        service.board.changed(changed)
    path = service.uploads / f"{secrets.token_hex(8)}{about.SUFFIX}"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        await uploads.store(uploads.arriving(request), b"", total, path)
        command = [*own_command(), "textures", "import", str(path), f"--name={name}"]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, cwd=service.storage.root, stdout=pipe, stderr=pipe)
        _, told = await process.communicate()
    finally:
        path.unlink(missing_ok=True)
    if process.returncode == 2:
        raise InputError(told.decode(errors="replace").strip().replace(str(path), "The file"))
    if process.returncode:
        raise InputError("The file could not be read as a texture: use another copy, or learn it anew.")
    return _texture(await asyncio.to_thread(service.library.show, name))


@router.post("/textures/{name}/rename")
async def rename_texture(service: Here, name: Name, new: NewName) -> Texture:
    """Give it another name."""
    _find(service, name)
    _free(service, new.name)
    await asyncio.to_thread(service.library.rename, name, new.name)
    return _texture(await asyncio.to_thread(service.library.show, new.name))


@router.delete("/textures/{name}", status_code=204)
async def delete_texture(service: Here, name: Name) -> None:
    """Remove it."""
    _find(service, name)
    await asyncio.to_thread(service.library.delete, name)


def _find(service: Here, name: str):
    """Its file. Problem 404 if there is none."""
    try:
        return service.library.find(name)
    except InputError as error:
        raise Problem(404, str(error)) from error


def _free(service: Here, name: str) -> None:
    """Problem 409 if the name is taken; InputError if it cannot be one."""
    if service.library.path(name).exists() or service.taken(name):
        raise Problem(409, f"There is already a texture called {name!r}: choose another name.")


def _texture(entry: Entry) -> Texture:
    told, trained = entry.about, entry.about["trained"]
    height, width = told["size"]
    seconds = trained["figures"]["seconds"] if trained else None
    return Texture(
        name=entry.name,
        width=width,
        height=height,
        sources=told["sources"],
        saved=told["saved"],
        bytes=entry.bytes,
        learned_seconds=seconds,
    )
