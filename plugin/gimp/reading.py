"""Pixels out of GIMP, in the image's own numbers and colour space. The artist's image is never touched: what has to be
changed to be read is changed in a copy, which shares its pixels with the image and takes a millisecond or two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sinddm_plugin.client import Mask, Picture
from sinddm_plugin.client.pictures import CHANNELS
from sinddm_ui.host import Box, HostError

from .api import Babl, Gegl, Gimp
from .encodings import BYTES, PALETTE, format_of, is_empty, readable
from .layers import all_layers, box_of

INCOMPLETE = "GIMP did not give all of the layer's pixels: try again."


def read(image: Any, layer: Any, box: Box) -> Picture:
    """A layer as it is seen, but for its own opacity and visibility. Raises HostError for one with nothing on it."""
    own = box_of(layer)
    if _is_plain(layer):
        picture = _picture(layer, box, own)
    else:
        with _copied(image, layer) as (copy, twin):
            copy.resize(own.width, own.height, -own.x, -own.y)
            _show_alone(twin)
            picture = _picture(_visible(copy), box, own)
    if is_empty(picture):
        if own.within(box) == own:
            raise HostError(f"The layer {layer.get_name()} is empty: choose one with something on it.")
        read(image, layer, own)  # raises the same if there is nothing beside the box either
    return picture


def read_below(image: Any, layer: Any, box: Box) -> Picture:
    """What is seen in a box without a layer and all that lies above it."""
    with _copied(image, layer) as (copy, twin):
        _hide_from(twin)
        return _picture(_visible(copy), box, Box(0, 0, image.get_width(), image.get_height()))


def read_selection(image: Any, box: Box) -> Mask | None:
    """The selection in a box; None if nothing is selected."""
    if Gimp.Selection.is_empty(image):
        return None
    data = _bytes(image.get_selection(), box, "Y u8")  # with Y' the soft edges would be others
    if len(data) != box.width * box.height:
        raise HostError("GIMP did not give all of the selection: try again.")
    return Mask(data, box.width, box.height)


def format_name(layer: Any, encoding: str) -> str:
    """The name by which GEGL knows an encoding in a layer's own colour space: without it, it would mean sRGB."""
    if layer.is_indexed():
        return PALETTE
    return Babl.get_name(Babl.format_with_space(encoding, layer.get_format()))


def _picture(drawable: Any, box: Box, own: Box) -> Picture:
    """What lies in a box. own: where the drawable lies."""
    encoding = PALETTE if drawable.is_indexed() else readable(Babl.format_get_encoding(drawable.get_format()))
    kind = format_of(encoding)
    if box != own and kind.layout in ("rgb", "gray"):  # what is beside the layer is transparent, not black
        encoding = encoding.replace(" ", "A ", 1)
        kind = format_of(encoding)
    data = _bytes(drawable, box._replace(x=box.x - own.x, y=box.y - own.y), format_name(drawable, encoding))
    picture = Picture(data, box.width, box.height, kind.layout, kind.dtype, kind.linear)
    if box.empty or len(data) != box.width * box.height * CHANNELS[kind.layout] * BYTES[kind.dtype]:
        raise HostError(INCOMPLETE)
    return picture


def _bytes(drawable: Any, box: Box, name: str) -> bytes:
    """A box of a drawable's own pixels; zeros outside of it."""
    return drawable.get_buffer().get(Gegl.Rectangle.new(*box), 1.0, name, Gegl.AbyssPolicy.NONE)


def _is_plain(layer: Any) -> bool:
    """Whether its own pixels are what is seen of it."""
    masked = layer.get_mask() is not None and layer.get_apply_mask()
    return not masked and not layer.get_filters()


@contextmanager
def _copied(image: Any, layer: Any) -> Iterator[tuple[Any, Any]]:
    """A copy of an image, and in it the copy of a layer."""
    place = [one.get_id() for one in all_layers(image.get_layers())].index(layer.get_id())
    copy = image.duplicate()
    try:
        yield copy, list(all_layers(copy.get_layers()))[place]
    finally:
        copy.delete()


def _visible(image: Any) -> Any:
    """What is seen of an image, as a layer that is not in it."""
    return Gimp.Layer.new_from_visible(image, image, "seen")


def _show_alone(layer: Any) -> None:
    """Have nothing be seen but a layer, wholly: of what it is in, nothing counts."""
    image = layer.get_image()
    node, inner = layer, True
    while node is not None:
        parent = node.get_parent()
        for beside in parent.get_children() if parent is not None else image.get_layers():
            beside.set_visible(beside.get_id() == node.get_id())
        node.set_opacity(100)
        node.set_mode(Gimp.LayerMode.NORMAL)
        if not inner:
            for one in node.get_filters():
                one.set_visible(False)
            if node.get_mask() is not None:
                node.set_apply_mask(False)
        node, inner = parent, False


def _hide_from(layer: Any) -> None:
    """Hide a layer, what lies above it, and what lies above the groups that it is in."""
    layer.set_visible(False)
    image, node = layer.get_image(), layer
    while node is not None:
        parent = node.get_parent()
        for beside in parent.get_children() if parent is not None else image.get_layers():
            if beside.get_id() == node.get_id():
                break
            beside.set_visible(False)
        node = parent
