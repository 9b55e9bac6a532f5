"""Between babl's names of pixels and pictures. Needs no gi.

An encoding is a model and a type: R'G'B'A u8. Primes and tildes mark encoded colour, without them it is linear light.
"""

from __future__ import annotations

from sinddm_plugin.client import Format, Picture
from sinddm_plugin.client.pictures import CHANNELS, PLAIN
from sinddm_ui.host import HostError

LAYOUTS = {"RGBA": "rgba", "RGB": "rgb", "YA": "graya", "Y": "gray"}
MODELS = {"rgba": "R'G'B'A", "rgb": "R'G'B'", "graya": "Y'A", "gray": "Y'"}
TYPES = {"U8": "u8", "U16": "u16", "F16": "half", "F32": "float"}
DEPTHS = {name: depth for depth, name in TYPES.items()}
BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}
PALETTE = "R'G'B'A u8"  # what the colours of a palette are


def readable(encoding: str) -> str:
    """What pixels of an encoding are read as: the same numbers, or the nearest that the backend knows."""
    model, _, kind = encoding.rpartition(" ")
    if _plain(model) not in LAYOUTS:
        return PALETTE
    return f"{model} {kind if kind in DEPTHS else 'float'}"


def format_of(encoding: str) -> Format:
    """What pictures in a readable encoding are."""
    model, _, kind = encoding.rpartition(" ")
    return Format(DEPTHS[kind], LAYOUTS[_plain(model)], model == _plain(model))  # pyright: ignore[reportArgumentType]


def format_of_precision(precision: str, gray: bool) -> Format:
    """What results are to be in an image of this precision, such as u16-non-linear: with alpha, and as deep."""
    kind, _, transfer = precision.partition("-")
    layout = "graya" if gray else "rgba"
    return Format(DEPTHS.get(kind, "F32"), layout, transfer == "linear")  # pyright: ignore[reportArgumentType]


def encoding_of(picture: Picture) -> str:
    """The encoding of a result. Raises HostError for one that no layer can hold, or that is not complete."""
    layout = picture.layout if picture.layout in CHANNELS else PLAIN.get(picture.channels, "")
    if layout not in MODELS or picture.depth not in TYPES:
        raise HostError("This result has no colours that a layer can hold: choose another format.")
    wanted = picture.width * picture.height * CHANNELS[layout] * BYTES[picture.depth]
    if memoryview(picture.data).nbytes != wanted:  # GIMP would write nothing, and say nothing
        raise HostError("This result is not complete: make it again.")
    model = _plain(MODELS[layout]) if picture.linear else MODELS[layout]
    return f"{model} {TYPES[picture.depth]}"


def is_empty(picture: Picture) -> bool:
    """Whether nothing is on it."""
    if picture.layout not in ("rgba", "graya"):
        return False
    data, deep = memoryview(picture.data).cast("B"), BYTES[picture.depth]
    step = CHANNELS[picture.layout] * deep
    return not any(any(data[step - at :: step].tobytes()) for at in range(1, deep + 1))


def _plain(model: str) -> str:
    """Without the marks of encoded colour."""
    return model.replace("'", "").replace("~", "")
