"""OpenRaster files: a zip of layers as PNG with stack.xml, as Krita, GIMP and MyPaint read and write them.

https://www.openraster.org/baseline/file-layout-spec.html. What it cannot hold lies beside it in the zip, under sinddm/,
where other programs pass it by: floats in full, and what this window knows of layers.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
from PIL import Image
from safetensors import SafetensorError
from safetensors import numpy as tensors
from sinddm_ui.desktop import shown
from sinddm_ui.desktop.document import Artwork, PaintLayer
from sinddm_ui.desktop.form import DTYPES, Form
from sinddm_ui.host import HostError

from sinddm import files
from sinddm.atomic import write_whole
from sinddm.errors import InputError

SUFFIX = ".ora"
MIME = "image/openraster"
OWN = "sinddm/document.json"
NORMAL = "svg:src-over"
LONGEST = 32768  # pixels of a side
MOST_PIXELS = 178_000_000  # of a layer, as for other pictures
MOST_XML = 16 << 20
THUMBNAIL = 256


def is_one(path: Path) -> bool:
    """Whether a file looks like OpenRaster, by its content, or by its name where it has none that can be read."""
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError:
        return False  # the reader of pictures says why
    return start.startswith(b"PK") or path.suffix.lower() == SUFFIX


# Writing


def write(document: Artwork, path: Path) -> None:
    """Save a document with its layers. The file appears complete or not at all. Raises HostError."""
    try:
        with tempfile.TemporaryDirectory(prefix="sinddm-") as folder:
            write_whole(path, lambda unfinished: _write(document, unfinished, Path(folder)))
    except InputError as error:
        raise HostError(str(error)) from error
    except OSError as error:
        raise HostError(f"{path.name} could not be written ({error.strerror}): choose another name.") from error


def _write(document: Artwork, path: Path, folder: Path) -> None:
    form = document.form
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), MIME, zipfile.ZIP_STORED)  # first, so that it can be recognized
        own: list[dict[str, Any]] = []
        for i, layer in enumerate(document.layers):
            archive.writestr(_stored(f"data/layer{i}.png"), _png(layer.pixels, form, folder))
            about: dict[str, Any] = {"source": f"data/layer{i}.png", "painted": layer.painted}
            if not _held(form):
                about["exact"] = f"sinddm/layer{i}.safetensors"
                archive.writestr(about["exact"], tensors.save({"pixels": np.ascontiguousarray(layer.pixels)}))
            own.append(about)
        archive.writestr("stack.xml", _stack(document))
        merged = document.seen(document.canvas)
        archive.writestr(_stored("mergedimage.png"), _png(merged, form, folder))
        archive.writestr(_stored("Thumbnails/thumbnail.png"), _thumbnail(document, merged, folder))
        archive.writestr(OWN, json.dumps({"form": _described(form), "layers": own}))
        if form.icc:
            archive.writestr("sinddm/profile.icc", form.icc)


def _stored(name: str) -> zipfile.ZipInfo:
    """PNG is compressed already."""
    return zipfile.ZipInfo(name)


def _stack(document: Artwork) -> bytes:
    """stack.xml: layers from the top; a run of layers of one set is a stack in the stack."""
    size = {"w": str(document.width), "h": str(document.height)}
    image = Element("image", {"version": "0.0.5", **size})
    root = ElementTree.SubElement(image, "stack", {"name": "root"})
    into, group = root, ""
    for i, layer in enumerate(document.layers):
        if layer.group != group:
            group = layer.group
            into = ElementTree.SubElement(root, "stack", {"name": _clean(group)}) if group else root
        about = {
            "name": _clean(layer.name),
            "src": f"data/layer{i}.png",
            "x": str(layer.x),
            "y": str(layer.y),
            "opacity": f"{layer.opacity:.6g}",
            "visibility": "visible" if layer.visible else "hidden",
            "composite-op": layer.blending,
        }
        if layer.id == document.active:
            about["selected"] = "true"
        ElementTree.SubElement(into, "layer", about)
    ElementTree.indent(image)
    return ElementTree.tostring(image, "utf-8", xml_declaration=True)


def _clean(name: str) -> str:
    """Without characters that XML has no way to write."""
    name = name.encode("utf-8", "replace").decode()
    return "".join(c for c in name if c.isprintable() or c == " ")


def _png(array: np.ndarray, form: Form, folder: Path) -> bytes:
    """Pixels as PNG: of 8 bits, or 16 where they have more."""
    if array.size == 0:
        array = np.zeros((1, 1, 4), form.dtype)  # PNG has at least one pixel
    if not _held(form):
        target = Form(form.dtype if form.dtype.kind == "u" else DTYPES["U16"])
        array, form = target.fit(array, linear=form.linear), target
    path = folder / "layer.png"
    files.write(path, files.Picture(array, form.linear, form.profile, alpha=True))
    return path.read_bytes()


def _held(form: Form) -> bool:
    """Whether PNG holds the pixels as they are."""
    return form.dtype.kind == "u" and (not form.linear or form.profile is not None)


def _thumbnail(document: Artwork, merged: np.ndarray, folder: Path) -> bytes:
    small = shown.small(merged, document.form, THUMBNAIL)
    path = folder / "thumbnail.png"
    Image.fromarray(small, "RGBA").save(path)
    return path.read_bytes()


def _described(form: Form) -> dict[str, Any]:
    return {
        "dtype": form.dtype.name,
        "linear": form.linear,
        "gray": form.gray,
        "chromaticities": form.chromaticities,
    }


# Reading


def read(path: Path) -> Artwork:
    """Open a file with its layers. Raises HostError with one sentence."""
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="sinddm-") as folder:
            return _Reader(archive, path, Path(folder)).document()
    except (HostError, MemoryError) as error:
        raise HostError(str(error) or f"{path.name} does not fit into memory: make it smaller.") from error
    except OSError as error:
        reason = error.strerror or "it is damaged"
        raise HostError(f"{path.name} cannot be opened ({reason}): check the file and your rights to it.") from error
    except (InputError, ValueError, KeyError, zipfile.BadZipFile, zlib.error, SafetensorError, NotImplementedError,
            RuntimeError, EOFError, ElementTree.ParseError) as error:  # fmt: skip
        raise HostError(
            f"{path.name} cannot be read as OpenRaster: it is damaged or of another kind, save it again."
        ) from error


@dataclass(frozen=True)
class _Around:
    """What the stacks around a layer make of it."""

    group: str = ""
    x: int = 0
    y: int = 0
    opacity: float = 1.0
    visible: bool = True


class _Reader:
    def __init__(self, archive: zipfile.ZipFile, path: Path, folder: Path):
        self.archive, self.path, self.folder = archive, path, folder
        self.own = self._own()
        self.form: Form | None = self.own[0]
        self.found: list[tuple[PaintLayer, files.Picture | None]] = []
        self.active: str | None = None

    def document(self) -> Artwork:
        image = self._image()
        width, height = int(image.get("w", "")), int(image.get("h", ""))
        if not (0 < width <= LONGEST and 0 < height <= LONGEST and width * height <= MOST_PIXELS):
            raise HostError(f"{self.path.name} is {width} x {height} pixels large, more than this window can open.")
        stack = image.find("stack")
        if stack is None:
            raise ValueError("no stack")
        self._stack(stack, _Around())
        form = self.form or self._common_form()
        for layer, picture in self.found:
            if picture is not None:
                array = picture.array if picture.array.ndim == 3 else picture.array[..., None]
                layer.pixels = form.fit(array, linear=picture.linear)
        document = Artwork(form, width, height, [layer for layer, _ in self.found], self.path)
        if self.active:
            document.active = self.active
        return document

    def _own(self) -> tuple[Form | None, dict[str, dict[str, Any]]]:
        """What this window wrote beside the layers: the form, and for each layer's file what is known of it."""
        if OWN not in self.archive.namelist():
            return None, {}
        about = json.loads(self._bytes(OWN, MOST_XML))
        said = about["form"]
        named = {dtype.name: dtype for dtype in DTYPES.values()}
        icc = self._bytes("sinddm/profile.icc", MOST_XML) if "sinddm/profile.icc" in self.archive.namelist() else None
        chromaticities = tuple(float(n) for n in said["chromaticities"]) if said["chromaticities"] else None
        form = Form(named[said["dtype"]], bool(said["linear"]), icc, bool(said["gray"]), chromaticities)
        return form, {one["source"]: one for one in about["layers"]}

    def _image(self) -> Element:
        text = self._bytes("stack.xml", MOST_XML)
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise ValueError("entities")  # OpenRaster has none, and some are made to fill the memory
        return ElementTree.fromstring(text)

    def _stack(self, stack: Element, around: _Around) -> None:
        for one in stack:
            if one.tag == "stack":
                name = " / ".join(filter(None, (around.group, one.get("name", ""))))
                self._stack(one, replace(_place(one, around), group=name))
            elif one.tag == "layer":
                self._layer(one, _place(one, around))

    def _layer(self, element: Element, place: _Around) -> None:
        source = element.get("src", "")
        name = element.get("name") or f"Layer {len(self.found) + 1}"
        known = self.own[1].get(source, {})
        blending = element.get("composite-op", NORMAL)
        empty = np.zeros((0, 0, 4), np.uint8)
        layer = PaintLayer(name, empty, place.x, place.y, place.visible, place.opacity, blending, place.group)
        layer.painted = bool(known.get("painted"))
        picture = None
        if "exact" in known and self.form is not None:
            layer.pixels = self._exact(known["exact"], self.form)
        else:
            picture = self._png(source)
        self.found.append((layer, picture))
        if element.get("selected") == "true":
            self.active = layer.id

    def _exact(self, name: str, form: Form) -> np.ndarray:
        array = tensors.load(self._bytes(name, MOST_PIXELS * 16))["pixels"]
        if array.ndim != 3 or array.shape[2] != 4 or array.dtype != form.dtype:
            raise ValueError("not pixels")
        return array.copy()

    def _png(self, name: str) -> files.Picture:
        path = self.folder / "layer.png"
        path.write_bytes(self._bytes(name, MOST_PIXELS * 8))
        return files.read(path)

    def _bytes(self, name: str, most: int) -> bytes:
        if self.archive.getinfo(name).file_size > most:
            raise ValueError("too large")
        return self.archive.read(name)

    def _common_form(self) -> Form:
        """For layers of several depths the deepest, with the profile of the lowest layer."""
        pictures = [picture for _, picture in self.found if picture is not None]
        deep = any(picture.array.dtype == np.uint16 for picture in pictures)
        colored = [picture for picture in pictures if picture.colors == 3]
        lowest = colored[-1] if colored else None
        gray = bool(pictures) and not colored
        dtype = DTYPES["U16" if deep else "U8"]
        return Form(dtype, lowest.linear, lowest.icc) if lowest else Form(dtype, gray=gray)


def _place(element: Element, around: _Around) -> _Around:
    """Where an element is, and how it is seen, in what is around it."""
    opacity = float(element.get("opacity", "1"))
    return replace(
        around,
        x=around.x + round(float(element.get("x", "0"))),
        y=around.y + round(float(element.get("y", "0"))),
        opacity=around.opacity * min(1.0, max(0.0, opacity)),
        visible=around.visible and element.get("visibility", "visible") != "hidden",
    )
