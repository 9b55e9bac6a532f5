"""What the engine's tests share."""

import numpy as np
import pytest
from scenery import landscape, spots

from sinddm import Texture


@pytest.fixture(scope="session")
def picture() -> np.ndarray:
    """A small landscape: sky above, field below, uint8 (64, 80, 3)."""
    return landscape()


@pytest.fixture(scope="session")
def texture(picture) -> Texture:
    """The landscape, learned on the CPU."""
    return Texture.from_image(picture, device="cpu")


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
