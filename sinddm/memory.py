"""Refusing in words what would not fit into memory, before and while it is tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import torch

from sinddm.errors import InputError

BYTES_A_PIXEL = 250  # of the larger pictures at work at once, measured with three channels
REFUSAL = "There is not enough memory for this size ({}): choose a smaller one or close programs."


@contextmanager
def within_memory(pixels: float, device: torch.device) -> Iterator[None]:
    """Raises InputError when work on so many pixels (learned and made) needs more memory than is free."""
    need, have = pixels * BYTES_A_PIXEL, free_memory(device)
    if need > have:
        raise InputError(REFUSAL.format(f"{_gigabytes(need)} needed, {_gigabytes(have)} free"))
    message = REFUSAL.format(f"about {_gigabytes(need)} needed")  # what is free was not free to this program
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise InputError(message) from error


def is_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out: Python's error, torch's for a GPU, or the one it raises on the CPU."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "alloc" in str(error)


def free_memory(device: torch.device) -> int:
    """Bytes that new work may use."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return psutil.virtual_memory().available


def _gigabytes(count: float) -> str:
    return f"{count / 2**30:.1f} GB"
