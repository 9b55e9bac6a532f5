"""Models that come to this computer: built beside their place, tried, and only then put there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sinddm.errors import InputError
from sinddm.text.models import CONFIG, UNFINISHED, WEIGHTS, Model, check_installed, find, folder_of, in_words

FOREIGN = (".safetensors", ".bin", ".pth", ".pt")
"""Endings of files of weights, the best first."""
NOT_USABLE = "{} cannot be used as {} ({{}}): choose another file, or the architecture that it was made for."
WRITE_ERROR = "The model could not be put into {} ({}): see that there is space and that you may write there."


def add(file: Path, name: str) -> Model:
    """Take weights from a file, or a folder as open_clip saves it, into this user's models. name: its first part is the
    architecture. Raises InputError for weights that do not fit."""
    check_installed()
    weights = _weights_in(file) if file.is_dir() else file
    if not weights.is_file():
        raise InputError(f"{file} is not there: give a file of weights, or a folder with {CONFIG} and weights.")
    with building(name) as part:
        for old in part.iterdir():
            old.unlink()
        if file.is_dir():
            for one in file.iterdir():
                if one.is_file() and one.suffix not in FOREIGN:
                    shutil.copyfile(one, part / one.name)
        else:
            write_config(part, name)
        with in_words(NOT_USABLE.format(file, name)):
            store_weights(weights, part / WEIGHTS)
            try_out(part)
    return find(name)


@contextmanager
def building(name: str) -> Iterator[Path]:
    """A folder beside the one that is to be, which takes its place when all in it is there. It has what an earlier try
    has left in it. Raises InputError if the model is there, or in the making elsewhere."""
    folder = folder_of(name)
    part, lock = folder.with_name(f"{UNFINISHED}{folder.name}"), folder.with_name(f".{folder.name}.lock")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=0):
            if folder.exists():
                raise InputError(f"There is already a model {name!r}: remove it first, or choose another name.")
            part.mkdir(exist_ok=True)
            yield part
            part.rename(folder)
    except Timeout as error:
        raise InputError(f"The model {name!r} is being put there already: wait until that is done.") from error
    except OSError as error:
        raise InputError(WRITE_ERROR.format(folder, error.strerror or error)) from error


def write_config(folder: Path, name: str) -> None:
    """What open_clip knows of a model, so that the folder alone is enough. Raises InputError if that is nothing."""
    import open_clip

    architecture, training = name.split("/")
    model = open_clip.get_model_config(architecture)
    if model is None:
        raise InputError(f"open_clip does not know the architecture {architecture!r}: choose one that it lists.")
    shown = open_clip.get_pretrained_cfg(architecture, training)
    if "quick_gelu" in shown:
        model["quick_gelu"] = shown["quick_gelu"]
    kept = {key: shown[key] for key in ("mean", "std", "interpolation", "resize_mode") if key in shown}
    (folder / CONFIG).write_text(json.dumps({"model_cfg": model, "preprocess_cfg": kept}, indent=1), encoding="utf-8")


def store_weights(source: Path, target: Path) -> None:
    """Weights as safetensors, whatever they were: reading these executes nothing. Raises what the readers raise."""
    if source.suffix == ".safetensors":
        shutil.copyfile(source, target)
        return
    from open_clip.factory import load_state_dict
    from safetensors.torch import save_file

    state: Any = load_state_dict(str(source), weights_only=True)
    save_file({name: one.contiguous() for name, one in state.items() if hasattr(one, "contiguous")}, target)


def try_out(folder: Path) -> None:
    """Raises what the readers raise, for a folder whose weights are broken or another model's."""
    import torch

    from sinddm.text.clip import Clip
    from sinddm.text.prompts import Prompt

    clip = Clip(folder, torch.device("cpu"))
    if not bool(torch.isfinite(clip.meaning([Prompt("a meadow")])).all()):
        raise ValueError("its values are no numbers")


def _weights_in(folder: Path) -> Path:
    found = [one for end in FOREIGN for one in sorted(folder.glob(f"*{end}"))]
    return found[0] if found and (folder / CONFIG).is_file() else folder / WEIGHTS
