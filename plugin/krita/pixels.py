"""Between Krita's bytes and pictures. Needs no Krita.

Krita's RGBA is B, G, R, A in integers and R, G, B, A in floats, with straight alpha.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sinddm_plugin.client import Format, Picture
from sinddm_plugin.client.pictures import CHANNELS, PLAIN
from sinddm_ui.host import Box, HostError

BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}
ONES = {"U8": 0xFF, "U16": 0xFFFF, "F16": 0x3C00, "F32": 0x3F800000}  # white, and opaque
ENCODED = "sRGB-elle-V2-srgbtrc.icc"
LINEAR = "sRGB-elle-V2-g10.icc"
LINEAR_NAMES = re.compile(r"g10\b|linear|scrgb|gamma\s*=?\s*1\.0", re.IGNORECASE)


class Space(NamedTuple):
    """A colour model, depth and profile, as Krita names them."""

    model: str
    depth: str
    profile: str

    @property
    def linear(self) -> bool:
        """Whether its numbers are linear light."""
        return bool(LINEAR_NAMES.search(self.profile))

    @property
    def format(self) -> Format:
        """What pictures in it are; it is RGBA."""
        return Format(self.depth, layout_of(self.depth), self.linear)  # pyright: ignore[reportArgumentType]

    def working(self) -> Space:
        """Itself if it is RGBA, otherwise what its colours become, as deep as they are."""
        if self.model == "RGBA" and self.depth in BYTES:
            return self
        if self.depth.startswith("F"):
            return Space("RGBA", "F32", LINEAR)
        return Space("RGBA", "U8" if self.depth == "U8" else "U16", ENCODED)

    def read_in(self, document: Space) -> Space:
        """What a layer of it is read as, in a document of the other: itself wherever its colours mean the same."""
        work = document.working()
        own = self.working()
        if own.profile == work.profile or (_srgb(own) and _srgb(work)):
            return own
        return own._replace(profile=work.profile)


def layout_of(depth: str) -> str:
    """The order of RGBA's channels."""
    return "rgba" if depth.startswith("F") else "bgra"


def space_of(picture: Picture, document: Space) -> Space:
    """The space of a result: the document's, or sRGB where it has been made encoded for a linear one, or reverse."""
    work = document.working()
    profile = work.profile if picture.linear == work.linear else (LINEAR if picture.linear else ENCODED)
    return Space("RGBA", picture.depth, profile)


def picture_from(data: bytes, box: Box, space: Space) -> Picture:
    """What Krita gave for a box, as a picture. Raises HostError if it is not all there."""
    if len(data) != box.width * box.height * 4 * BYTES[space.depth]:
        raise HostError("Krita did not give all of the layer's pixels: try again.")
    return Picture(data, box.width, box.height, layout_of(space.depth), space.depth, space.linear)


def data_of(picture: Picture) -> bytes | bytearray | memoryview:
    """A picture's pixels in Krita's order, with alpha. Raises HostError for one that Krita cannot hold."""
    count, found = picture.channels, memoryview(picture.data).cast("B")
    if picture.depth not in BYTES or count not in PLAIN:
        raise HostError("This result has no colours that a layer can hold: choose another format.")
    pixels = picture.width * picture.height
    if found.nbytes != pixels * count * BYTES[picture.depth]:
        raise HostError("This result is not complete: make it again.")
    layout = picture.layout if picture.layout in CHANNELS else PLAIN[count]
    wanted = layout_of(picture.depth)
    if layout == wanted:
        return found
    deep, source = BYTES[picture.depth], bytes(found)
    filled = bytearray(pixels * 4 * deep)
    names = {"gray": "g", "graya": "ga"}.get(layout, layout)
    one = ONES[picture.depth].to_bytes(deep, "little")
    for at, name in enumerate(wanted):
        held = "g" if name != "a" and "r" not in names else name
        for byte in range(deep):  # of a number; slices of bytes are moved many times faster than those of numbers
            if held in names:
                moved = source[names.index(held) * deep + byte :: count * deep]
            else:
                moved = one[byte : byte + 1] * pixels
            filled[at * deep + byte :: 4 * deep] = moved
    return filled


def placed(data: bytes, part: Box, whole: Box, pixel: int) -> bytes:
    """The rows of a part at their place in a larger box, zero around. pixel: bytes of a pixel."""
    if part == whole:
        return data
    filled = bytearray(whole.width * whole.height * pixel)
    row, step = part.width * pixel, whole.width * pixel
    at = (part.y - whole.y) * step + (part.x - whole.x) * pixel
    for y in range(part.height):
        filled[at + y * step : at + y * step + row] = data[y * row : (y + 1) * row]
    return bytes(filled)


def _srgb(space: Space) -> bool:
    return space.profile in {ENCODED, LINEAR}
