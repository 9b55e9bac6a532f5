"""The CLIP models of this user: a folder each, as open_clip saves them, so that all works without a network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import platformdirs

from sinddm.errors import Cancelled, InputError, Paused
from sinddm.library import FORBIDDEN

if TYPE_CHECKING:
    import torch

    from sinddm.text.clip import Clip

DEFAULT = "ViT-B-32/laion2b_s34b_b79k"
CONFIG, WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"
UNFINISHED = ".unfinished-"
NOT_INSTALLED = (
    "Text needs the package open_clip_torch, which is not installed: run SinDDM's installer and choose text, or "
    "pip install 'sinddm[text]'."
)
NONE_YET = (
    "Text needs a file that connects words with pictures, which is not there yet: get it in the panel under Text, or "
    "with sinddm models get."
)
BROKEN = "The model {} cannot be used ({}): remove it with sinddm models remove, then get it again."


class Model(NamedTuple):
    """A model that is there."""

    name: str
    """Architecture and training: ViT-B-32/laion2b_s34b_b79k."""
    folder: Path
    bytes: int


def default_folder() -> Path:
    """Where this user's models are: SINDDM_MODELS, or where programs keep their data on this system."""
    wanted = os.environ.get("SINDDM_MODELS")
    return Path(wanted) if wanted else platformdirs.user_data_path("sinddm", appauthor=False) / "models"


def is_usable() -> bool:
    """Whether the package is installed by which models are read."""
    return find_spec("open_clip") is not None


def check_installed() -> None:
    """Raises InputError, saying what to do, where open_clip is missing."""
    if not is_usable():
        raise InputError(NOT_INSTALLED)


def installed(folder: Path | None = None) -> list[Model]:
    """All models that are there, by name."""
    top = folder or default_folder()
    found = []
    for config in sorted(top.glob(f"*/*/{CONFIG}")):
        weights, name = config.with_name(WEIGHTS), config.parent.relative_to(top).as_posix()
        if weights.is_file() and not config.parent.name.startswith("."):
            found.append(Model(name, config.parent, weights.stat().st_size))
    return found


def find(name: str | None = None) -> Model:
    """The model of that name; without one the usual, or the only one. Raises InputError if it is not there."""
    check_installed()
    there = installed()
    for one in there:
        if one.name == (name or DEFAULT):
            return one
    if name is None and there:
        return there[0]
    if name is None or name == DEFAULT:
        raise InputError(NONE_YET)
    raise InputError(f"There is no model {name!r} here: get it with sinddm models get {name}, or choose another one.")


def folder_of(name: str) -> Path:
    """Where a model is, or is to be. Raises InputError for a name that cannot be one."""
    parts = name.split("/")
    if len(parts) != 2 or any(not p.strip() or p.startswith(".") or FORBIDDEN.search(p) for p in parts):
        raise InputError(f"{name!r} is no model's name: give its architecture and training, as in {DEFAULT}.")
    return default_folder() / parts[0] / parts[1]


def remove(name: str) -> None:
    """Delete a model. Raises InputError if it is not there."""
    folder = folder_of(name)
    if not folder.is_dir():
        raise InputError(f"There is no model {name!r} here: sinddm models list shows which there are.")
    aside = folder.with_name(f"{UNFINISHED}{folder.name}.gone")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
        shutil.rmtree(aside)
    except OSError as error:
        raise InputError(f"{folder} could not be removed ({error.strerror}): close what uses it.") from error
    _ready.cache_clear()


def load(name: str | None, device: torch.device) -> Clip:
    """The model, ready; it stays so. Raises InputError."""
    model = find(name)
    return _ready(model.name, model.folder, (model.folder / WEIGHTS).stat().st_mtime_ns, device)


@lru_cache(maxsize=1)
def _ready(name: str, folder: Path, _: int, device: torch.device) -> Clip:
    from sinddm.text.clip import Clip

    with in_words(BROKEN.format(name, "{}")):
        return Clip(folder, device)


@contextmanager
def in_words(sentence: str) -> Iterator[None]:
    """Whatever the readers of files raise that come from elsewhere, as a sentence. sentence: with {} for the reason."""
    try:
        yield
    except (InputError, Cancelled, Paused, MemoryError):
        raise
    except ImportError as error:
        raise InputError(f"This model needs the package {error.name}: install it, or choose another model.") from error
    except Exception as error:
        raise InputError(sentence.format(_reason(error))) from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if "state_dict" in str(error):
        return "its weights are those of another architecture"
    if isinstance(error, FileNotFoundError):
        return "a file of it is missing"
    return "its file is damaged"
