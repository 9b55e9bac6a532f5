"""GIMP's images and layers as the tasks see them. Costs no pixels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sinddm_ui.host import Box, Document, HostError, Layer

from .api import Gimp
from .encodings import format_of_precision

GONE = "The layer is gone: choose another one."
CLOSED = "The picture was closed meanwhile: open it again."
PRECISIONS = {int(value): value.value_nick for value in Gimp.Precision.__enum_values__.values()}


def open_image(id: str) -> Any:
    """An image by its number. Raises HostError if it was closed."""
    image = Gimp.Image.get_by_id(int(id))
    if image is None or not image.is_valid():
        raise HostError(CLOSED)
    return image


def layer_of(image: Any, id: str) -> Any:
    """A layer of an image by its number. Raises HostError if it is gone."""
    layer = find(image, id)
    if layer is None:
        raise HostError(GONE)
    return layer


def find(image: Any, id: str | None) -> Any:
    """A layer of an image by its number; None if it is gone."""
    layer = Gimp.Item.get_by_id(int(id)) if id else None
    mine = layer is not None and layer.is_valid() and layer.is_layer() and layer.get_image().get_id() == image.get_id()
    return layer if mine else None


def box_of(layer: Any) -> Box:
    """Where a layer is."""
    _, x, y = layer.get_offsets()
    return Box(x, y, layer.get_width(), layer.get_height())


def snapshot(image: Any) -> Document:
    """An image as it is now. Raises HostError if it is closed at this moment."""
    precision = PRECISIONS.get(int(image.get_precision()))  # not its nick: where the image is gone that ends Python
    if precision is None:
        raise HostError(CLOSED)
    chosen = [str(layer.get_id()) for layer in image.get_selected_layers()]
    return Document(
        id=str(image.get_id()),
        key=_key(image),
        name=image.get_name(),
        width=image.get_width(),
        height=image.get_height(),
        format=format_of_precision(precision, _is_gray(image)),
        layers=tuple(_described(layer) for layer in all_layers(image.get_layers())),
        active=chosen[0] if chosen else None,
        selected=tuple(chosen),
        selection=selected_box(image),
    )


def all_layers(layers: Any) -> Iterator[Any]:
    """Layers and what is in them, from the top."""
    for layer in layers:
        yield layer
        if layer.is_group():
            yield from all_layers(layer.get_children())


def selected_box(image: Any) -> Box | None:
    """Around what is selected; None if nothing is."""
    _, any_selected, left, top, right, bottom = Gimp.Selection.bounds(image)
    return Box(left, top, right - left, bottom - top) if any_selected else None


def _described(layer: Any) -> Layer:
    box = box_of(layer)
    if layer.is_group() and not layer.get_children():
        box = box._replace(width=0, height=0)  # GIMP says that it is one pixel large
    kind = "group" if layer.is_group() else "vector" if layer.is_text_layer() else "paint"
    return Layer(str(layer.get_id()), layer.get_name(), box, layer.get_visible(), kind)


def _key(image: Any) -> str:
    file = image.get_xcf_file() or image.get_imported_file() or image.get_exported_file()
    return (file.get_path() or file.get_uri()) if file else ""


def _is_gray(image: Any) -> bool:
    return image.get_base_type() == Gimp.ImageBaseType.GRAY
