"""What can be asked for: one dataclass for each task. What is None is left to the backend."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal, NamedTuple

from .container import Tensor
from .pictures import Depth, Layout, Mask, Picture

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels."""


class Prompt(NamedTuple):
    """Words, and how much they count; what is to be avoided counts below 0."""

    words: str
    weight: float = 1.0


LONGEST = {"title": 200, "client": 40}  # characters that the backend takes


@dataclass(frozen=True)
class Format:
    """What results are to be."""

    dtype: Depth = "U8"
    layout: Layout = "rgba"
    linear: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Request:
    """What every job has."""

    task: ClassVar[str]
    title: str = ""
    """Shown with the job, as is the client's name."""
    client: str = ""
    attached: bool = False
    """Whether to cancel it when nobody has followed it for a few seconds."""

    def packed(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        """The tensors and the metadata of its container. What is used in several places is in there once."""
        tensors = _Tensors()
        asked: dict[str, Any] = {"task": self.task}
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None:
                asked[one.name] = _WORDS.get(one.name, _plain)(value, tensors)
        for name, most in LONGEST.items():  # layers may have any name
            asked[name] = asked[name].encode(errors="replace").decode()[:most]
        return tensors.found, {"request": json.dumps(asked)}


@dataclass(frozen=True, kw_only=True, eq=False)
class FromSource(Request):
    """What every job has that learns from something."""

    source: Sequence[Picture] | str
    """Layers, or the name of a texture in the library."""
    seed: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Making(FromSource):
    """What every job has that makes pictures."""

    count: int = 1
    """How many; the one of index k has the seed `seed` + k."""
    quality: Literal["draft", "normal", "best"] | None = None
    engine: Literal["instant", "learned"] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Sized(Making):
    """A task that makes pictures of any size, by default of that of the first layer."""

    width: int | None = None
    height: int | None = None
    format: Format | None = None
    """By default that of the first layer."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Generate(Sized):
    """Variations."""

    task = "generate"
    closeness: float | None = None
    """0 rearranges freely, 1 stays close to the source."""
    keep_layout: float | None = None
    """0 puts things anywhere, 1 where they were."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tile(Sized):
    """Pictures that repeat without a seam along x, y or both."""

    task = "tile"
    axis: Literal["x", "y", "xy"] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Place(Sized):
    """Variations with chosen parts of the first layer at chosen places."""

    task = "place"
    regions: Sequence[tuple[Box, Box]]
    """Where each is in the layer, and where it is to be in the result."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Expand(Making):
    """The picture continued by so many pixels on each side."""

    task = "expand"
    picture: Picture
    left: int = 0
    right: int = 0
    top: int = 0
    bottom: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Fill(Making):
    """The picture filled where the mask is white."""

    task = "fill"
    picture: Picture
    mask: Mask
    cut: bool | None = None
    """Whether results are only what is selected, and transparent elsewhere."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Paint(Making):
    """Rough painted shapes rendered in the look of the source."""

    task = "paint"
    picture: Picture
    strength: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Style(Making):
    """The picture in the style of the source."""

    task = "style"
    picture: Picture
    strength: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Harmonize(Making):
    """A pasted object made to belong to the source: the picture where the mask is white, or a layer with nothing but
    the object, over the picture beneath."""

    task = "harmonize"
    picture: Picture
    mask: Mask | None = None
    over: Picture | None = None
    """What lies beneath the object, in place of a mask."""
    cut: bool | None = None
    """Whether results are only what the object has become, and transparent elsewhere."""
    strength: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class TextContent(Sized):
    """Variations with content that words ask for."""

    task = "text_content"
    prompts: Sequence[Prompt]
    strength: float | None = None
    share: float | None = None
    """Of each that may change."""
    model: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class TextStyle(Sized):
    """Variations in a look that words ask for."""

    task = "text_style"
    prompts: Sequence[Prompt]
    strength: float | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class TextRestyle(Making):
    """The picture in a look that words ask for."""

    task = "text_restyle"
    picture: Picture
    prompts: Sequence[Prompt]
    strength: float | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class TextRegion(Making):
    """The picture, where the mask is white, as words ask for it."""

    task = "text_region"
    picture: Picture
    mask: Mask
    prompts: Sequence[Prompt]
    cut: bool | None = None
    """Whether results are only what is selected, and transparent elsewhere."""
    strength: float | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Fetch(Request):
    """A model for words, fetched from where it is published. Only when the artist has agreed to it."""

    task = "fetch"
    model: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Learn(FromSource):
    """A network trained on the source, kept in the library as `name`."""

    task = "learn"
    name: str | None = None
    """None to resume, with the texture as the source."""
    seconds: float | None = None
    """How long; or `steps`, or `until_settled`."""
    steps: int | None = None
    until_settled: bool | None = None
    preset: Literal["fast", "paper"] | None = None
    finest: bool | None = None
    """Whether to learn the finest scale as well, to harmonize by the network."""
    resume: bool | None = None


class _Tensors:
    """The tensors of a container, by name, each once."""

    def __init__(self) -> None:
        self.found: dict[str, Tensor] = {}
        self._names: dict[tuple[int, str, tuple[int, ...]], str] = {}

    def name(self, tensor: Tensor) -> str:
        """The name of a tensor, which is put in if it is not there yet."""
        key = id(tensor.data), tensor.dtype, tensor.shape
        if key not in self._names:
            self._names[key] = f"pixels_{len(self.found)}"
            self.found[self._names[key]] = tensor
        return self._names[key]


def _plain(value: Any, tensors: _Tensors) -> Any:
    return value


def _picture(value: Picture, tensors: _Tensors) -> dict[str, Any]:
    masks = {"only": value.only, "without": value.without}
    named = {name: tensors.name(mask.tensor) for name, mask in masks.items() if mask is not None}
    return {**value.described(tensors.name(value.tensor)), **named}


def _source(value: Sequence[Picture] | str, tensors: _Tensors) -> dict[str, Any]:
    return {"texture": value} if isinstance(value, str) else {"layers": [_picture(one, tensors) for one in value]}


def _mask(value: Mask, tensors: _Tensors) -> str:
    return tensors.name(value.tensor)


def _format(value: Format, tensors: _Tensors) -> dict[str, Any]:
    return asdict(value)


def _regions(value: Sequence[tuple[Box, Box]], tensors: _Tensors) -> list[dict[str, Any]]:
    return [{"from": list(source), "to": list(target)} for source, target in value]


def _prompts(value: Sequence[Prompt], tensors: _Tensors) -> list[dict[str, Any]]:
    return [one._asdict() for one in value]


_WORDS = {
    "source": _source,
    "picture": _picture,
    "over": _picture,
    "mask": _mask,
    "format": _format,
    "regions": _regions,
    "prompts": _prompts,
}
