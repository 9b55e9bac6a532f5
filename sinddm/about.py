"""What a texture file says of itself: its version, its metadata and its thumbnail, read without torch."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

from sinddm.errors import InputError
from sinddm.pixels import DTYPES

VERSION = 1
SUFFIX = ".safetensors"
LARGEST = 1 << 18  # pixels on a side of what was learned from, several pictures side by side
THUMBNAIL = 128  # pixels on its longer side
FIGURES = "steps", "seconds"  # that are always there; the loss may be anything


def read_about(path: Path) -> tuple[dict[str, Any], np.ndarray]:
    """What a texture file says about itself, and its thumbnail (uint8 (h, w, 3)), without reading the rest.

    Raises InputError in one sentence for anything but a texture.
    """
    return reading(path, lambda file: (checked_about(file), checked_thumbnail(file)))


def reading(path: Path, use: Callable[[Any], Any]) -> Any:
    """What `use` makes of the open file. Raises InputError in one sentence for whatever is wrong with the file."""
    try:
        if path.is_dir():
            raise InputError("is a folder, not a texture: give the name of a texture or of its file.")
        with safe_open(str(path), framework="np") as file:  # for "pt" it opens the name twice, maybe of two files
            return use(file)
    except FileNotFoundError as error:
        raise InputError(f"There is no texture file {path}: check its name.") from error
    except (OSError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or error or "there is not enough memory"
        raise InputError(f"{path} cannot be read ({reason}): check it, or use another copy.") from error
    except InputError as error:
        raise InputError(f"{path} {error}") from error
    except Exception as error:  # what others wrote can be wrong in every way
        raise InputError(f"{path} is not a texture, or it was damaged: use another copy, or learn it anew.") from error


def checked_about(file: Any) -> dict[str, Any]:
    """The metadata, if it is of a version that is known, and what it says can be shown."""
    metadata = file.metadata() or {}
    if "sinddm_texture" not in metadata:
        raise InputError("is not a texture of SinDDM: use a file that sinddm textures export made.")
    version = int(metadata["sinddm_texture"])
    if version > VERSION:
        raise InputError("was saved by a newer SinDDM: update this one to use it.")
    about = json.loads(metadata["about"])
    must(version >= 1 and type(about["saved"]) is str and about["format"]["dtype"] in DTYPES)
    must(type(about["sources"]) is list and all(type(name) is str for name in about["sources"]))
    pair(about["size"], 1, LARGEST)
    if trained := about["trained"]:
        must(type(trained["recipe"]["name"]) is str and all(float(trained["figures"][name]) >= 0 for name in FIGURES))
    return about


def checked_thumbnail(file: Any) -> np.ndarray:
    """The thumbnail, if it is one."""
    thumbnail = file.get_tensor("thumbnail")
    must(thumbnail.dtype == np.uint8 and thumbnail.ndim == 3 and thumbnail.shape[2] == 3)
    must(min(thumbnail.shape) > 0 and max(thumbnail.shape) <= THUMBNAIL)
    return thumbnail


def pair(value: Any, low: int, high: int) -> tuple[int, int]:
    """Two whole numbers of that range."""
    first, second = (int(one) for one in value)
    must(low <= first <= high and low <= second <= high)
    return first, second


def must(holds: bool) -> None:
    """Raises ValueError, which `reading` turns into a sentence, where a file says what no texture does."""
    if not holds:
        raise ValueError("a texture does not say this of itself")
