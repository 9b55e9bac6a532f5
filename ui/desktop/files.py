"""Picture files as documents, and documents as picture files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from sinddm_ui.desktop import openraster
from sinddm_ui.desktop.document import Artwork, PaintLayer
from sinddm_ui.desktop.form import ALPHA, DTYPES, Form, with_four_channels
from sinddm_ui.host import HostError

from sinddm import files
from sinddm.errors import InputError

OPENED = "*.png *.jpg *.jpeg *.webp *.tif *.tiff *.exr *.gif *.bmp *.ora"
EXPORTED = (".png", ".tif", ".tiff", ".exr", ".webp", ".jpg", ".jpeg")


def open_document(path: Path) -> Artwork:
    """A picture file, or an OpenRaster file with its layers, as a document. Raises HostError with one sentence."""
    if openraster.is_one(path):
        return openraster.read(path)
    form, array = _read(path)
    layer = PaintLayer(path.stem or path.name, array)
    return Artwork(form, array.shape[1], array.shape[0], [layer], path)


def open_layer(path: Path, form: Form) -> PaintLayer:
    """A picture file as a layer for a document of a form. Raises HostError."""
    if openraster.is_one(path):
        found = openraster.read(path)
        return PaintLayer(path.stem, form.fit(found.seen(found.canvas), linear=found.form.linear))
    found, array = _read(path)
    return PaintLayer(path.stem or path.name, form.fit(array, linear=found.linear))


def from_image(image: Image.Image, name: str) -> Artwork:
    """A picture that was pasted, as a document."""
    form, array = _as_document(files.from_pil(image), name)
    return Artwork(form, array.shape[1], array.shape[0], [PaintLayer(name, array)])


def export(document: Artwork, path: Path) -> str:
    """Write what is seen as a picture file; its depth, profile and alpha are kept where the format can hold them.

    Returns a sentence on what the format could not hold, or an empty one. Raises HostError; what was at the path is
    then still there.
    """
    form, array, told = document.form, document.seen(document.canvas), ""
    suffix = path.suffix.lower()
    if suffix == ".png" and form.dtype.kind == "f":
        target = Form(DTYPES["U16"])
        told = "PNG holds 16 bits: what is brighter than white became white. OpenEXR keeps it."
        told = told if bool((array[..., :ALPHA] > 1).any()) else ""
        array, form = target.fit(array, linear=form.linear), replace(target, gray=form.gray)
    elif suffix in (".jpg", ".jpeg", ".webp") and form.dtype != np.uint8:
        target = replace(form, dtype=DTYPES["U8"], linear=form.linear and form.dtype.kind == "u")
        array, form = target.fit(array, linear=form.linear), target
        told = "This format holds 8 bits: save as PNG or TIFF to keep all of them."
    elif suffix == ".exr" and form.dtype.kind == "u":
        target = Form(DTYPES["F32"], linear=True, gray=form.gray)
        array, form = target.fit(array, linear=form.linear), target
    try:
        files.write(path, _plain(array, form))
    except InputError as error:
        raise HostError(str(error)) from error
    except OSError as error:
        raise HostError(f"{path.name} could not be written ({error.strerror}): choose another name.") from error
    return told


def _plain(array: np.ndarray, form: Form) -> files.Picture:
    """As few channels as hold the pixels."""
    alpha = bool((array[..., ALPHA] != form.opaque).any())
    gray = form.gray and bool((array[..., :1] == array[..., 1:ALPHA]).all())
    channels = [0] if gray else [0, 1, 2]
    plain = array[..., [*channels, ALPHA] if alpha else channels]
    icc = form.icc if gray == form.gray else None
    return files.Picture(plain, form.linear, icc, alpha, chromaticities=form.chromaticities)


def _read(path: Path) -> tuple[Form, np.ndarray]:
    try:
        return _as_document(files.read(path), path.name)
    except InputError as error:
        raise HostError(str(error)) from error
    except (OSError, ValueError) as error:  # of a name that no file can have
        reason = getattr(error, "strerror", None) or "no file is called so"
        raise HostError(f"{path.name} cannot be opened ({reason}): check the name and the folder.") from error


def _as_document(picture: files.Picture, name: str) -> tuple[Form, np.ndarray]:
    """Form and pixels of a picture."""
    if picture.colors not in (1, 3):
        raise HostError(f"{name} has {picture.colors} channels of maps: save its colour as a picture of its own.")
    array = picture.array if picture.array.ndim == 3 else picture.array[..., None]
    if picture.channels in (2, 4) and not picture.has_alpha:
        array = array[..., : picture.colors]
    rgba = with_four_channels(array)
    if rgba.dtype.kind == "f" and not np.isfinite(rgba).all():
        broken = int((~np.isfinite(rgba).all(axis=2) & (rgba[..., ALPHA] != 0)).sum())
        if broken:
            raise HostError(
                f"{name} has {broken} pixels that are infinite or not a number: replace them and open it again."
            )
        rgba = np.nan_to_num(rgba, nan=0.0, posinf=0.0, neginf=0.0)
    gray = picture.colors == 1
    return Form(rgba.dtype, picture.linear, picture.icc, gray, picture.chromaticities), rgba
