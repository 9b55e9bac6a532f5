"""Opening and saving: every depth, damaged files, OpenRaster."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from desktop_fixtures import meadow
from PIL import Image, ImageCms
from sinddm_ui.desktop import files, openraster
from sinddm_ui.desktop.document import Artwork, PaintLayer
from sinddm_ui.desktop.form import DTYPES, Form
from sinddm_ui.host import HostError

from sinddm import files as pictures

DEPTHS = [("a.png", "uint8"), ("a.png", "uint16"), ("a.tif", "uint16"), ("a.tif", "float32"), ("a.exr", "float16")]
DEPTHS += [("a.exr", "float32"), ("a.webp", "uint8")]


def write(path: Path, array: np.ndarray, linear: bool = False, icc: bytes | None = None) -> Path:
    pictures.write(path, pictures.Picture(array, linear, icc))
    return path


@pytest.mark.parametrize(("name", "dtype"), DEPTHS)
def test_every_depth_comes_in_and_goes_out_exactly(tmp_path: Path, name: str, dtype: str) -> None:
    array = meadow(dtype=dtype)
    path = write(tmp_path / name, array, linear=dtype.startswith("f"))
    art = files.open_document(path)
    assert art.form.dtype == dtype
    assert np.array_equal(art.layers[0].pixels[..., :3], array)
    assert (art.layers[0].pixels[..., 3] == art.form.opaque).all()
    again = tmp_path / f"again-{name}"
    assert files.export(art, again) == ""
    assert np.array_equal(pictures.read(again).array, array)


@pytest.mark.parametrize(("name", "dtype"), DEPTHS)
def test_openraster_keeps_every_layer_exactly(tmp_path: Path, name: str, dtype: str) -> None:
    art = files.open_document(write(tmp_path / name, meadow(dtype=dtype), linear=dtype.startswith("f")))
    art.insert([PaintLayer("Ünïcode <&> 'x'", meadow(30, 20, 1, dtype, 4), -12, 100, group="Set of 2")])
    art.insert([PaintLayer("hidden", meadow(30, 20, 2, dtype, 4), 3, 4, False, group="Set of 2")])
    art.insert([art.blank("Shapes")])
    art.layers[0].opacity, art.layers[0].blending = 0.5, "svg:multiply"
    art.activate(art.layers[1].id)
    path = tmp_path / "Wälder 画.ora"
    openraster.write(art, path)
    found = files.open_document(path)
    assert (found.width, found.height, found.form) == (art.width, art.height, art.form)
    for new, old in zip(found.layers, art.layers, strict=True):
        assert np.array_equal(new.pixels, old.pixels)
        assert (new.name, new.x, new.y, new.visible, new.group) == (old.name, old.x, old.y, old.visible, old.group)
        assert (new.opacity, new.blending, new.painted) == (old.opacity, old.blending, old.painted)
    assert found.active == found.layers[1].id
    assert np.array_equal(found.seen(found.canvas), art.seen(art.canvas))


def test_openraster_is_as_others_read_it(tmp_path: Path) -> None:
    art = Artwork(Form(DTYPES["U16"]), 300, 200, [PaintLayer("one", meadow(200, 300, dtype="uint16", channels=4))])
    art.insert([PaintLayer("two", meadow(10, 10, 1, "uint16", 4), 5, 6)])
    openraster.write(art, tmp_path / "x.ora")
    with zipfile.ZipFile(tmp_path / "x.ora") as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        image = ElementTree.fromstring(archive.read("stack.xml"))
        assert (image.tag, image.get("w"), image.get("h")) == ("image", "300", "200")
        layers = image.findall("./stack/layer")
        assert [one.get("name") for one in layers] == ["two", "one"]
        assert [(one.get("x"), one.get("y")) for one in layers] == [("5", "6"), ("0", "0")]
        for name in [one.get("src") for one in layers]:
            assert name
            (tmp_path / "layer.png").write_bytes(archive.read(name))
            assert pictures.read(tmp_path / "layer.png").array.dtype == np.uint16
        (tmp_path / "merged.png").write_bytes(archive.read("mergedimage.png"))
        assert np.array_equal(pictures.read(tmp_path / "merged.png").array, art.seen(art.canvas))
        with archive.open("Thumbnails/thumbnail.png") as file, Image.open(file) as thumbnail:
            assert thumbnail.size == (256, 171)
    assert list(tmp_path.glob(".unfinished*")) == []


def test_openraster_of_others_is_read(tmp_path: Path) -> None:
    (tmp_path / "l.png").write_bytes(b"")
    write(tmp_path / "l.png", meadow(8, 9, channels=4))
    stack = """<?xml version='1.0'?><image w="30" h="20" name="krita">
      <stack opacity="0.5" x="2" name="root"><stack name="outer" visibility="hidden"><stack name="inner" x="1">
        <layer src="data/a.png" name="deep" x="3" y="4" opacity="0.5" composite-op="svg:screen"/></stack></stack>
        <layer src="data/a.png" y="-3"/></stack></image>"""
    with zipfile.ZipFile(tmp_path / "k.ora", "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", stack)
        archive.write(tmp_path / "l.png", "data/a.png")
    art = files.open_document(tmp_path / "k.ora")
    deep, low = art.layers
    assert (deep.name, deep.group, deep.x, deep.y, deep.visible) == ("deep", "outer / inner", 4, 4, False)
    assert (deep.blending, low.name, low.x, low.y, low.visible) == ("svg:screen", "Layer 2", 0, -3, True)
    assert np.array_equal(low.pixels, meadow(8, 9, channels=4))


def test_a_gray_picture_stays_gray_until_it_has_colour(tmp_path: Path) -> None:
    gray = meadow(channels=1, dtype="uint16")[..., 0]
    art = files.open_document(write(tmp_path / "g.png", gray))
    files.export(art, tmp_path / "again.png")
    assert np.array_equal(pictures.read(tmp_path / "again.png").array, gray)
    openraster.write(art, tmp_path / "g.ora")
    assert files.open_document(tmp_path / "g.ora").form.gray
    red = art.form.empty(4, 4)
    red[...] = art.form.color(1, 0, 0)
    art.insert([PaintLayer("red", red)])
    files.export(art, tmp_path / "again.png")
    assert pictures.read(tmp_path / "again.png").array.shape == (*gray.shape, 3)


def test_the_profile_is_kept(tmp_path: Path) -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    art = files.open_document(write(tmp_path / "p.png", meadow(), icc=icc))
    assert art.form.icc == icc
    files.export(art, tmp_path / "out.png")
    assert pictures.read(tmp_path / "out.png").icc == icc
    openraster.write(art, tmp_path / "p.ora")
    assert files.open_document(tmp_path / "p.ora").form.icc == icc


def test_transparent_pixels_keep_their_colour(tmp_path: Path) -> None:
    array = meadow(channels=4)
    array[:50, :, 3] = 0
    art = files.open_document(write(tmp_path / "t.png", array))
    assert np.array_equal(art.layers[0].pixels, array)
    assert art.layers[0].box == (0, 50, 160, 70)
    files.export(art, tmp_path / "out.png")
    assert np.array_equal(pictures.read(tmp_path / "out.png").array, array)


def test_one_pixel_is_a_picture(tmp_path: Path) -> None:
    art = files.open_document(write(tmp_path / "1.png", np.array([[[1, 2, 3]]], np.uint8)))
    openraster.write(art, tmp_path / "1.ora")
    assert files.open_document(tmp_path / "1.ora").layers[0].pixels.tolist() == [[[1, 2, 3, 255]]]


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (9, 7), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=50)
    art = files.open_document(tmp_path / "a.gif")
    assert art.layers[0].pixels[3, 3].tolist() == [255, 0, 0, 255]
    assert (art.width, art.height) == (9, 7)


def test_floats_go_to_png_in_16_bits_and_that_is_said(tmp_path: Path) -> None:
    bright = np.full((4, 4, 3), 2.0, np.float32)
    art = files.open_document(write(tmp_path / "b.exr", bright, linear=True))
    assert "white" in files.export(art, tmp_path / "b.png")
    assert (pictures.read(tmp_path / "b.png").array == 65535).all()
    openraster.write(art, tmp_path / "b.ora")
    assert (files.open_document(tmp_path / "b.ora").layers[0].pixels[..., :3] == 2.0).all()


def broken_zip(path: Path, **parts: bytes | str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("_", "."), text)


def broken_files(folder: Path) -> list[Path]:
    """Files that cannot be opened."""
    good = write(folder / "good.png", meadow())
    whole = openraster_of(folder / "good.ora")
    (folder / "cut.png").write_bytes(good.read_bytes()[:3000])
    (folder / "cut.ora").write_bytes(whole.read_bytes()[:3000])
    flipped = bytearray(whole.read_bytes())
    flipped[2000:2600] = bytes(600)
    (folder / "flipped.ora").write_bytes(flipped)
    (folder / "empty.png").write_bytes(b"")
    (folder / "empty.ora").write_bytes(b"")
    (folder / "text.png").write_text("a letter")
    (folder / "a folder.png").mkdir()
    broken_zip(folder / "other.ora", a_txt="no picture")
    broken_zip(folder / "xml.ora", stack_xml="<image w='3' h='3'><stack>")
    broken_zip(folder / "missing.ora", stack_xml='<image w="3" h="3"><stack><layer src="data/a.png"/></stack></image>')
    broken_zip(folder / "huge.ora", stack_xml='<image w="99999999" h="3"><stack/></image>')
    broken_zip(folder / "words.ora", stack_xml='<image w="many" h="3"><stack/></image>')
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><image w="3" h="3"><stack name="&b;"/></image>'
    broken_zip(folder / "bomb.ora", stack_xml=bomb)
    broken_zip(folder / "json.ora", stack_xml='<image w="3" h="3"><stack/></image>', **{"sinddm/document_json": "{"})
    about = json.dumps({"form": {"dtype": "object", "linear": 0, "gray": 0, "chromaticities": None}, "layers": []})
    broken_zip(folder / "form.ora", stack_xml='<image w="3" h="3"><stack/></image>', **{"sinddm/document_json": about})
    names = ("nothing.png", "nothing.ora", "cut.png", "cut.ora", "flipped.ora", "empty.png", "empty.ora", "text.png")
    names += ("a folder.png", "other.ora", "xml.ora", "missing.ora", "huge.ora", "words.ora", "bomb.ora", "json.ora")
    return [folder / name for name in (*names, "form.ora", "x" * 400 + ".png", "x" * 400 + ".ora")]


def openraster_of(path: Path) -> Path:
    openraster.write(Artwork(Form(), 160, 120, [PaintLayer("one", meadow(channels=4))]), path)
    return path


def test_what_cannot_be_opened_is_one_clear_sentence(tmp_path: Path) -> None:
    for path in broken_files(tmp_path):
        with pytest.raises(HostError) as caught:
            files.open_document(path)
        words = str(caught.value)
        assert path.name in words, path.name[:20]
        assert "\n" not in words
        assert words.endswith("."), words
        assert any(hint in words for hint in (": ", ", ")), words


def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = openraster_of(tmp_path / "x.ora")
    before = path.read_bytes()
    art = files.open_document(path)
    with pytest.raises(HostError, match="could not be written"):
        openraster.write(art, tmp_path / "no such folder" / "x.ora")
    art.layers[0].pixels = art.layers[0].pixels[:, :, :2]  # cannot be written as PNG of RGBA
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is
        openraster.write(art, path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["x.ora"]
