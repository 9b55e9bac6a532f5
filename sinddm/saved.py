"""Textures on disk: safetensors with metadata in JSON, read without executing anything.

A file holds what was learned from (pixels, and which of them count), the network if one was trained, and everything
that training needs to go on. Its digest tells a damaged file; all that is read is checked before it is used.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save as to_bytes
from torch import Tensor

from sinddm.about import LARGEST, THUMBNAIL, VERSION, checked_about, checked_thumbnail, must, pair, reading
from sinddm.atomic import write_whole
from sinddm.denoisers.network import Network, NetworkConfig
from sinddm.errors import InputError
from sinddm.pixels import DTYPES, Format
from sinddm.pyramid import SMALLEST, resample
from sinddm.source import Source
from sinddm.training.recipe import Recipe
from sinddm.training.session import Trained

MOST_PIXELS = 1 << 31  # of a picture
BRIGHTEST = 100.0  # of the engine's values; those of the brightest float are about 45
MOST_CHANNELS, WIDEST, MOST_SCALES = 256, 1024, 32
OF_WEIGHTS = "average.", "network."  # how the names of weights begin; Trainer.load checks the others


@dataclass(frozen=True)
class Saved:
    """What a texture file holds."""

    source: Source
    trained: Trained | None = None


def write(path: Path, texture: Saved) -> None:
    """Write a texture; what was there before stays until it is complete. Raises InputError if that fails."""
    source, trained = texture.source, texture.trained
    if not _fits(source):
        raise InputError(
            f"This texture cannot be saved: learn pictures of together at most {LARGEST} pixels a side and of "
            f"{MOST_CHANNELS} channels."
        )
    if trained and not _finite(trained.state):
        raise InputError("The network that was learned does not work, so it is not saved: learn it with another seed.")
    image = torch.where(source.used, source.image, -1.0)
    codes = ((image + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    exact = torch.equal(_values(codes), image)  # a picture of 8 bits takes a quarter of the space
    tensors = {"image": codes if exact else image, "used": source.used.to(torch.uint8)}
    tensors["thumbnail"] = _thumbnail(image)
    if trained:
        tensors |= {f"training.{name}": value for name, value in trained.state.items()}
    tensors = {name: value.contiguous() for name, value in tensors.items()}
    about = json.dumps(_about(texture), sort_keys=True)
    metadata = {"sinddm_texture": str(VERSION), "about": about, "digest": _digest(about, tensors)}
    data = to_bytes(tensors, metadata)  # its own way to a file leaves others behind when it is killed
    write_whole(path, lambda unfinished: unfinished.write_bytes(data))


def read(path: Path) -> Saved:
    """Read a texture. Raises InputError in one sentence for anything but a whole, unaltered one."""
    return reading(path, _saved)


def _saved(file: Any) -> Saved:
    about = checked_about(file)
    tensors = {name: torch.from_numpy(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 - not a dict
    if _digest(file.metadata()["about"], tensors) != file.metadata()["digest"]:
        raise InputError("was altered or damaged since it was saved: use another copy, or learn it anew.")
    image, used = tensors["image"], tensors["used"].bool()
    image = _values(image) if image.dtype == torch.uint8 else image
    must(image.dtype == torch.float32 and image.ndim == 3 and float(image.abs().max()) <= BRIGHTEST)
    must(used.shape == image.shape[1:] and bool(used.any()))
    form = about["format"]
    must(form["dtype"] in DTYPES and form["channels"] == len(image))
    flags = {name: bool(form[name]) for name in ("alpha", "linear", "flat")}
    must(not flags["flat"] or (len(image) == 1 and not flags["alpha"]))
    checked_thumbnail(file)
    source = Source(
        image,
        used,
        pair(about["origin"], -LARGEST, LARGEST),
        pair(about["size"], 1, LARGEST),
        Format(np.dtype(form["dtype"]), len(image), **flags),
        base64.b64decode(about["icc"], validate=True) if about["icc"] else None,
        _primaries(about.get("chromaticities")),
        tuple(str(name) for name in about["sources"]),
    )
    must(_fits(source))
    return Saved(source, _trained(about["trained"], tensors, len(image)) if about["trained"] else None)


def _trained(about: dict[str, Any], tensors: dict[str, Tensor], channels: int) -> Trained:
    config = NetworkConfig(**{**about["config"], "scales": tuple(about["config"]["scales"])})
    must(config.channels == channels and 2 <= config.width <= WIDEST and config.width % 2 == 0)
    must(0 < config.data_std < 100 and type(config.coarsest) is int and SMALLEST <= config.coarsest <= LARGEST)
    must(type(config.published) is bool and all(type(s) is int and 0 <= s < MOST_SCALES for s in config.scales))
    must(0 in config.scales and list(config.scales) == sorted(set(config.scales)))
    state = {name.removeprefix("training."): t for name, t in tensors.items() if name.startswith("training.")}
    with torch.device("meta"):
        weights = Network(config).state_dict()
    wanted = {f"{kind}{name}": (value.shape, value.dtype) for kind in OF_WEIGHTS for name, value in weights.items()}
    found = {name: (value.shape, value.dtype) for name, value in state.items() if name.startswith(OF_WEIGHTS)}
    must(found.items() <= wanted.items() and all(f"average.{name}" in found for name in weights))
    must(_finite(state))
    seed = int(about["seed"])
    must(-(2**63) <= seed < 2**63)  # torch's limits
    figures = {str(name): float(value) for name, value in about["figures"].items()}
    return Trained(config, Recipe(**about["recipe"]), seed, dict(about["course"]), figures, state)


def _about(texture: Saved) -> dict[str, Any]:
    source, trained = texture.source, texture.trained
    learned = (
        {
            "config": asdict(trained.config),
            "recipe": asdict(trained.recipe),
            "seed": trained.seed,
            "course": trained.course,
            "figures": trained.figures,
            "parameters": trained.parameters,
        }
        if trained
        else None
    )
    return {
        "size": source.size,
        "origin": source.origin,
        "format": {**asdict(source.format), "dtype": source.format.dtype.name},
        "icc": base64.b64encode(source.icc).decode() if source.icc else None,
        "chromaticities": source.chromaticities,
        "sources": source.names,
        "saved": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "trained": learned,
    }


def _digest(about: str, tensors: dict[str, Tensor]) -> str:
    """SHA-256 of everything in the file."""
    digest = hashlib.sha256(about.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _thumbnail(image: Tensor) -> Tensor:
    """A small picture (h, w, 3) uint8 of values (C, H, W); maps of other than three channels show their first."""
    height, width = image.shape[-2:]
    scale = min(1.0, THUMBNAIL / max(height, width))
    shown = image if len(image) == 3 else image[:1].expand(3, -1, -1)
    small = resample(shown, (max(1, round(height * scale)), max(1, round(width * scale))))
    return ((small + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0)


def _values(codes: Tensor) -> Tensor:
    """Engine values of 8-bit ones, as pixels.decode makes them."""
    return codes.float() / 255 * 2 - 1


def _fits(source: Source) -> bool:
    """Whether it is of a size that is written and read."""
    (channels, *sides), (height, width) = source.image.shape, source.size
    small_enough = max(*sides, height, width) <= LARGEST and height * width <= MOST_PIXELS
    return small_enough and min(sides) >= SMALLEST and channels <= MOST_CHANNELS


def _finite(state: dict[str, Tensor]) -> bool:
    return all(bool(value.isfinite().all()) for value in state.values() if value.is_floating_point())


def _primaries(given: Any) -> tuple[float, ...] | None:
    """Eight chromaticities, if a texture has any."""
    if not given:
        return None
    found = tuple(float(one) for one in given)
    must(len(found) == 8 and all(abs(one) < 10 for one in found))
    return found
