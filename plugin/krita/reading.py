"""Pixels out of Krita. The artist's document is never touched."""

from __future__ import annotations

from typing import Any

from sinddm_plugin.client import Mask, Picture
from sinddm_ui.host import Box, HostError

from .nodes import box_of, canvas_of, layer_of, space_of_node
from .pixels import BYTES, ENCODED, Space, picture_from, placed

NOWHERE = (-(1 << 20), -(1 << 20))  # where only a background that goes on for ever has pixels; farther Krita fails
SCREEN = Space("RGBA", "U8", ENCODED)
LARGE_PART = 0.5  # of the canvas, above which all of it is refreshed rather than the part


def read(document: Any, layer: str, box: Box) -> Picture:
    """A layer as it is seen, but for its own opacity and visibility."""
    document.waitForDone()  # a filter that still runs, a mask that is still computed
    node, canvas = layer_of(document, layer), canvas_of(document)
    if box_of(node).empty:
        return _picture(document, b"", box._replace(width=0), box, space_of_node(document))
    endless = any(bytes(node.projectionPixelData(*NOWHERE, 1, 1)))
    part = box.within(canvas) if endless else box
    data = b"" if part.empty else bytes(node.projectionPixelData(*part))
    return _picture(document, data, part, box, space_of_node(node))


def read_below(document: Any, layer: str, box: Box) -> Picture:
    """What is seen beneath a layer, of a copy in which it and what lies above it are hidden."""
    document.waitForDone()
    layer_of(document, layer)
    canvas = canvas_of(document)
    part, data = box.within(canvas), b""
    if not part.empty:
        copy = document.clone()  # shares the pixels until they change
        try:
            copy.setBatchmode(True)
            node = layer_of(copy, layer)
            _hide_from(node)
            _refresh(copy, node.parentNode(), part, canvas)
            data = bytes(copy.pixelData(*part))
        finally:
            copy.close()
    return _picture(document, data, part, box, space_of_node(document))


def read_rows(document: Any, layer: str, count: int) -> tuple[bytes, int, int]:
    """Of a layer as it is seen about so many of its rows, in B, G, R, A of 8 bits, and their width and number. Krita's
    own thumbnails leave out what is beside the canvas."""
    node = layer_of(document, layer)
    box, space = box_of(node), space_of_node(node)
    if box.empty:
        return bytes(4), 1, 1
    every = max(1, box.height // count)
    if every == 1:
        found = [bytes(node.projectionPixelData(*box))]
    else:
        rows = range(box.y + every // 2, box.y + box.height, every)
        found = [bytes(node.projectionPixelData(box.x, y, box.width, 1)) for y in rows]
    part = Box(0, 0, box.width, box.height if every == 1 else len(found))
    data = b"".join(found)
    if space != SCREEN:
        data = _converted(document, data, part, space, SCREEN)
    if len(data) != part.width * part.height * 4:
        raise HostError("Krita did not give all of the layer's pixels: try again.")
    return data, part.width, part.height


def read_selection(document: Any, box: Box) -> Mask | None:
    """The selection; what is beside the canvas is not selected."""
    selection = document.selection()
    if selection is None:
        return None
    part = box.within(canvas_of(document))
    data = b"" if part.empty else bytes(selection.pixelData(*part))
    if len(data) != part.width * part.height:
        raise HostError("Krita did not give all of the selection: try again.")
    return Mask(placed(data, part, box, 1), box.width, box.height)


def _picture(document: Any, data: bytes, part: Box, box: Box, space: Space) -> Picture:
    """What Krita gave for a part of a box, as a picture of the whole box."""
    wanted = space.read_in(space_of_node(document))
    if data and wanted != space:
        data = _converted(document, data, part, space, wanted)
    pixel = 4 * BYTES[wanted.depth]
    if len(data) != part.width * part.height * pixel:
        raise HostError("Krita did not give all of the layer's pixels: try again.")
    return picture_from(placed(data, part, box, pixel), box, wanted)


def _converted(document: Any, data: bytes, part: Box, space: Space, wanted: Space) -> bytes:
    """Pixels in another space, as Krita converts them: on a layer of its own that is never attached."""
    sheet = document.createNode("converted", "paintlayer")
    sheet.setColorSpace(*space)
    if space_of_node(sheet) != space or len(data) != part.width * part.height * _pixel(sheet):
        raise HostError("Krita cannot convert the colours of this layer: convert the layer to RGBA.")
    sheet.setPixelData(data, 0, 0, part.width, part.height)
    sheet.setColorSpace(*wanted)
    return bytes(sheet.pixelData(0, 0, part.width, part.height))


def _hide_from(node: Any) -> None:
    """Hide a layer of a copy, and what lies above it, and above the groups that it is in."""
    node.setVisible(False)
    while (parent := node.parentNode()) is not None:
        beside = parent.childNodes()
        at = next(index for index, one in enumerate(beside) if one.uniqueId() == node.uniqueId())
        for one in beside[at + 1 :]:
            one.setVisible(False)
        node = parent


def _refresh(copy: Any, parent: Any, part: Box, canvas: Box) -> None:
    """Have Krita put a copy together anew where it matters."""
    if part.width * part.height > LARGE_PART * canvas.width * canvas.height:
        copy.refreshProjection()
    else:  # a new layer that nobody sees, as large as the part, so that only the part is put together
        touch = copy.createNode("part", "paintlayer")
        touch.setPixelData(b"\xff" * (part.width * part.height * _pixel(touch)), *part)
        touch.setOpacity(0)
        parent.addChildNode(touch, None)
    copy.waitForDone()


def _pixel(node: Any) -> int:
    """Bytes of a pixel of a paint layer."""
    return len(node.pixelData(0, 0, 1, 1))
