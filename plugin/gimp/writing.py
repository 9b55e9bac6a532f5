"""Results into GIMP: new layers, as one undo step."""

from __future__ import annotations

from typing import Any

from sinddm_ui.host import HostError, Insertion, NewLayer

from .api import Gegl, Gimp
from .encodings import encoding_of
from .layers import find
from .reading import format_name

REFUSED = "GIMP did not take the new layer: unlock the group that it goes into, then try again."
KINDS = {
    Gimp.ImageBaseType.RGB: Gimp.ImageType.RGBA_IMAGE,
    Gimp.ImageBaseType.GRAY: Gimp.ImageType.GRAYA_IMAGE,
    Gimp.ImageBaseType.INDEXED: Gimp.ImageType.INDEXEDA_IMAGE,
}


def insert(image: Any, insertion: Insertion) -> list[Any]:
    """Add new layers, from the bottom, and return them. The layers that are selected stay so. What is wrong with the
    results is raised before anything is done."""
    if not insertion.layers:
        raise HostError("There is no result to add: make some first.")
    made = [_filled(image, layer) for layer in insertion.layers]
    shown = [*insertion.show, *[True] * len(made)]
    before = image.get_selected_layers()
    above = find(image, insertion.above)
    parent = above.get_parent() if above is not None else None
    place = image.get_item_position(above) if above is not None else 0
    image.undo_group_start()
    try:
        if insertion.group:
            group = Gimp.GroupLayer.new(image, insertion.group)
            _put(image, group, parent, place)
            parent, place = group, 0
        for layer, new, visible in zip(made, insertion.layers, shown, strict=False):
            _put(image, layer, parent, place)
            layer.set_offsets(new.x, new.y)
            layer.set_visible(visible)
    finally:
        image.undo_group_end()
        if before:
            image.set_selected_layers(before)
        Gimp.displays_flush()
    return made


def _put(image: Any, layer: Any, parent: Any, place: int) -> None:
    if not image.insert_layer(layer, parent, place):
        raise HostError(REFUSED)


def _filled(image: Any, new: NewLayer) -> Any:
    """A layer with a result's pixels, which is not in the image yet."""
    picture = new.picture
    encoding = encoding_of(picture)
    kind = KINDS[image.get_base_type()]
    layer = Gimp.Layer.new(image, new.name, picture.width, picture.height, kind, 100, Gimp.LayerMode.NORMAL)
    buffer = layer.get_buffer()
    area = Gegl.Rectangle.new(0, 0, picture.width, picture.height)
    buffer.set(area, encoding if layer.is_indexed() else format_name(layer, encoding), bytes(picture.data))
    buffer.flush()
    layer.update(0, 0, picture.width, picture.height)
    return layer
