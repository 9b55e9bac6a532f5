"""What goes through the line, between Python's values and JSON with blocks of bytes beside it. Standard library only.

Neither end trusts the other: what arrives is taken only as the type that is expected there.
"""

from __future__ import annotations

import collections.abc
import math
import types
import typing
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from sinddm_plugin.client import Mask, Picture
from sinddm_plugin.client.container import SIZES

Block = bytes | bytearray | memoryview
BLOCKS = (bytes, bytearray, memoryview)
UNIONS = (types.UnionType, typing.Union)  # the same from Python 3.14 on


class WireError(Exception):
    """What arrived is not what was expected."""


def flat(value: Any, blocks: list[Block]) -> Any:
    """A value as JSON has it; its bytes are added to the blocks, which are not copied."""
    if isinstance(value, BLOCKS):
        blocks.append(value)
        return len(blocks) - 1
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: flat(getattr(value, one.name), blocks) for one in fields(value)}
    if isinstance(value, list | tuple):
        return [flat(one, blocks) for one in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} does not go through the line")


def built(kind: Any, value: Any, blocks: list[bytearray]) -> Any:
    """A value of a type, out of what flat() made of it. Raises WireError."""
    if kind in BLOCKS:
        return _block(kind, value, blocks)
    if isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields")):
        return _with_fields(kind, value, blocks)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in UNIONS:
        return _of_union(arguments, value, blocks)
    if origin in (tuple, collections.abc.Sequence):
        return tuple(built(arguments[0], one, blocks) for one in _listed(value))
    if type(value) is kind or (origin is typing.Literal and value in arguments):
        return value
    return _wrong(kind, value)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _block(kind: Any, value: Any, blocks: list[bytearray]) -> Block:
    if type(value) is not int or not 0 <= value < len(blocks):
        _wrong(kind, value)
    return bytes(blocks[value]) if kind is bytes else blocks[value]


def _of_union(kinds: tuple[Any, ...], value: Any, blocks: list[bytearray]) -> Any:
    if value is None and type(None) in kinds:
        return None
    rest = [one for one in kinds if one is not type(None)]
    return built(bytearray if bytearray in rest else rest[0], value, blocks)  # pixels in whatever holds them


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else _wrong(list, value)


def _with_fields(kind: type, value: Any, blocks: list[bytearray]) -> Any:
    wanted = _hints(kind)
    if not is_dataclass(kind):  # a NamedTuple, which is a list on the way
        value = dict(enumerate(_listed(value)))
        wanted = dict(enumerate(wanted.values()))
    if not isinstance(value, dict) or set(value) != set(wanted):
        _wrong(kind, value)
    found = {name: built(wanted[name], one, blocks) for name, one in value.items()}
    return _checked(kind(**found)) if is_dataclass(kind) else kind(*found.values())


def _checked(value: Any) -> Any:
    """Pixels are as many as they say."""
    if isinstance(value, Mask | Picture):
        if value.width < 0 or value.height < 0 or value.depth not in SIZES:
            _wrong(type(value), value.depth)
        tensor = value.tensor
        if math.prod(tensor.shape) * SIZES[value.depth] != len(value.data):
            _wrong(type(value), f"{len(value.data)} bytes")
    return value


def _wrong(kind: Any, value: Any) -> typing.NoReturn:
    raise WireError(f"{getattr(kind, '__name__', kind)} expected, and {str(value)[:60]} came")
