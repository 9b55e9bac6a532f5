"""What clients may ask for: one model for each task, checked before anything is stored."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from sinddm.backend.container import LONGEST_SIDE, MOST_PIXELS, Header, read_json
from sinddm.errors import InputError
from sinddm.text.prompts import LONGEST, MOST, MOST_WEIGHT

CHANNELS = {"gray": 1, "graya": 2, "rgb": 3, "rgba": 4, "bgr": 3, "bgra": 4, "maps": None}
WITH_ALPHA = ("graya", "rgba", "bgra")
Layout = Literal["gray", "graya", "rgb", "rgba", "bgr", "bgra", "maps"]
Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Side = Annotated[int, Field(ge=8, le=LONGEST_SIDE)]
Margin = Annotated[int, Field(ge=0, le=LONGEST_SIDE)]
Seed = Annotated[int, Field(ge=0, lt=1 << 32)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
TensorName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]
Box = Annotated[list[Annotated[int, Field(ge=0, le=LONGEST_SIDE)]], Field(min_length=4, max_length=4)]
MOST_COUNT = 64
MODEL = r"^[A-Za-z0-9_.-]{1,60}/[A-Za-z0-9_.-]{1,60}$"
MOST_LAYERS = 16


class Model(BaseModel):
    """Nothing that is not known passes, and no text for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Picture(Model):
    """A tensor of the container as a picture."""

    tensor: TensorName
    layout: Layout = "rgba"
    linear: bool = False
    icc: Annotated[str, Field(max_length=1 << 19)] | None = None
    only: TensorName | None = None
    without: TensorName | None = None


class Source(Model):
    """What to learn from: layers, or a texture of the library."""

    layers: Annotated[list[Picture], Field(min_length=1, max_length=MOST_LAYERS)] | None = None
    texture: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> Source:
        if (self.layers is None) == (self.texture is None):
            raise ValueError("name either layers or a texture")
        return self


class Format(Model):
    """What results are to be."""

    dtype: Literal["U8", "U16", "F16", "F32"] = "U8"
    layout: Layout = "rgba"
    linear: bool = False


class Asked(Model):
    """What every job has."""

    title: Annotated[str, Field(max_length=200)] = ""
    client: Annotated[str, Field(max_length=40)] = ""
    attached: bool = False


class FromSource(Asked):
    """A job that learns from something."""

    source: Source


class Task(FromSource):
    """What every job that makes pictures has."""

    count: Annotated[int, Field(ge=1, le=MOST_COUNT)] = 1
    seed: Seed = 0
    quality: Literal["draft", "normal", "best"] = "normal"
    engine: Literal["instant", "learned"] | None = None


class Sized(Task):
    """A task that makes pictures of any size; without one that of the first layer."""

    width: Side | None = None
    height: Side | None = None
    format: Format | None = None

    @model_validator(mode="after")
    def _both(self) -> Sized:
        if (self.width is None) != (self.height is None):
            raise ValueError("name both width and height, or neither")
        if self.width and self.height and self.width * self.height > MOST_PIXELS:
            raise ValueError(f"at most {MOST_PIXELS >> 20} megapixels can be made")
        return self


class OnPicture(Task):
    """A task on a picture."""

    picture: Picture


class Part(OnPicture):
    """A task on a part of a picture."""

    cut: bool = Field(False, description="results are the part alone: no larger than it, transparent around it")

    @model_validator(mode="after")
    def _with_alpha(self) -> Part:
        if self.cut and self.picture.layout not in WITH_ALPHA:
            raise ValueError("to cut out what is new, send a picture with alpha")
        return self


class Generate(Sized):
    """Variations."""

    task: Literal["generate"]
    closeness: Unit = 0.5
    keep_layout: Unit = 0.0


class Tile(Sized):
    """Seamless tiles."""

    task: Literal["tile"]
    axis: Literal["x", "y", "xy"] = "xy"


class Region(Model):
    """A part of the layer, (x, y, width, height), and where it is to be."""

    source: Box = Field(alias="from")
    target: Box = Field(alias="to")


class Place(Sized):
    """Variations with chosen parts at chosen places."""

    task: Literal["place"]
    regions: Annotated[list[Region], Field(min_length=1, max_length=32)]


class Expand(OnPicture):
    """The picture continued by so many pixels on each side."""

    task: Literal["expand"]
    left: Margin = 0
    right: Margin = 0
    top: Margin = 0
    bottom: Margin = 0


class Fill(Part):
    """The picture filled where the mask is white."""

    task: Literal["fill"]
    mask: TensorName


class Paint(OnPicture):
    """Rough shapes rendered in the look of the source."""

    task: Literal["paint"]
    strength: Unit = 0.5


class Style(OnPicture):
    """The picture in the style of the source."""

    task: Literal["style"]
    strength: Unit = 0.5


