"""A thousand containers that are wrong in one place each: all are refused in a sentence, and nothing of them stays."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from backends import Backend
from raw import DATA, SIDE, container, header, post

BAD_NUMBERS = (-1, 1.5, "16", True, None, [], 1 << 70, {})
JUNK = (None, 1, "x", [], {}, [1], True, -1.5, {"a": 1})


def changed(change: Callable[[dict[str, Any]], object], data: bytes = DATA) -> bytes:
    """The good container after a change of its header."""
    described = header()
    change(described)
    return container(described, data)


def asked(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The good container after a change of what it asks for."""
    described = header()
    job = json.loads(described["__metadata__"]["request"])
    change(job)
    described["__metadata__"]["request"] = json.dumps(job)
    return container(described)


def put(*path: str | int, value: Any) -> Callable[[Any], None]:
    """A change: set what is at that path."""

    def change(inside: Any) -> None:
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = copy.deepcopy(value)

    return change


def wrong_frames(rng: random.Random) -> Iterator[bytes]:
    """Lengths and headers that are not what they say."""
    good = container(header())
    text = json.dumps(header()).encode()
    for _ in range(250):
        yield good[: rng.randrange(len(good))]
        yield good + bytes(rng.randrange(1, 50))
        yield container(text, length=rng.choice([0, 1, len(text) - 1, len(text) + 1, 1 << 20, 1 << 40, (1 << 64) - 1]))
        at = rng.randrange(len(text))
        yield container(text[:at] + rng.choice([b"\0", b"\xff", b"{", b'"', b"\x01"]) + text[at + 1 :] + b",")
    yield container(b"[" * 100_000)
    yield container(b'{"a":' * 100_000)
    yield container(b"1" * 10_000)
    yield container(text[:-1] + b"," + text[1:])  # names stand twice
    for junk in JUNK:
        yield container(junk)


def wrong_tensors() -> Iterator[bytes]:
    """Tensors that cannot be."""
    for name in ("picture", "mask"):
        for junk in JUNK:
            yield changed(put(name, value=junk))
            yield changed(put(name, "shape", value=junk))
            yield changed(put(name, "data_offsets", value=junk))
            yield changed(put(name, "dtype", value=junk))
        for dtype in ("F64", "BF16", "I8", "BOOL", "u8", "U8 ", "F8_E4M3", "object"):
            yield changed(put(name, "dtype", value=dtype))
        for bad in (*BAD_NUMBERS, 0, 1 << 16, 17):
            for at in (0, 1):
                yield changed(put(name, "shape", at, value=bad))
                yield changed(put(name, "data_offsets", at, value=bad))
        for key in ("dtype", "shape", "data_offsets"):
            yield changed(lambda described, name=name, key=key: described[name].pop(key))
        yield changed(put(name, "more", value=1))
        yield changed(put(name, "shape", value=[SIDE] * 20))
    for bad in ("../x", "x/y", "Ä", "", " ", "X", "a" * 65, "__metadata"):
        yield changed(lambda described, bad=bad: described.update({bad: described.pop("picture")}))
    for index in range(65):
        more = {f"t{n}": {"dtype": "U8", "shape": [1, 1], "data_offsets": [n, n + 1]} for n in range(65 + index)}
        yield container(more, bytes(65 + index))


def wrong_wishes() -> Iterator[bytes]:  # noqa: PLR0912 - a list
    """Jobs that make no sense."""
    for junk in (*JUNK, "generate"):
        yield changed(put("__metadata__", value=junk))
        yield changed(put("__metadata__", "request", value=junk))
        for path in (("task",), ("source",), ("source", "layers"), ("picture",), ("picture", "tensor"), ("mask",)):
            yield asked(put(*path, value=junk))
        yield asked(put("source", "layers", value=[junk]))
    fields = {
        "count": (0, -1, 65, 1.5, "many", None, [], 1 << 80),
        "seed": (-1, 1 << 32, 0.5, "x", None, {}),
        "quality": ("fine", "", 1, None),
        "engine": ("", "torch", 1),
        "attached": ("maybe", 7, None, []),
        "title": ("x" * 201, 1, None, []),
        "client": ("x" * 41, 1, None),
        "strength": (0.5,),
        "unknown": (1, None),
        "width": (64,),
        "task": ("learn", "expand ", "FILL", "eval", ""),
        "mask": ("picture", "nothing", "../mask", "MASK"),
    }
    for name, values in fields.items():
        for value in values:
            yield asked(put(name, value=value))
    for name in ("task", "source", "picture", "mask"):
        yield asked(lambda job, name=name: job.pop(name))
    for where in (("picture",), ("source", "layers", 0)):
        for value in ("rgb", "gray", "bgr", "graya", "RGBA", "cmyk", 4, None):
            yield asked(put(*where, "layout", value=value))
        for value in ("yes please", 2, None, []):
            yield asked(put(*where, "linear", value=value))
        for value in ("no base 64!", "x" * 600_000, 1, []):
            yield asked(put(*where, "icc", value=value))
        for key in ("only", "without"):
            for value in ("picture", "nothing", 1, []):
                yield asked(put(*where, key, value=value))
    for value in ({"texture": "there is none"}, {"texture": ""}, {"texture": "../x"}, {"texture": 1}, {}):
        yield asked(put("source", value=value))
    for value in ([], [{"tensor": "picture"}] * 17):
        yield asked(put("source", "layers", value=value))
    learn = {"task": "learn", "source": {"layers": [{"tensor": "picture"}]}, "name": "new"}
    for more in (
        {"seconds": 0},
        {"seconds": -1},
        {"seconds": 1e9},
        {"steps": 0},
        {"steps": 1.5},
        {"steps": 1, "seconds": 1},
        {"name": ""},
        {"name": "a/b"},
        {"name": ".hidden"},
        {"name": "con"},
        {"name": "x" * 101},
        {"name": None},
        {"resume": True},
        {"preset": "quick"},
        {"count": 2},
    ):
        yield asked(lambda job, more=more: (job.clear(), job.update({**learn, **more})))
    sized = {"task": "generate", "source": {"layers": [{"tensor": "picture"}]}}
    for value in (0, 7, 40_000, -5, 1.5, "64", None):
        for more in ({"width": value, "height": 64}, {"width": 64}, {"height": value}):
            if more != {"height": None}:
                yield asked(lambda job, more=more: (job.clear(), job.update({**sized, **more})))
    yield asked(lambda job: (job.clear(), job.update({**sized, "width": 32768, "height": 32768})))
    for name, values in {"closeness": (-0.1, 1.1, "x"), "keep_layout": (2, None), "axis": ("x",)}.items():
        for value in values:
            yield asked(lambda job, name=name, value=value: (job.clear(), job.update({**sized, name: value})))


def test_a_thousand_wrong_containers_are_refused_in_a_sentence(backend: Backend):
    rng = random.Random(0)
    bodies = {*wrong_frames(rng), *wrong_tensors(), *wrong_wishes()} - {container(header())}
    assert len(bodies) >= 1000
    for body in bodies:
        status, told = post(backend, body)
        assert 400 <= status < 500, (status, told, body[:700])
        assert set(told) == {"error"}
        assert told["error"].endswith(".")
        assert "\n" not in told["error"]
    assert list((backend.state / "jobs").iterdir()) == []
    assert backend.client.jobs() == ()
    assert post(backend, container(header()))[0] == 201
