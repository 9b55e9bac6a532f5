"""The images that are open in GIMP, as far as the panel has to tell them apart, and how they look."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sinddm_plugin.client import Picture
from sinddm_ui.host import HostError

from .api import Gimp

MOST = 1024  # pixels of GIMP's thumbnails


def states() -> dict[int, Hashable]:
    """What differs once an artist has worked on an image, by the images' numbers."""
    return {image.get_id(): _state(image) for image in Gimp.get_images()}


def small(seen: Any, side: int) -> Picture:
    """An image as it is seen, or a layer, as a small RGBA picture of 8 bits, its larger side at most `side`."""
    side = max(1, min(side, MOST))
    width, height = seen.get_width(), seen.get_height()
    scale = min(1.0, side / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    found = seen.get_thumbnail(*size, Gimp.PixbufTransparency.KEEP_ALPHA)
    if found is None:
        raise HostError("GIMP gave no small copy of the picture: try again.")
    if not found.get_has_alpha():
        found = found.add_alpha(False, 0, 0, 0)
    width, height, row = found.get_width(), found.get_height(), found.get_rowstride()
    data = found.get_pixels()
    rows = [data[y * row : y * row + width * 4] for y in range(height)]  # the last one is shorter than the others
    return Picture(b"".join(rows), width, height)


def _state(image: Any) -> Hashable:
    selected = tuple(layer.get_id() for layer in image.get_selected_layers())
    layers = tuple(layer.get_id() for layer in image.get_layers())
    bounds = tuple(Gimp.Selection.bounds(image))
    return selected, layers, bounds, image.is_dirty(), image.get_width(), image.get_height()
