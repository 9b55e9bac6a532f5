"""Pixels on the wire, without copies: safetensors files (docs/protocol.md)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn, Protocol

from .errors import BadContainer

MEDIA_TYPE = "application/x-safetensors"
SIZES = {"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2}  # bytes of a number
SIZES |= {"U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8}
START = 8  # bytes that hold the header's length
MOST_HEADER = 1 << 20
MOST_SIDE = 1 << 53
MOST_SIDES = 16

Pixels = bytes | bytearray | memoryview


class Tensor(NamedTuple):
    """Numbers in the order of rows, little endian."""

    data: Pixels
    dtype: str
    shape: tuple[int, ...]


class Contents(NamedTuple):
    """What a container holds; the tensors are views of one block of memory."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]


class Stream(Protocol):
    """Where a container is read from."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer, or a beginning of it; return how many bytes, 0 at the end."""
        ...


def pack(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> tuple[int, list[bytes | memoryview]]:
    """Bytes of the whole, and its pieces, which are to be sent in this order. Raises BadContainer.

    The pixels are not copied: what holds them must not change until they are sent.
    """
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    pieces: list[bytes | memoryview] = []
    at = 0
    # the largest numbers first, so that all are aligned
    for name, tensor in sorted(tensors.items(), key=lambda item: -SIZES.get(item[1].dtype, 0)):
        data = _bytes_of(tensor)
        end = at + data.nbytes
        header[name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": [at, end]}
        pieces.append(data)
        at = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MOST_HEADER:
        raise BadContainer("The layers have colour profiles that are too large: convert them to sRGB and try again.")
    return START + len(text) + at, [len(text).to_bytes(START, "little") + text, *pieces]


def unpack(stream: Stream, length: int | None = None) -> Contents:
    """Read a container into memory, once. length: bytes of the whole, if known. Raises BadContainer."""
    size = int.from_bytes(_read(stream, START), "little")
    if size > MOST_HEADER:
        _broken("its header is too long")
    places, metadata = _read_header(bytes(_read(stream, size)))
    total = max((one.end for one in places), default=0)
    if length is not None and length != START + size + total:
        _broken("it is not as long as it says")
    data = _read(stream, total)
    if length is None and stream.readinto(memoryview(bytearray(1))):
        _broken("it is longer than it says")
    tensors = {one.name: Tensor(data[one.begin : one.end], one.dtype, one.shape) for one in places}
    return Contents(tensors, metadata)


def _bytes_of(tensor: Tensor) -> memoryview:
    data = memoryview(tensor.data)
    wanted = math.prod(tensor.shape) * SIZES.get(tensor.dtype, 0)
    if tensor.dtype not in SIZES or data.nbytes != wanted:
        shape = "x".join(str(n) for n in tensor.shape)
        raise BadContainer(
            f"The editor gave {data.nbytes} bytes for pixels of {shape} {tensor.dtype}: "
            "convert the layer to 8 or 16 bits and try again."
        )
    if not data.c_contiguous:
        raise BadContainer("The editor gave pixels that are not in rows: duplicate the layer and try again.")
    return data.cast("B") if data.nbytes else memoryview(b"")  # an empty view cannot be cast


def _read(stream: Stream, count: int) -> memoryview:
    """So many bytes."""
    try:
        data = memoryview(bytearray(count))
    except (MemoryError, OverflowError) as error:
        raise BadContainer("There is not enough memory for the picture: close other ones and try again.") from error
    at = 0
    while at < count:
        got = stream.readinto(data[at:])
        if not got:
            _broken("it ends too early")
        at += got
    return data


class _Place(NamedTuple):
    """Where a tensor lies, and what it is."""

    begin: int
    end: int
    name: str
    dtype: str
    shape: tuple[int, ...]


def _read_header(text: bytes) -> tuple[list[_Place], dict[str, str]]:
    """The tensors in the order in which they lie, and the metadata."""
    try:
        found = json.loads(text, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as error:
        _broken("its header is not JSON", error)
    if not isinstance(found, dict):
        _broken("its header is not a JSON object")
    metadata = found.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        _broken("its metadata is not text")
    places = sorted(_place(name, value) for name, value in found.items())
    at = 0
    for one in places:
        if one.begin != at:
            _broken("its tensors overlap or leave gaps")
        at = one.end
    return places, metadata


def _place(name: str, value: Any) -> _Place:
    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data_offsets"}:
        _broken("it does not describe its tensors")
    dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(dtype, str) or dtype not in SIZES or not _whole(shape) or not _whole(offsets):
        _broken("it does not describe its tensors")
    if len(offsets) != 2 or offsets[1] - offsets[0] != math.prod(shape) * SIZES[dtype]:
        _broken("its tensors are not as long as it says")
    return _Place(offsets[0], offsets[1], name, dtype, tuple(shape))


def _whole(values: Any) -> bool:
    few = isinstance(values, list) and len(values) <= MOST_SIDES
    return few and all(type(n) is int and 0 <= n < MOST_SIDE for n in values)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _broken(why: str, error: Exception | None = None) -> NoReturn:
    raise BadContainer(f"The picture did not arrive as it should, {why}: try again.") from error
