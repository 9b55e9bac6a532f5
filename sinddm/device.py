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


def bfloat16(device: torch.device) -> bool:
    """Whether products in bfloat16 are faster there than in float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return False
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
