"""Between arrays as users have them and the engine's: sRGB-encoded float32 in [-1, 1], alpha apart.

Every depth comes back as it was given: integers exactly, floats to the precision of their type.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sinddm.errors import InputError

DTYPES = ("uint8", "uint16", "float16", "float32")
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. ITU-R BT.709, section 3.2
SHOULDER = 0.25  # how much a value beyond [0, 1] still counts: beyond + s counts as s * log(1 + beyond / s)


@dataclass(frozen=True)
class Format:
    """What `encode` needs to know to give back an array like the one that `decode` was given."""

    dtype: np.dtype  # uint8, uint16, float16 or float32, in the machine's byte order
    channels: int  # colour channels, alpha not counted; 1 is gray, 3 is RGB, any other number is a stack of maps
    alpha: bool = False  # whether one more channel, the last, is alpha
    linear: bool = False  # whether colour is linear light rather than sRGB-encoded
    flat: bool = False  # whether the array is (H, W) rather than (H, W, 1)


class Decoded(NamedTuple):
    """A picture ready for the engine."""

    values: np.ndarray  # float32 (H, W, C), sRGB-encoded, 0..1 as -1..1, values beyond it compressed
    alpha: np.ndarray | None  # float32 (H, W) in [0, 1], or None where there is none
    format: Format


def decode(array: np.ndarray, *, linear: bool = False, alpha: bool | None = None) -> Decoded:
    """Turn a user's array into engine values.

    array: (H, W) or (H, W, C) of uint8 or uint16 (full range), float16 or float32 (0 black, 1 white; any
    finite value is allowed). float64 is refused rather than returned as another type than it came.
    linear: colour is linear light, also for integers; the sRGB curve is applied.
    alpha: whether the last channel is alpha (not premultiplied). None: it is with 2 and 4 channels.
    Colour under alpha 0 is arbitrary in editors: what is not finite there becomes 0, the rest is kept.
    Raises InputError for another type or shape, an empty array, and visible pixels that are not finite.
    """
    array = np.asarray(array)
    if array.dtype.name not in DTYPES:
        raise InputError(
            f"A picture must be an array of {', '.join(DTYPES[:-1])} or {DTYPES[-1]}, not {array.dtype}: "
            "convert it with array.astype, values from 0 to 255, 0 to 65535 or 0 to 1."
        )
    if array.ndim not in (2, 3):
        raise InputError(
            f"A picture must be an array of (height, width) or (height, width, channels), "
            f"not of shape {array.shape}: pass one picture at a time."
        )
    if array.size == 0:
        raise InputError(f"The picture is empty, its shape is {array.shape}: give one with at least one pixel.")
    flat = array.ndim == 2
    channels = array.shape[2] if not flat else 1
    has_alpha = channels in (2, 4) if alpha is None else alpha
    if has_alpha and channels == 1:
        raise InputError("The picture has alpha and no colour: add a colour channel, or pass it without alpha.")
    stacked = _to_unit(array[..., None] if flat else array)
    color, opacity = (stacked[..., :-1], stacked[..., -1]) if has_alpha else (stacked, None)
    color = _finite_where_visible(color, opacity)
    if linear:
        color = srgb_from_linear(color)
    if array.dtype.kind == "f":
        color = _compress(color)
    native = array.dtype.newbyteorder("=")
    format = Format(native, channels - has_alpha, alpha=has_alpha, linear=linear, flat=flat)
    opacity = None if opacity is None else np.clip(opacity, 0, 1)
    return Decoded(color * np.float32(2) - np.float32(1), opacity, format)


def encode(values: np.ndarray, alpha: np.ndarray | None, format: Format) -> np.ndarray:
    """Undo `decode`: an array of `format` from engine values, of any height and width.

    values: float (H, W, C) with C = format.channels, in [-1, 1]; beyond it float formats get values beyond
    [0, 1] and integer formats clip. alpha: (H, W) in [0, 1]; None is opaque; unused if the format has none.
    """
    if values.ndim != 3 or values.shape[2] != format.channels:
        raise ValueError(f"values {values.shape} do not have the format's {format.channels} channels")
    color = values.astype(np.float32) * np.float32(0.5) + np.float32(0.5)
    is_float = format.dtype.kind == "f"
    color = _expand(color) if is_float else np.clip(color, 0, 1)
    if format.linear:
        color = linear_from_srgb(color)
    if format.alpha:
        opacity = np.ones(color.shape[:2], np.float32) if alpha is None else np.clip(alpha, 0, 1)
        color = np.concatenate([color, opacity[..., None].astype(np.float32)], axis=2)
    if is_float:
        limit = np.finfo(format.dtype).max
        out = np.clip(color, -limit, limit).astype(format.dtype)
    else:
        out = np.rint(color * np.float32(np.iinfo(format.dtype).max)).astype(format.dtype)
    return out[..., 0] if format.flat else out


def match_channels(values: np.ndarray, channels: int) -> np.ndarray:
    """Give (H, W, C) sRGB-encoded values another number of channels: gray is repeated, RGB becomes its luma.

    Raises InputError where there is no such conversion (anything but 1 and 3).
    """
    have = values.shape[2]
    if have == channels:
        return values
    if (have, channels) == (1, 3):
        return np.repeat(values, 3, axis=2)
    if (have, channels) == (3, 1):
        return (values @ LUMA.astype(values.dtype))[..., None]
    raise InputError(
        f"The pictures do not go together, one has {have} colour channels and the other {channels}: "
        "use pictures with the same channels."
    )


def srgb_from_linear(light: np.ndarray) -> np.ndarray:
    """sRGB-encode linear light (IEC 61966-2-1), of any shape and sign; negative light mirrors positive."""
    size = np.abs(light)
    curve = np.float32(1.055) * size ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.copysign(np.where(size <= 0.0031308, size * np.float32(12.92), curve), light)


def linear_from_srgb(encoded: np.ndarray) -> np.ndarray:
    """Undo `srgb_from_linear`. What exceeds float32 becomes infinite."""
    size = np.abs(encoded)
    with np.errstate(over="ignore"):
        curve = ((size + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.copysign(np.where(size <= 0.0031308 * 12.92, size / np.float32(12.92), curve), encoded)


def unpremultiply(array: np.ndarray) -> np.ndarray:
    """Divide colour by alpha, the last channel of (H, W, C); where alpha is 0 colour stays as it is."""
    opacity = _to_unit(array[..., -1:])
    color = array[..., :-1].astype(np.float32)
    np.divide(color, opacity, out=color, where=opacity > 0)
    return _with_alpha_of(array, color)


def premultiply(array: np.ndarray) -> np.ndarray:
    """Multiply colour by alpha, the last channel of (H, W, C)."""
    return _with_alpha_of(array, array[..., :-1].astype(np.float32) * _to_unit(array[..., -1:]))


def _with_alpha_of(array: np.ndarray, color: np.ndarray) -> np.ndarray:
    """Float colour and the last channel of the array, in the array's type."""
    if array.dtype.kind == "u":
        color = np.rint(np.clip(color, 0, np.iinfo(array.dtype).max))
    return np.concatenate([color.astype(array.dtype), array[..., -1:]], axis=2)


