"""OpenEXR files as arrays: linear light, half or float, any set of named channels."""

from pathlib import Path

import numpy as np
import OpenEXR

from sinddm.errors import InputError


def size(path: Path) -> tuple[int, int]:
    """(height, width) of the first part's data, from the header alone."""
    with OpenEXR.File(str(path), separate_channels=True, header_only=True) as file:
        (left, top), (right, bottom) = file.header()["dataWindow"]
        return int(bottom - top + 1), int(right - left + 1)


def read(path: Path) -> tuple[np.ndarray, tuple[str, ...], tuple[float, ...] | None]:
    """The first part: (H, W, C) of float16 or float32, the names of its channels, and its chromaticities.

    R, G, B (or X, Y, Z) come first, then other channels by name, then those of each layer, "A" last.
    Colour is multiplied by alpha, as OpenEXR has it.
    Raises InputError for subsampled channels and channels of integers.
    """
    with OpenEXR.File(str(path), separate_channels=True) as file:
        channels, header = file.channels(), file.header()
        order = tuple(sorted(channels, key=_place))
        if any(channel.xSampling != 1 or channel.ySampling != 1 for channel in channels.values()):
            raise InputError(f"{path} stores some channels at a lower resolution: save it as RGB.")
        layers = [channels[name].pixels for name in order]
        integers = [name for name, layer in zip(order, layers, strict=True) if layer.dtype.kind != "f"]
        if integers:
            raise InputError(f"{path} has a channel of integers, {integers[0]}, which is no colour: remove it.")
        return np.stack(layers, axis=2), order, header.get("chromaticities")


def write(path: Path, array: np.ndarray, names: tuple[str, ...], chromaticities: tuple[float, ...] | None) -> None:
    """Write (H, W, C) of float16 or float32, colour multiplied by alpha, losslessly compressed."""
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    if chromaticities:
        header["chromaticities"] = chromaticities
    channels = {name: np.ascontiguousarray(array[..., i]) for i, name in enumerate(names)}
    OpenEXR.File(header, channels).write(str(path))


def names(colors: int, has_alpha: bool) -> tuple[str, ...]:
    """The usual channel names: Y for gray, R G B for three, numbered maps for other numbers; A for alpha."""
    usual = {1: ("Y",), 3: ("R", "G", "B")}.get(colors, tuple(f"map{i:03d}" for i in range(1, colors + 1)))
    return usual + ("A",) * has_alpha


def _place(name: str) -> tuple:
    """Sorts channel names: the main layer first, colours before other channels, alpha after them."""
    layer, _, base = name.rpartition(".")
    return (
        name == "A",
        layer,
        base == "A",
        "RGBXYZ".find(base) if len(base) == 1 and base in "RGBXYZ" else 6,
        base,
    )