class Harmonize(Part):
    """A pasted object made to belong to the source: the picture where the mask is white, or a picture of nothing but
    the object, over what lies beneath it."""

    task: Literal["harmonize"]
    mask: TensorName | None = None
    over: Picture | None = None
    strength: Unit = 0.6

    @model_validator(mode="after")
    def _one(self) -> Harmonize:
        if (self.mask is None) == (self.over is None):
            raise ValueError("name either a mask or what the object is over")
        if self.over and (self.over.layout != self.picture.layout or self.over.linear != self.picture.linear):
            raise ValueError("the object and what it is over have to be of one layout")
        if self.over and self.picture.layout not in WITH_ALPHA:
            raise ValueError("an object over a picture needs alpha")
        return self


class Prompt(Model):
    """Words, and how much they count; what is to be avoided counts below 0."""

    words: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    weight: Annotated[float, Field(ge=-MOST_WEIGHT, le=MOST_WEIGHT, allow_inf_nan=False)] = 1.0


class InWords(Model):
    """What is asked for in words."""

    prompts: Annotated[list[Prompt], Field(min_length=1, max_length=MOST)]
    strength: Unit | None = None
    model: Name | None = None


class TextContent(Sized, InWords):
    """Variations with content that words ask for, in a share of each."""

    task: Literal["text_content"]
    share: Unit = 0.5


class TextStyle(Sized, InWords):
    """Variations in a look that words ask for."""

    task: Literal["text_style"]


class TextRestyle(OnPicture, InWords):
    """The picture in a look that words ask for."""

    task: Literal["text_restyle"]


class TextRegion(Part, InWords):
    """The picture, where the mask is white, as words ask for it."""

    task: Literal["text_region"]
    mask: TensorName


class Fetch(Asked):
    """A model that connects words with pictures, fetched from where it is published. Only ask for it when the artist
    has agreed to it."""

    task: Literal["fetch"]
    model: Annotated[str, Field(pattern=MODEL)]


class Learn(FromSource):
    """A network trained on the source, kept in the library."""

    task: Literal["learn"]
    name: Name | None = None
    seconds: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] | None = None
    steps: Annotated[int, Field(ge=1, le=10**9)] | None = None
    until_settled: bool = False
    preset: Literal["fast", "paper"] | None = None
    finest: bool = False
    seed: Seed = 0
    resume: bool = False

    @model_validator(mode="after")
    def _sensible(self) -> Learn:
        if (self.seconds is not None) + (self.steps is not None) + self.until_settled > 1:
            raise ValueError("name one of seconds, steps and until_settled")
        if self.resume and (self.source.texture is None or self.name or self.preset or self.finest):
            raise ValueError("to resume, name a texture as the source and nothing but how long")
        if not self.resume and self.name is None:
            raise ValueError("name the texture that is to be learned")
        return self


Text = TextContent | TextStyle | TextRestyle | TextRegion
Making = Generate | Tile | Place | Expand | Fill | Paint | Style | Harmonize | Text
Job = Making | Learn | Fetch
JOB: TypeAdapter[Job] = TypeAdapter(Annotated[Job, Field(discriminator="task")])


def read_job(header: Header) -> Job:
    """The job that a container asks for, if it makes sense with the container's tensors. Raises InputError."""
    if "request" not in header.metadata:
        raise InputError("The container asks for nothing: put a job into its metadata, as request.")
    try:
        job = JOB.validate_python(read_json(header.metadata["request"]))
    except ValidationError as error:
        raise InputError(f"The job cannot be done as it is asked for ({sentence(error.errors())}).") from error
    except ValueError as error:
        raise InputError("The job that is asked for is not JSON: try again, or update the plugin.") from error
    if isinstance(job, Fetch):
        return job
    for picture in [*(job.source.layers or []), *([job.picture] if isinstance(job, OnPicture) else [])]:
        _check_picture(picture, header)
    if isinstance(job, Fill | Harmonize | TextRegion) and job.mask is not None:
        _check_mask(job.mask, job.picture.tensor, header)
    if isinstance(job, Harmonize) and job.over is not None:
        _check_picture(job.over, header)
        if header.tensors[job.over.tensor] != header.tensors[job.picture.tensor]:
            raise InputError("The object and what it is over are not of one size and depth: update the plugin.")
    return job


def sentence(errors: Any) -> str:
    """The first thing that pydantic found wrong, in words."""
    first = errors[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}"[:300] if where else first["msg"][:300]


def _check_picture(picture: Picture, header: Header) -> None:
    shape = _shape(picture.tensor, header)
    channels = CHANNELS[picture.layout]
    if len(shape) != 3 or channels not in (None, shape[2]):
        raise InputError(f"{picture.tensor} is not laid out as {picture.layout}: update the plugin.")
    for mask in (picture.only, picture.without):
        if mask is not None:
            _check_mask(mask, picture.tensor, header)
    if picture.icc is not None:
        try:
            base64.b64decode(picture.icc, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InputError("A colour profile is not in base64: update the plugin.") from error


def _check_mask(mask: str, picture: str, header: Header) -> None:
    shape, wanted = _shape(mask, header), _shape(picture, header)[:2]
    if shape != wanted or header.tensors[mask].dtype == "F16":
        raise InputError("A selection is not as large as its layer: select on the layer itself and try again.")


def _shape(name: str, header: Header) -> tuple[int, ...]:
    if name not in header.tensors:
        raise InputError(f"The job names {name}, which did not arrive: try again, or update the plugin.")
    return header.tensors[name].shape
