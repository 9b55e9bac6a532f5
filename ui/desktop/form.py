"""How the pixels of a document are kept: RGBA of one depth, straight alpha, and ways there and back."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from sinddm_plugin.client import Format, Mask, Picture
from sinddm_plugin.client.pictures import Depth
from sinddm_ui.host import HostError

from sinddm import pixels

DEPTHS: dict[str, Depth] = {"uint8": "U8", "uint16": "U16", "float16": "F16", "float32": "F32"}
DTYPES = {depth: np.dtype(name) for name, depth in DEPTHS.items()}
ALPHA = 3  # the channel
assert sys.byteorder == "little"  # as pixels are on the wire


@dataclass(frozen=True)
class Form:
    """What all layers of a document share."""

    dtype: np.dtype = DTYPES["U8"]
    """uint8, uint16, float16 or float32."""
    linear: bool = False
    """Whether colour is linear light."""
    icc: bytes | None = None
    """The profile that its file had."""
    gray: bool = False
    """Whether its file was gray: it is written so again, as long as it has no colour."""
    chromaticities: tuple[float, ...] | None = None
    """Those of an OpenEXR file."""

    @property
    def opaque(self) -> float:
        """The largest alpha."""
        return 1.0 if self.dtype.kind == "f" else float(np.iinfo(self.dtype).max)

    @property
    def depth(self) -> Depth:
        """The name that it has on the wire."""
        return DEPTHS[self.dtype.name]

    @property
    def format(self) -> Format:
        """What results are to be."""
        return Format(self.depth, "rgba", self.linear)

    @property
    def profile(self) -> bytes | None:
        """The profile of its colours; one of gray does not fit them."""
        return None if self.gray else self.icc

    def empty(self, width: int, height: int) -> np.ndarray:
        """Transparent pixels."""
        return np.zeros((height, width, 4), self.dtype)

    def picture(self, array: np.ndarray) -> Picture:
        """Pixels as they go to the backend."""
        array = np.ascontiguousarray(array, self.dtype)
        height, width = array.shape[:2]
        data = array.data.cast("B") if array.size else b""
        return Picture(data, width, height, "rgba", self.depth, self.linear, self.profile)

    def array(self, picture: Picture) -> np.ndarray:
        """The pixels of a picture in this form, a copy; exactly those that it has, where it is in this form already.

        Raises HostError.
        """
        return self.fit(raw(picture), linear=picture.linear)

    def fit(self, array: np.ndarray, *, linear: bool) -> np.ndarray:
        """(H, W, 1 to 4) pixels of any depth in this form, a copy."""
        rgba = with_four_channels(array)
        if rgba.dtype == self.dtype and linear == self.linear:
            return rgba
        values, alpha, _ = pixels.decode(_finite(rgba), linear=linear, alpha=True)
        return pixels.encode(values, alpha, pixels.Format(self.dtype, 3, alpha=True, linear=self.linear))

    def color(self, red: float, green: float, blue: float) -> np.ndarray:
        """An sRGB colour, its parts from 0 to 1, as the values of an opaque pixel."""
        one = np.array([[[red, green, blue, 1.0]]], np.float32)
        return self.fit(one, linear=False)[0, 0]


def raw(picture: Picture) -> np.ndarray:
    """(H, W, C) of the picture's own depth, RGB in that order; a view of its data where that is possible."""
    dtype = DTYPES.get(picture.depth)
    if dtype is None or picture.layout == "maps":
        raise HostError("The result has a form that this window does not know: update SinDDM.")
    shape = picture.height, picture.width, picture.channels
    if memoryview(picture.data).nbytes != int(np.prod(shape)) * dtype.itemsize:
        raise HostError("The result did not arrive whole: try again.")
    found = np.frombuffer(picture.data, dtype).reshape(shape)
    if picture.layout == "bgr":
        return found[..., ::-1]
    return found[..., [2, 1, 0, 3]] if picture.layout == "bgra" else found


def with_four_channels(array: np.ndarray) -> np.ndarray:
    """(H, W, 1 to 4) as RGBA, a copy."""
    channels = array.shape[2]
    opaque = 1 if array.dtype.kind == "f" else np.iinfo(array.dtype).max
    rgba = np.full((*array.shape[:2], 4), opaque, array.dtype)
    rgba[..., :3] = array[..., : 3 if channels >= 3 else 1]
    if channels in (2, 4):
        rgba[..., ALPHA] = array[..., -1]
    return rgba


def mask_of(array: np.ndarray) -> Mask:
    """(H, W) of bytes as it goes to the backend."""
    array = np.ascontiguousarray(array, np.uint8)
    return Mask(array.data.cast("B") if array.size else b"", array.shape[1], array.shape[0])


def _finite(array: np.ndarray) -> np.ndarray:
    """The same, with black where a float is no number."""
    return np.nan_to_num(array, nan=0.0, posinf=0.0, neginf=0.0) if array.dtype.kind == "f" else array