def _to_unit(array: np.ndarray) -> np.ndarray:
    """A float32 copy, the full range of integers as [0, 1]."""
    out = array.astype(np.float32)
    if array.dtype.kind == "u":
        out /= np.float32(np.iinfo(array.dtype).max)
    return out


def _finite_where_visible(color: np.ndarray, opacity: np.ndarray | None) -> np.ndarray:
    """The colour, 0 where it is invisible and not finite; refuses visible pixels that are not finite."""
    broken = ~np.isfinite(color).all(axis=2)
    if opacity is not None:
        broken |= ~np.isfinite(opacity)
    if not broken.any():
        return color
    visible = int((broken & (opacity != 0)).sum()) if opacity is not None else int(broken.sum())
    if visible:
        raise InputError(
            f"The picture has {visible} visible pixels that are infinite or not a number: "
            "replace them with finite values, or make them transparent, and try again."
        )
    return np.where(np.isfinite(color), color, np.float32(0))


def _compress(unit: np.ndarray) -> np.ndarray:
    """Identity on [0, 1]; beyond it the distance d becomes s log(1 + d / s), which starts with slope 1."""
    beyond = unit - np.clip(unit, 0, 1)
    if not beyond.any():
        return unit
    far = np.abs(beyond).astype(np.float64) / SHOULDER  # beyond float32 where it is near its limit
    squeezed = np.copysign(SHOULDER * np.log1p(far), beyond)
    return np.where(beyond == 0, unit, np.clip(unit, 0, 1) + squeezed).astype(np.float32)


def _expand(unit: np.ndarray) -> np.ndarray:
    """Undo `_compress`. What exceeds float32 becomes infinite."""
    beyond = unit - np.clip(unit, 0, 1)
    if not beyond.any():
        return unit
    with np.errstate(over="ignore"):
        stretched = np.copysign(SHOULDER * np.expm1(np.abs(beyond) / SHOULDER), beyond)
    return np.where(beyond == 0, unit, np.clip(unit, 0, 1) + stretched).astype(np.float32)
