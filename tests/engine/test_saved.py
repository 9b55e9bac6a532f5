"""Textures in files: what is saved comes back to the bit; what is damaged is refused in one sentence."""

import json
import os
import pickle
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from sinddm import InputError, Texture, files, saved
from sinddm.about import read_about

Tensors = dict[str, Tensor]


def deep(picture: np.ndarray) -> np.ndarray:
    """The picture with 16 bits, all of them used."""
    fine = np.random.default_rng(1).integers(0, 257, picture.shape, np.uint16)
    return picture.astype(np.uint16) * 255 + fine


def light(picture: np.ndarray) -> np.ndarray:
    """The picture as floats, with a lamp in it."""
    values = picture.astype(np.float32) / 255
    values[20:24, 30:34] = 6.0
    return values


def faded(picture: np.ndarray) -> np.ndarray:
    """The picture with alpha that falls from opaque to transparent."""
    alpha = np.linspace(2, -0.5, picture.shape[1]).clip(0, 1)
    top = 1 if picture.dtype.kind == "f" else np.iinfo(picture.dtype).max
    return np.dstack([picture, (alpha * top).astype(picture.dtype) * np.ones(picture.shape[:2], picture.dtype)])


def left(picture: np.ndarray) -> np.ndarray:
    """A mask of the left half."""
    return np.arange(picture.shape[1]) < np.full((picture.shape[0], 1), picture.shape[1] // 2)


PICTURES: dict[str, Callable[[np.ndarray], list[np.ndarray]]] = {
    "8 bits": lambda p: [p],
    "16 bits": lambda p: [deep(p)],
    "float": lambda p: [light(p)],
    "half float": lambda p: [light(p).astype(np.float16)],
    "gray": lambda p: [p[..., 1]],
    "gray with an axis": lambda p: [p[..., 1:2]],
    "gray with alpha": lambda p: [faded(deep(p)[..., 1])],
    "colour with alpha": lambda p: [faded(p)],
    "float with alpha": lambda p: [faded(light(p))],
    "five maps": lambda p: [np.dstack([p, p[::-1, :, :2]])],
    "the limits of float": lambda p: [np.where(light(p) > 5, np.finfo(np.float32).max, light(p))],
    "tiny": lambda p: [p[:9, :12]],
    "several": lambda p: [p, p[:40, :50, ::-1], p[..., 0]],
}


@pytest.fixture
def path(folder) -> Path:
    return folder / "Moos & Flechten, Stück 2.safetensors"


@pytest.fixture(scope="session")
def whole(texture, tmp_path_factory) -> bytes:
    """The file of a texture without a network."""
    path = tmp_path_factory.mktemp("whole") / "a.safetensors"
    texture.save(path)
    return path.read_bytes()


@pytest.fixture(scope="session")
def whole_network(trained, tmp_path_factory) -> bytes:
    """The file of a texture with a network."""
    path = tmp_path_factory.mktemp("whole") / "a.safetensors"
    trained.save(path)
    return path.read_bytes()


def contents(path: Path) -> tuple[Tensors, dict]:
    with safe_open(str(path), framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["about"])  # noqa: SIM118


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and np.array_equal(one, other)


def refusal(path: Path) -> str:
    """The sentence with which a file is refused, wherever it is used."""
    with pytest.raises(InputError) as error:
        saved.read(path)
    sentence = str(error.value)
    assert re.fullmatch(r"[^\n]{20,250}[^.\n]\.", sentence.replace(str(path), "A file")), sentence
    with pytest.raises(InputError, match=re.escape(sentence)):
        Texture.load(path, device="cpu")
    return sentence


# What is saved comes back


@pytest.mark.parametrize("case", PICTURES)
def test_a_saved_texture_makes_the_same_pictures_to_the_bit(case, picture, path):
    texture = Texture.from_images(PICTURES[case](picture), device="cpu")
    texture.save(path)
    again = Texture.load(path, device="cpu")
    assert (again.format, again.size) == (texture.format, texture.size)
    made = texture.generate(quality="draft", seed=4)[0]
    assert same(again.generate(quality="draft", seed=4)[0], made)
    first = PICTURES[case](picture)[0]
    assert (made.dtype, made.shape) == (first.dtype, first.shape)


def test_a_texture_with_masks_makes_the_same_pictures_to_the_bit(picture, path):
    texture = Texture.from_images([picture, deep(picture)], masks=[left(picture), ~left(picture)], device="cpu")
    texture.save(path)
    again = Texture.load(path, device="cpu")
    assert same(again.generate(quality="draft")[0], texture.generate(quality="draft")[0])


def test_a_saved_texture_still_knows_where_in_the_picture_it_was(picture, hole, path):
    region = [((50, 10, 12, 12), (20, 20))]  # right of what the mask leaves of the picture's left
    texture = Texture.from_image(picture, mask=~left(picture), device="cpu")
    texture.save(path)
    again = Texture.load(path, device="cpu")
    assert same(again.place(region, quality="draft")[0], texture.place(region, quality="draft")[0])
    assert same(again.fill(picture, hole, quality="draft")[0], texture.fill(picture, hole, quality="draft")[0])


@pytest.mark.parametrize("engine", ["learned", "instant", None])
def test_a_saved_network_makes_the_same_pictures_to_the_bit(engine, trained, path):
    trained.save(path)
    again = Texture.load(path, device="cpu")
    assert again.figures == trained.figures
    assert same(*(one.generate(engine=engine, quality="draft", seed=9)[0] for one in (again, trained)))


def test_a_network_of_gray_16_bits_with_a_mask_makes_the_same_pictures_to_the_bit(picture, path):
    texture = Texture.from_image(faded(deep(picture)[..., 1]), mask=left(picture), device="cpu")
    texture.learn(steps=1)
    texture.save(path)
    again = Texture.load(path, device="cpu")
    assert same(*(one.generate(engine="learned", quality="draft")[0] for one in (again, texture)))


def test_a_loaded_texture_is_saved_as_it_was(trained, path):
    trained.save(path)
    (tensors, about), copy = contents(path), path.with_name("copy.safetensors")
    Texture.load(path, device="cpu").save(copy)
    tensors_again, about_again = contents(copy)
    assert {**about, "saved": ""} == {**about_again, "saved": ""}
    assert tensors.keys() == tensors_again.keys()
    assert all(torch.equal(tensors[name], tensors_again[name]) for name in tensors)


def test_long_pictures_together_are_saved_and_loaded(picture, path):
    long = np.tile(picture[:8], (1, 260, 1))
    texture = Texture.from_images([long, long[:, ::-1]], device="cpu")
    texture.save(path)
    again = Texture.load(path, device="cpu")
    assert again.size == (8, 20_800)
    assert torch.equal(again.pyramid.levels[-1].image, texture.pyramid.levels[-1].image)


def test_what_could_not_be_loaded_again_is_not_saved(trained, path):
    trained.save(path)
    before, found = path.read_bytes(), saved.read(path)
    assert found.trained is not None
    broken = {**found.trained.state, "average.out.weight": torch.full((3, 32, 1, 1), torch.nan)}
    for texture in (
        replace(found, source=replace(found.source, size=(1, 2**20))),
        replace(found, source=replace(found.source, image=torch.zeros(1000, *found.source.used.shape))),
        replace(found, trained=replace(found.trained, state=broken)),
    ):
        with pytest.raises(InputError, match=r"^[^\n]{20,250}saved[^\n]{5,150}\.$"):
            saved.write(path, texture)
    assert path.read_bytes() == before


def test_a_source_whose_name_is_no_text_can_be_saved_and_told(picture, path):
    odd = os.fsdecode(os.fsencode(path.parent) + b"/m\xff.png")
    try:
        Path(odd).touch()
    except OSError:
        pytest.skip("names are text on this system")
    files.write(odd, files.Picture(picture))
    Texture.from_image(odd, device="cpu").save(path)
    assert read_about(path)[0]["sources"] == ["m?.png"]
    assert saved.read(path).source.names == ("m?.png",)


def test_what_was_left_out_is_not_in_the_file(picture, path):
    other = np.where(left(picture)[..., None], picture, 255 - picture)
    found = []
    for array in (picture, other):
        Texture.from_image(array, mask=left(picture), device="cpu").save(path)
        found.append(contents(path)[0])
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


def test_a_texture_file_has_the_rights_of_ordinary_files(texture, path):
    texture.save(path)
    path.with_name("plain").write_bytes(b"")
    assert path.stat().st_mode == path.with_name("plain").stat().st_mode


def test_the_file_has_a_thumbnail_that_shows_the_picture(picture, path):
    Texture.from_image(picture.repeat(3, 0).repeat(3, 1), device="cpu").save(path)
    thumbnail = read_about(path)[1]
    assert (thumbnail.shape, thumbnail.dtype) == ((102, 128, 3), np.uint8)
    assert np.abs(thumbnail[:51].mean((0, 1)) - picture[:32].mean((0, 1))).max() < 3


# What is damaged


class Bait:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return Path.write_text, (self.path, "executed")


def test_what_is_no_texture_is_refused_and_nothing_is_executed(texture, whole, folder):
    bait = folder / "executed"
    torch.save({"weight": Bait(bait)}, folder / "checkpoint.safetensors")
    files.write(folder / "picture.png", files.Picture(np.zeros((20, 20, 3), np.uint8)))
    save_file({"weight": torch.zeros(3)}, folder / "model.safetensors")
    header = json.dumps({"image": {"dtype": "F32", "shape": [3, 2**30, 2**30], "data_offsets": [0, 3 * 2**62]}})
    others = {
        "empty": b"",
        "pickle": pickle.dumps(Bait(bait)),
        "huge header": struct.pack("<Q", 2**60) + whole[8:],
        "huge tensor": struct.pack("<Q", len(header)) + header.encode(),
        "deep": struct.pack("<Q", 90_000) + b"[" * 90_000,
        "text": b"My summer in the mountains.",
    }
    for name, data in others.items():
        (folder / f"{name}.safetensors").write_bytes(data)
    (folder / "folder.safetensors").mkdir()
    for path in folder.iterdir():
        refusal(path)
    assert not bait.exists()
    assert "is a folder" in refusal(folder / "folder.safetensors")
    assert "no texture file" in refusal(folder / "missing.safetensors")
    assert "made" in refusal(folder / "model.safetensors")
    assert not bait.exists()


def test_a_texture_of_a_newer_version_is_refused_with_what_to_do(whole, path):
    version = b'"sinddm_texture":"1"'
    assert version in whole
    path.write_bytes(whole.replace(version, b'"sinddm_texture":"2"'))
    assert "update" in refusal(path)
    path.write_bytes(whole.replace(version, b'"sinddm_texture":"0"'))
    refusal(path)


def test_a_file_that_was_cut_off_is_refused_wherever_it_was_cut(whole, path):
    lengths = {*range(0, 16), *range(16, len(whole), len(whole) // 150), len(whole) - 1}
    for length in lengths:
        path.write_bytes(whole[:length])
        refusal(path)
    path.write_bytes(whole + b"\0")
    refusal(path)


def test_one_wrong_bit_is_noticed_wherever_it_is(whole, path):
    end = 8 + struct.unpack("<Q", whole[:8])[0]
    for place in (*range(0, end), *range(end, len(whole), 97)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        path.write_bytes(flipped)
        refusal(path)


def test_one_wrong_bit_in_a_network_is_noticed(whole_network, path):
    for place in np.random.default_rng(3).integers(8, len(whole_network), 15):
        flipped = bytearray(whole_network)
        flipped[place] ^= 1 << int(place) % 8
        path.write_bytes(flipped)
        refusal(path)
