"""What the engine's tests share."""

import struct
from pathlib import Path

import numpy as np
import pytest
from commands import HEIGHT, HOLE, WIDTH, hole_mask, waves
from PIL import ImageCms
from scenery import landscape, spots

from sinddm import Texture, files


@pytest.fixture(scope="session")
def picture() -> np.ndarray:
    """A small landscape: sky above, field below, uint8 (64, 80, 3)."""
    return landscape()


@pytest.fixture(scope="session")
def texture(picture) -> Texture:
    """The landscape, learned on the CPU."""
    return Texture.from_image(picture, device="cpu")


@pytest.fixture(scope="session")
def trained(picture) -> Texture:
    """The landscape with a network that was trained for 3 steps."""
    learned = Texture.from_image(picture, device="cpu")
    learned.learn(steps=3)
    return learned


@pytest.fixture(scope="session")
def floor() -> np.ndarray:
    """A picture that is alike everywhere, uint8 (64, 64, 3)."""
    return spots()


@pytest.fixture(scope="session")
def floor_texture(floor) -> Texture:
    return Texture.from_image(floor, device="cpu")


@pytest.fixture(scope="session")
def hole(picture) -> np.ndarray:
    """A mask of the landscape's size, 1 in an ellipse across the horizon, bool."""
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    return ((y - 32) / 11) ** 2 + ((x - 38) / 14) ** 2 < 1


@pytest.fixture
def workplace(tmp_path, monkeypatch) -> Path:
    """A working folder with a picture, others to go with it, and an empty folder for results."""
    monkeypatch.chdir(tmp_path)
    picture = waves(HEIGHT, WIDTH)
    pasted = picture.copy()
    pasted[HOLE] = waves(16, 22, (0.8, 0.3, 0.7))
    pictures = {
        "meadow.png": picture,
        "red.png": waves(HEIGHT, WIDTH, (0.85, 0.15, 0.15)),
        "content.png": waves(48, 64, (0.5, 0.5, 0.5)),
        "pasted.png": pasted,
        "mask.png": hole_mask(),
    }
    for name, array in pictures.items():
        files.write(tmp_path / name, files.Picture(array))
    (tmp_path / "results").mkdir()
    return tmp_path


@pytest.fixture(scope="session")
def srgb():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture(scope="session")
def linear(srgb):
    """The profile of sRGB's primaries with straight curves (ICC.1, parametric curve of type 3)."""
    at = srgb.index(b"para") + 12
    return srgb[:at] + struct.pack(">5i", 65536, 65536, 0, 65536, 0) + srgb[at + 20 :]


@pytest.fixture
def folder(tmp_path):
    """A folder whose name has spaces and umlauts."""
    path = tmp_path / "Bilder für Öl & Kreide"
    path.mkdir()
    return path
