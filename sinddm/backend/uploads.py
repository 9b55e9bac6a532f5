"""Bodies that are written to disk as they come in, without ever being in memory as a whole."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from fastapi import Request
from starlette.requests import ClientDisconnect

from sinddm.backend import container
from sinddm.backend.answers import Problem
from sinddm.backend.container import Header
from sinddm.backend.storage import Full

PATIENCE = 20.0  # seconds without a byte after which a body will not come
AT_ONCE = 4 << 20  # bytes that are written together
DISK_IS_FULL = "The disk is full: free some space and try again."


def announced(request: Request, most: int) -> int:
    """The bytes that a container's body has by its headers. Raises Problem for other bodies."""
    if request.headers.get("content-type") != container.MEDIA_TYPE:
        raise Problem(415, f"The body is of the wrong type: send {container.MEDIA_TYPE}.")
    length = request.headers.get("content-length")
    if length is None or "transfer-encoding" in request.headers or not (length.isascii() and length.isdigit()):
        raise Problem(411, "The length of the body is missing: send it with the request.")
    if len(length) > 18 or int(length) > most:
        raise Problem(413, f"This is too large, more than {most >> 20} MB: use a smaller layer.")
    return int(length)


async def read_header(chunks: AsyncIterator[bytes], total: int) -> tuple[Header, bytes]:
    """The header of a container that is coming in, and all of it that has come so far. Raises InputError."""
    seen = b""
    while len(seen) < min(container.START, total):
        seen += await anext(chunks)
    end = container.START + container.header_length(seen, total)
    while len(seen) < end:
        seen += await anext(chunks)
    return container.read_header(seen[container.START : end], total), seen


async def arriving(request: Request) -> AsyncIterator[bytes]:
    """The pieces of a body. Raises Problem if they stop coming before the end."""
    stream = request.stream()
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream), PATIENCE)
        except StopAsyncIteration:
            break
        except asyncio.TimeoutError:
            raise Problem(408, "The rest of the layers did not arrive: try again.") from None
        except ClientDisconnect:
            raise Problem(400, "The connection ended before the layers had arrived: try again.") from None
        if chunk:
            yield chunk
    raise Problem(400, "The layers ended before they were complete: try again.")


async def store(chunks: AsyncIterator[bytes], seen: bytes, total: int, path: Path) -> None:
    """Write what has come and what is to come, `total` bytes, to a new file. Raises Full."""
    with path.open("xb") as file:
        waiting, size = [seen], len(seen)
        while True:
            held = sum(map(len, waiting))
            if held >= AT_ONCE or size >= total:
                await asyncio.to_thread(_write, file.write, b"".join(waiting))
                waiting = []
            if size >= total:
                break
            chunk = await anext(chunks)
            waiting.append(chunk)
            size += len(chunk)
        await asyncio.to_thread(_write, lambda _: file.flush(), b"")


def _write(write: Callable[[bytes], object], data: bytes) -> None:
    try:
        write(data)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Full(DISK_IS_FULL) from error
        raise
