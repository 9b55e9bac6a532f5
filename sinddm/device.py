"""Which device does the work."""

from __future__ import annotations

import torch

from sinddm.errors import InputError

DEVICES = ("auto", "cpu", "cuda", "mps")


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" is the GPU where there is one. Raises InputError if there is none such."""
    have = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(one for one in ("cuda", "mps", "cpu") if have[one])
    if name not in have:
        raise InputError(f"The device is {', '.join(DEVICES)}, not {name!r}: choose one of them.")
    if not have[name]:
        raise InputError(f"This computer has no {name} device that can be used: choose auto or cpu.")
    return torch.device(name)
