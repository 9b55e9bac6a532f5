"""Pixels as editors have them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Literal

from .container import SIZES, Pixels, Tensor
from .errors import BadAnswer

Layout = Literal["gray", "graya", "rgb", "rgba", "bgr", "bgra", "maps"]
Depth = Literal["U8", "U16", "F16", "F32"]
CHANNELS = {"gray": 1, "graya": 2, "rgb": 3, "rgba": 4, "bgr": 3, "bgra": 4}
PLAIN = {1: "gray", 2: "graya", 3: "rgb", 4: "rgba"}


@dataclass(frozen=True, eq=False)
class Mask:
    """What is selected: 0 not, the largest value (1.0 in floats) wholly. `data` are its rows, from the top."""

    data: Pixels
    width: int
    height: int
    depth: Literal["U8", "U16", "F32"] = "U8"

    @property
    def tensor(self) -> Tensor:
        """(height, width)."""
        return Tensor(self.data, self.depth, (self.height, self.width))


@dataclass(frozen=True, eq=False)
class Picture:
    """A layer, or a result. `data` are its rows, from the top, without gaps; alpha is straight."""

    data: Pixels
    width: int
    height: int
    layout: str = "rgba"
    depth: str = "U8"
    """U8, U16 (to 65535), F16 or F32 (0 black, 1 white)."""
    linear: bool = False
    """Whether colour is linear light rather than encoded."""
    icc: bytes | None = None
    """Its colour profile, kept for textures."""
    only: Mask | None = None
    """Learn only where this is white."""
    without: Mask | None = None
    """Do not learn where this is white."""

    @property
    def channels(self) -> int:
        """How many numbers a pixel has; of maps as many as there are."""
        if self.layout in CHANNELS:
            return CHANNELS[self.layout]
        plane = self.width * self.height * SIZES[self.depth]
        return memoryview(self.data).nbytes // plane if plane else 0

    @property
    def tensor(self) -> Tensor:
        """(height, width, channels)."""
        return Tensor(self.data, self.depth, (self.height, self.width, self.channels))

    def described(self, tensor: str) -> dict[str, Any]:
        """In JSON, without its masks. tensor: the name that its pixels have in the container."""
        icc = None if self.icc is None else base64.b64encode(self.icc).decode()
        return {"tensor": tensor, "layout": self.layout, "linear": self.linear, "icc": icc}


def from_tensor(tensor: Tensor | None, layout: str | None = None, linear: bool = False) -> Picture:
    """A picture that came from the backend. layout: None for what its channels suggest. Raises BadAnswer."""
    if tensor is None or len(tensor.shape) != 3:
        raise BadAnswer
    height, width, channels = tensor.shape
    return Picture(tensor.data, width, height, layout or PLAIN.get(channels, "maps"), tensor.dtype, linear)
