"""What the backend tells. Fields that are not known here are left out, so that a backend may say more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from .errors import BadAnswer

ENDED = ("done", "failed", "cancelled")

T = TypeVar("T")


@dataclass(frozen=True)
class Health:
    """A backend that lives."""

    version: str
    protocol: int
    pid: int = 0
    """Its process."""
    busy: bool = False
    """Whether jobs run or wait."""
    engine: str = "ready"
    """Or starting."""
    device: str = ""
    """Where the engine runs: cpu, cuda, mps."""

    @classmethod
    def from_json(cls, found: Any) -> Health:
        """Raises BadAnswer."""
        return _known(cls, found)


@dataclass(frozen=True)
class ResultInfo:
    """A result that can be fetched."""

    index: int
    seed: int = 0
    width: int = 0
    height: int = 0
    x: int = 0
    """Where its corner belongs, seen from the corner of the job's picture."""
    y: int = 0
    bytes: int = 0
    fetched: bool = False

    @classmethod
    def from_json(cls, found: Any) -> ResultInfo:
        """Raises BadAnswer."""
        return _known(cls, found)


@dataclass(frozen=True)
class JobView:
    """A job as it was when the backend told."""

    id: str
    task: str
    state: str
    """queued, running, paused, done, failed or cancelled."""
    title: str = ""
    client: str = ""
    fraction: float = 0.0
    """How much of it is done, 0 to 1."""
    left: float | None = None
    """Seconds to go, if known."""
    words: str = ""
    """What it does right now."""
    position: int | None = None
    """How many jobs run before it."""
    preview: int = 0
    """How many previews there were."""
    results: tuple[ResultInfo, ...] = ()
    error: str | None = None
    """The sentence of a job that failed."""
    texture: str | None = None
    """The name in the library of what was learned."""
    attached: bool = False
    can_rerun: bool = False
    created: float = 0.0
    """Seconds since 1970, like started and ended."""
    started: float | None = None
    ended: float | None = None
    engine_seconds: float = 0.0
    """That the engine has worked on it."""

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        return self.state in ENDED

    @classmethod
    def from_json(cls, found: Any) -> JobView:
        """Raises BadAnswer."""
        results = many(ResultInfo, _object(found).get("results", []))
        return _known(cls, {**found, "results": results})


@dataclass(frozen=True)
class TextureView:
    """A texture of the library."""

    name: str
    width: int = 0
    """Of the picture that was learned, like height."""
    height: int = 0
    sources: tuple[str, ...] = ()
    """The files that were learned, as far as they were files."""
    saved: str = ""
    """When, in ISO 8601."""
    bytes: int = 0
    learned_seconds: float | None = None
    """How long a network was trained; None if there is none."""

    @classmethod
    def from_json(cls, found: Any) -> TextureView:
        """Raises BadAnswer."""
        return _known(cls, {**_object(found), "sources": tuple(_list(found.get("sources", [])))})


@dataclass(frozen=True)
class ModelView:
    """A model for words: one that is there, or that can be fetched."""

    name: str
    bytes: int = 0
    page: str = ""
    """Where it can be fetched from."""
    licence: str = ""

    @classmethod
    def from_json(cls, found: Any) -> ModelView:
        """Raises BadAnswer."""
        return _known(cls, found)


@dataclass(frozen=True)
class Models:
    """What text has to work with."""

    usable: bool
    """Whether the package for it is installed."""
    there: tuple[ModelView, ...]
    offer: ModelView
    """The usual one, to be fetched."""

    @classmethod
    def from_json(cls, found: Any) -> Models:
        """Raises BadAnswer."""
        found = _object(found)
        offer = ModelView.from_json(found.get("offer"))
        return _known(cls, {**found, "there": many(ModelView, found.get("there")), "offer": offer})


@dataclass(frozen=True)
class Changes:
    """What has changed since the last time."""

    jobs: tuple[JobView, ...]
    """The jobs that changed, as they are now."""
    ids: frozenset[str] | None = None
    """If not None, all jobs there are: forget the others."""

    @classmethod
    def from_json(cls, found: Any) -> Changes:
        """Raises BadAnswer."""
        ids = _object(found).get("ids")
        return cls(many(JobView, found.get("jobs", [])), None if ids is None else frozenset(_list(ids)))


def many(cls: Any, found: Any) -> tuple[Any, ...]:
    """A list of things with from_json. Raises BadAnswer."""
    return tuple(cls.from_json(one) for one in _list(found))


def _known(cls: type[T], found: Any) -> T:
    """A dataclass of the values it knows."""
    known, found = fields(cls), _object(found)  # pyright: ignore[reportArgumentType] - all callers are dataclasses
    values = {one.name: found[one.name] for one in known if one.name in found}
    if any(one.default is MISSING and one.name not in values for one in known):
        raise BadAnswer
    return cls(**values)


def _object(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise BadAnswer
    return found


def _list(found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise BadAnswer
    return found
