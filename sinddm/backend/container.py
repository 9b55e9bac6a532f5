"""The container for pixels on the wire: safetensors, whose header is checked before anything else is read."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from sinddm.errors import InputError

MEDIA_TYPE = "application/x-safetensors"
SIZES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}  # bytes of a number
START = 8  # bytes that hold the header's length
MOST_HEADER = 1 << 20
MOST_BYTES = 4 << 30
MOST_TENSORS = 64
MOST_PIXELS = 1 << 28
MOST_CHANNELS = 256
LONGEST_SIDE = 1 << 15
NAME = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True)
class TensorInfo:
    """A picture [H, W, C] or a mask [H, W]."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Header:
    """What a container says of itself."""

    metadata: dict[str, str]
    tensors: dict[str, TensorInfo]


def header_length(start: bytes, total: int) -> int:
    """Bytes of the header. start: the container's first eight; total: bytes of all. Raises InputError."""
    if len(start) < START:
        raise _broken("it ends before its header does")
    length = int.from_bytes(start[:START], "little")
    if not 2 <= length <= min(MOST_HEADER, total - START):
        raise _broken("its header is not as long as it says")
    return length


def read_header(text: bytes, total: int) -> Header:
    """The header, if all of it holds and its tensors fill the rest of the `total` bytes exactly. Raises InputError."""
    try:
        found = read_json(text.decode())
    except ValueError as error:
        raise _broken("its header is not JSON") from error
    if not isinstance(found, dict):
        raise _broken("its header is not a JSON object")
    metadata = found.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _broken("its metadata is not text")
    if len(found) > MOST_TENSORS:
        raise _broken(f"it holds more than {MOST_TENSORS} layers and masks")
    places = sorted(_place(name, value) for name, value in found.items())
    at = 0
    for begin, end, *_ in places:
        if begin != at:
            raise _broken("its layers overlap or leave gaps")
        at = end
    if at != total - START - len(text):
        raise _broken("its layers are not as long as it says")
    return Header(metadata, {name: TensorInfo(dtype, shape) for _, _, name, dtype, shape in places})


def read_json(text: str) -> Any:
    """What JSON says, if no name stands twice in it: readers differ in which of the two counts. Raises ValueError."""
    try:
        return json.loads(text, object_pairs_hook=_no_twins)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _place(name: str, value: Any) -> tuple[int, int, str, str, tuple[int, ...]]:
    """Where a tensor lies, and what it is."""
    if not NAME.fullmatch(name):
        raise _broken("the name of a layer in it has other characters than a to z, 0 to 9 and _")
    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data_offsets"}:
        raise _broken("it does not describe its layers")
    dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(dtype, str) or dtype not in SIZES:
        raise _broken(f"its pixels are not {', '.join(SIZES)}")
    if not _whole(shape) or len(shape) not in (2, 3) or not _whole(offsets) or len(offsets) != 2:
        raise _broken("it does not describe its layers")
    height, width, channels = (*shape, 1)[:3]
    if 0 in (height, width, channels):
        raise InputError("The layer is empty: choose one that has pixels.")
    if max(height, width) > LONGEST_SIDE or height * width > MOST_PIXELS or channels > MOST_CHANNELS:
        raise InputError(
            f"A layer of {width}x{height} pixels is too large: use at most {LONGEST_SIDE} a side and "
            f"{MOST_PIXELS >> 20} megapixels."
        )
    begin, end = offsets
    if end - begin != math.prod(shape) * SIZES[dtype]:
        raise _broken("its layers are not as long as it says")
    return begin, end, name, dtype, tuple(shape)


def _whole(values: Any) -> bool:
    return isinstance(values, list) and all(type(n) is int and 0 <= n <= MOST_BYTES for n in values)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _broken(why: str) -> InputError:
    return InputError(f"The layers did not arrive as they should, {why}: try again, or update the plugin.")
