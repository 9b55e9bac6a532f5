"""Where results go: a file, a folder, or a pattern with {seed}."""

import os
import secrets
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from sinddm import files
from sinddm.errors import InputError

NAMES = {
    "generate": "variation",
    "tile": "tile",
    "expand": "expanded",
    "fill": "filled",
    "paint": "painted",
    "style": "styled",
    "harmonize": "harmonized",
    "place": "placed",
    "text": "text",
}


def paths(out: str, picture: str, task: str, seeds: range) -> list[Path]:
    """The file of each seed's result.

    out: a pattern with {seed}; a folder, that is an existing one, a name that ends in a separator, or one
    without a suffix, in which files are called like meadow-variation-3.png; or else a file for one result.
    Raises InputError for several results and one file.
    """
    if "{seed}" in out:
        return [Path(out.replace("{seed}", str(seed))) for seed in seeds]
    path, source = Path(out), Path(picture)
    if path.is_dir() or out.endswith(tuple(filter(None, (os.sep, os.altsep)))) or not path.suffix:
        return [path / f"{source.stem}-{NAMES[task]}-{seed}{source.suffix}" for seed in seeds]
    if len(seeds) > 1:
        raise InputError(
            f"{out} is one file for {len(seeds)} results: give a folder, or a name with {{seed}} in it "
            f"such as {path.stem}-{{seed}}{path.suffix}."
        )
    return [path]


def check(path: Path, picture: files.Picture) -> None:
    """Find out before the work whether a result like `picture` can be written at `path`, with a small trial.

    Raises InputError where the format cannot hold it, the folder cannot be written to, or the name is a
    folder's.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the name of a file in it.")
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise InputError(f"{folder} is a file and cannot hold results: choose another folder.")
    probe = folder / f".trial-{secrets.token_hex(6)}{path.suffix}"
    try:
        files.write(probe, replace(picture, array=_corner(picture)))
    except InputError as error:
        told = str(error).replace(str(probe), str(path)).replace(probe.name, path.name)
        raise InputError(told) from error
    finally:
        with suppress(OSError):
            probe.unlink()


def write(path: Path, picture: files.Picture) -> None:
    """Write one result, complete or not at all; makes its folder."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {path.parent} cannot be made ({error.strerror}): choose another one.") from error
    files.write(path, picture)


def _corner(picture: files.Picture) -> np.ndarray:
    """A few pixels, the picture's least alpha among them, so that a format without alpha refuses it."""
    corner = picture.array[:8, :8].copy()
    if picture.has_alpha:
        corner[0, 0, -1] = picture.array[..., -1].min()
    return corner
