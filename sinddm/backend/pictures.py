"""Between containers on disk and the engine's pictures, on the worker's side."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sinddm.atomic import write_whole
from sinddm.backend import container, requests
from sinddm.backend.requests import CHANNELS
from sinddm.files import Picture
from sinddm.pixels import Format

DTYPES = {"U8": np.uint8, "U16": np.uint16, "F16": np.float16, "F32": np.float32}
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}


def read(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a container, mapped into memory rather than read. Raises InputError, OSError."""
    data = np.memmap(path, np.uint8, "r")
    start = container.START
    length = container.header_length(data[:start].tobytes(), len(data))
    header = container.read_header(data[start : start + length].tobytes(), len(data))
    at, found = start + length, {}
    for name, info in header.tensors.items():  # in the order of their offsets
        dtype = np.dtype(DTYPES[info.dtype])
        end = at + int(np.prod(info.shape)) * dtype.itemsize
        found[name] = np.require(data[at:end].view(dtype).reshape(info.shape), requirements="A")
        at = end
    return found


def write(path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, Any] | None = None) -> int:
    """Write a container, complete or not at all; how many bytes it has. metadata: values for JSON."""
    described: dict[str, Any] = {"__metadata__": {name: json.dumps(value) for name, value in (metadata or {}).items()}}
    at = 0
    for name, array in tensors.items():
        dtype = NAMES[array.dtype]
        described[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    header = json.dumps(described).encode()
    header += b" " * (-len(header) % 8)  # so that the tensors are aligned

    def put(unfinished: Path) -> None:
        with unfinished.open("xb") as file:
            file.write(len(header).to_bytes(container.START, "little") + header)
            for array in tensors.values():
                file.write(np.ascontiguousarray(array).data)

    write_whole(path, put, durable=False)
    return container.START + len(header) + at


def picture(described: requests.Picture, tensors: Mapping[str, np.ndarray]) -> Picture:
    """A tensor as the engine's picture: colour in the order R, G, B."""
    array = _swapped(tensors[described.tensor], described.layout)
    alpha = described.layout in requests.WITH_ALPHA
    icc = base64.b64decode(described.icc) if described.icc else None
    return Picture(array, described.linear, icc, alpha)


def mask(described: requests.Picture, tensors: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Where a picture is to be learned, float32 (H, W) in [0, 1]; None: everywhere."""
    only = unit(tensors[described.only]) if described.only else None
    if described.without is None:
        return only
    kept = 1 - unit(tensors[described.without])
    return kept if only is None else np.minimum(only, kept)


def unit(array: np.ndarray) -> np.ndarray:
    """A mask as float32 in [0, 1]."""
    if array.dtype.kind == "u":
        return array / np.float32(np.iinfo(array.dtype).max)
    return np.nan_to_num(array.astype(np.float32), nan=0, posinf=1, neginf=0).clip(0, 1)


def result(array: np.ndarray, layout: str) -> np.ndarray:
    """The engine's array, (H, W) or (H, W, C), as a tensor (H, W, C) of that layout."""
    return _swapped(array[..., None] if array.ndim == 2 else array, layout)


def layout_of(form: Format) -> str:
    """The layout of what is made in the format of what was learned."""
    return {1: "gray", 3: "rgb"}[form.channels] + "a" * form.alpha if form.channels in (1, 3) else "maps"


def format_of(wanted: requests.Format, channels: int) -> Format:
    """What the client wants results to be. channels: of colour, that were learned; they matter for maps."""
    alpha = wanted.layout in requests.WITH_ALPHA
    have = CHANNELS[wanted.layout]
    return Format(np.dtype(DTYPES[wanted.dtype]), channels if have is None else have - alpha, alpha, wanted.linear)


def _swapped(array: np.ndarray, layout: str) -> np.ndarray:
    """Red and blue exchanged where the layout says so."""
    if layout not in ("bgr", "bgra"):
        return array
    out = np.empty_like(array)
    for into, out_of in enumerate((2, 1, 0, 3)[: array.shape[2]]):
        out[..., into] = array[..., out_of]
    return out
