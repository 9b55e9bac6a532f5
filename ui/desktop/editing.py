"""Changes of a document that the menus ask for."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from sinddm_ui.desktop.boxes import cut
from sinddm_ui.desktop.document import Artwork, PaintLayer
from sinddm_ui.desktop.form import ALPHA, Form

SOFTER = 4.0  # pixels, the standard deviation of the blur of a selection


def select_all(art: Artwork) -> None:
    """Select the whole canvas."""
    art.select(np.full((art.height, art.width), 255, np.uint8), "select all")


def select_inverse(art: Artwork) -> None:
    """Select what is not selected."""
    if art.selection is None:
        select_all(art)
    else:
        art.select(255 - art.selection, "invert selection")


def select_layer(art: Artwork) -> None:
    """Select what the active layer covers."""
    layer = art.layer(art.active)
    if layer is not None:
        alpha = cut(layer.pixels, layer.place, art.canvas)[..., ALPHA].astype(np.float32) / art.form.opaque
        art.select(np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8), "select layer")


def soften_selection(art: Artwork) -> None:
    """Have the selection fade at its edges."""
    if art.selection is not None:
        soft = gaussian_filter(art.selection.astype(np.float32), SOFTER, mode="nearest")
        art.select(np.rint(soft).astype(np.uint8), "soften selection")


def clear_selected(art: Artwork) -> None:
    """Make the active layer transparent where it is selected."""
    layer = art.layer(art.active)
    if layer is not None and art.selection is not None:
        pixels = layer.pixels.copy()
        keep = 1 - cut(art.selection, art.canvas, layer.place).astype(np.float32) / 255
        pixels[..., ALPHA] = _as(pixels[..., ALPHA].astype(np.float32) * keep, art.form)
        art.replace(layer.id, pixels, layer.x, layer.y, "clear")


def copied(art: Artwork) -> np.ndarray | None:
    """What of the active layer is selected, or all of it; None where that is nothing."""
    layer = art.layer(art.active)
    if layer is None:
        return None
    box = layer.box if art.selected is None else art.selected.within(layer.box)
    if box.empty:
        return None
    pixels, mask = cut(layer.pixels, layer.place, box), art.selection_in(box)
    if mask is not None:
        pixels[..., ALPHA] = _as(pixels[..., ALPHA].astype(np.float32) * (mask / np.float32(255)), art.form)
    return pixels


def pasted(art: Artwork, layer: PaintLayer, middle: tuple[int, int]) -> None:
    """Put a layer in above the active one, around a point of the canvas if it is smaller than that, else in its
    middle."""
    width, height = layer.place.width, layer.place.height
    x = middle[0] if width < art.width else art.width // 2
    y = middle[1] if height < art.height else art.height // 2
    layer.x = min(max(x - width // 2, min(0, art.width - width)), max(0, art.width - width))
    layer.y = min(max(y - height // 2, min(0, art.height - height)), max(0, art.height - height))
    art.insert([layer], art.active, "paste")


def scale(art: Artwork, factor: float) -> None:
    """Make the active layer larger or smaller around its middle."""
    layer = art.layer(art.active)
    if layer is None or layer.box.empty or factor == 1:
        return
    box = layer.box
    width, height = max(1, round(box.width * factor)), max(1, round(box.height * factor))
    pixels = resampled(cut(layer.pixels, layer.place, box), width, height, art.form)
    x, y = box.x + (box.width - width) // 2, box.y + (box.height - height) // 2
    art.replace(layer.id, pixels, x, y, "scale layer")


def resampled(pixels: np.ndarray, width: int, height: int, form: Form) -> np.ndarray:
    """Pixels at another size; what is transparent lends no colour."""
    values = pixels.astype(np.float32) / form.opaque
    values[..., :ALPHA] *= values[..., ALPHA:]
    size, kind = (width, height), Image.Resampling.LANCZOS
    planes = [np.asarray(Image.fromarray(values[..., i].copy()).resize(size, kind)) for i in range(4)]
    out = np.stack(planes, axis=2)
    alpha = np.clip(out[..., ALPHA:], 0, 1)
    color = np.divide(out[..., :ALPHA], alpha, out=np.zeros_like(out[..., :ALPHA]), where=alpha > 1e-4)
    return _as(np.concatenate([color, alpha], axis=2) * form.opaque, form)


def _as(values: np.ndarray, form: Form) -> np.ndarray:
    if form.dtype.kind == "f":
        return values.astype(form.dtype)
    return np.rint(np.clip(values, 0, form.opaque)).astype(form.dtype)
