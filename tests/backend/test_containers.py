"""A thousand containers that are wrong in one place each: all are refused in a sentence, and nothing of them stays."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from backends import Backend
from raw import DATA, MEDIA_TYPE, SIDE, container, header, post

GOOD = container(header())
TEXT = json.dumps(header()).encode()
LAYER, MASK = SIDE * SIDE * 4, SIDE * SIDE  # bytes
BAD_NUMBERS = (-1, 1.5, 16.0, "16", True, None, [], 1 << 70, {})
JUNK = (None, 1, "x", [], {}, [1], True, -1.5, {"a": 1}, "Ä" * 5000)


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


def instead(wish: dict[str, Any]) -> bytes:
    """The good container with another job."""
    return asked(lambda job: (job.clear(), job.update(wish)))


def put(*path: str | int, value: Any) -> Callable[[Any], None]:
    """A change: set what is at that path."""

    def change(inside: Any) -> None:
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = copy.deepcopy(value)

    return change


def flipped(data: bytes, bit: int) -> bytes:
    """The data with one bit the other way."""
    at, which = divmod(bit, 8)
    return data[:at] + bytes([data[at] ^ 1 << which]) + data[at + 1 :]


def wrong_frames() -> Iterator[bytes]:
    """What does not begin, go on or end as it says.

    Of the header every bit counts: there is no blank in it that could be another one, all its names are those of
    fields, tensors or metadata that are needed, and its numbers those that fit.
    """
    for bit in range(64):
        yield flipped(GOOD, bit)
    for bit in range(1, len(TEXT) * 8, 5):
        yield container(flipped(TEXT, bit))
    for length in range(0, len(GOOD), 13):
        yield GOOD[:length]
    for more in (1, 8, 4096):
        yield GOOD + bytes(more)
        yield b"\0" * more + GOOD
        yield container(header(), bytes(more) + DATA)
        yield container(header(), DATA[more:])
    for length in (0, 1, len(TEXT) - 1, len(TEXT) + 1, 1 << 20, 1 << 31, 1 << 32, 1 << 63, (1 << 64) - 1):
        yield container(TEXT, length=length)
    for text in (
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"__metadata__":' * 50_000 + b"1" + b"}" * 50_000,
        b"1" * 10_000,
        b" " * 100,
        b"\xef\xbb\xbf" + TEXT,
        TEXT.decode().encode("utf-16"),
        TEXT.decode().encode("utf-16-le"),
        TEXT.decode().encode("utf-32"),
        TEXT + TEXT,
        TEXT + b"\0",
        TEXT[:-1] + b"," + TEXT[1:],  # all names stand twice
        TEXT[:-1] + b', "mask": ' + json.dumps(header()["mask"]).encode() + b"}",
        TEXT.replace(b'"shape": [', b'"shape": [1, 1], "shape": [', 1),
        TEXT.replace(b'{"request":', b'{"request": "{}", "request":'),
        TEXT.replace(b"1024", b"1024" + b"0" * 5000),
        TEXT.replace(b"1024", b"NaN"),
        TEXT.replace(b"16", b"+16"),
        TEXT.replace(b'"', b"'"),
        TEXT.replace(b"mask", b"m\xff\xfe", 1),
        b" " * ((1 << 20) + 1 - len(TEXT)) + TEXT,
    ):
        yield container(text)
    for junk in JUNK:
        yield container(junk)


def wrong_tensors() -> Iterator[bytes]:  # noqa: PLR0912 - a list
    """Tensors that cannot be."""
    for name in ("picture", "mask"):
        for junk in JUNK:
            yield changed(put(name, value=junk))
            for key in ("shape", "data_offsets", "dtype"):
                yield changed(put(name, key, value=junk))
        for dtype in ("F64", "BF16", "I8", "U32", "BOOL", "u8", "U8 ", "F8_E4M3", "object", "|O", ""):
            yield changed(put(name, "dtype", value=dtype))
        for dtype in ("U16", "F16", "F32"):  # of another size
            yield changed(put(name, "dtype", value=dtype))
        for bad in (*BAD_NUMBERS, 0, 17, 1 << 16, 1 << 32, 1 << 63):
            yield changed(put(name, "shape", 0, value=bad))
            yield changed(put(name, "shape", 1, value=bad))
            yield changed(put(name, "data_offsets", 1, value=bad))
        for bad in (*BAD_NUMBERS, 17, 1 << 63):
            yield changed(put(name, "data_offsets", 0, value=bad))
        for shape in (
            [],
            [MASK],
            [LAYER],
            [0],
            [SIDE] * 20,
            [1] * 5,
            [1 << 15, 1 << 15],
            [1 << 31, 1 << 31],
            [1 << 40],
        ):
            yield changed(put(name, "shape", value=shape))
        for key in ("dtype", "shape", "data_offsets"):
            yield changed(lambda described, name=name, key=key: described[name].pop(key))
        yield changed(put(name, "more", value=1))
        yield changed(lambda described, name=name: described.pop(name), DATA[: LAYER if name == "mask" else MASK])
    end = LAYER + MASK
    for picture, mask, data in (
        ([0, LAYER], [0, MASK], LAYER),  # one upon the other
        ([0, LAYER], [LAYER - MASK, LAYER], LAYER),
        ([0, LAYER], [LAYER - 1, end - 1], end - 1),
        ([0, LAYER], [LAYER + 1, end + 1], end + 1),  # something between them
        ([MASK, end], [0, MASK], end - 1),
        ([MASK + 9, end + 9], [0, MASK], end + 9),
        ([1, LAYER + 1], [LAYER + 1, end + 1], end + 1),  # something before them
        ([LAYER, 0], [LAYER, end], end),  # backwards
        ([0, LAYER], [end, LAYER], end),
        ([-LAYER, 0], [0, MASK], MASK),
        ([1 << 62, (1 << 62) + LAYER], [0, MASK], MASK),
        ([0, LAYER, end], [LAYER, end], end),
    ):
        described = header()
        described["picture"]["data_offsets"], described["mask"]["data_offsets"] = picture, mask
        yield container(described, bytes(data))
    for bad in ("../x", "x/y", "Ä", "", " ", "X", "a" * 65, "__metadata", "a\n", "a\0", "\ud800"):
        yield changed(lambda described, bad=bad: described.update({bad: described.pop("picture")}))
    for count in (65, 100, 1000):
        places = {f"t{n}": {"dtype": "U8", "shape": [1, 1], "data_offsets": [n, n + 1]} for n in range(count)}
        yield container({**places, "__metadata__": header()["__metadata__"]}, bytes(count))
    swapped = header()
    swapped["picture"], swapped["mask"] = swapped["mask"], swapped["picture"]
    yield container(swapped)
    for shape in ([SIDE, SIDE, 1], [SIDE // 2, SIDE * 2], [SIDE * SIDE, 1], [1, SIDE * SIDE]):
        yield changed(put("mask", "shape", value=shape))
    half = header()
    half["mask"] |= {"dtype": "F16", "data_offsets": [LAYER, LAYER + MASK * 2]}
    yield container(half, bytes(LAYER + MASK * 2))
    for shape in ([SIDE, SIDE * 2, 2], [SIDE, SIDE * 4], [SIDE // 2, SIDE * 2, 4], [1, 1, LAYER]):
        yield changed(put("picture", "shape", value=shape))


FIELDS: dict[str, tuple[Any, ...]] = {
    "count": (0, -1, 65, 1.5, 1.0, "1", "many", None, [], True, 1 << 80),
    "seed": (-1, 1 << 32, 0.5, "x", "1", None, {}, True),
    "quality": ("fine", "", "Draft", 1, None),
    "engine": ("", "torch", 1),
    "attached": ("maybe", "true", 1, 7, None, []),
    "title": ("x" * 201, 1, None, [], "\ud800"),
    "client": ("x" * 41, 1, None),
    "strength": (0.5,),
    "width": (64,),
    "unknown": (1, None),
    "finish": (True,),
    "state": ("done",),
    "__class__": ("x",),
    "task": ("learn", "expand ", "FILL", "eval", "", "generate", "harmonize\0"),
    "mask": ("picture", "nothing", "../mask", "MASK", "mask\n"),
}
PICTURE: dict[str, tuple[Any, ...]] = {
    "tensor": ("mask", "nothing", "", "PICTURE", "picture ", "../picture", "__metadata__", 0),
    "layout": ("rgb", "gray", "bgr", "graya", "RGBA", "cmyk", "", 4, None),
    "linear": ("yes please", "true", 1, 2, None, []),
    "icc": ("no base 64!", "YQ", "ä", "YQ==\n", "x" * (1 << 20), 1, []),
    "only": ("picture", "nothing", "", 1, []),
    "without": ("picture", "nothing", "", 1, []),
    "unknown": (1,),
}
LEARN: dict[str, tuple[Any, ...]] = {
    "seconds": (0, -1, 1e9, "1", True, float("nan"), float("inf")),
    "steps": (0, -1, 1.5, 1 << 40, "1", True),
    "until_settled": (1, "yes", None),
    "name": ("", "a/b", "..", ".hidden", "con", "x" * 101, " x", "x.safetensors", "\0", "\ud800", None, 1),
    "resume": (True, 1),
    "preset": ("quick", 1),
    "finest": (1, "no"),
    "count": (2,),
    "picture": ({"tensor": "picture"},),
}
SIZED: dict[str, tuple[Any, ...]] = {
    "closeness": (-0.1, 1.1, "x", "0.5", None, float("nan"), True),
    "keep_layout": (2, None, -1e-9),
    "axis": ("x",),
    "picture": ({"tensor": "picture"},),
    "width": (64,),
    "height": (64,),
    "format": ({"dtype": "U32"}, {"layout": "x"}, {"more": 1}, {"linear": 1}, [], "U8"),
}
REGION = {"from": [0, 0, 8, 8], "to": [1, 1, 8, 8]}


def wrong_wishes() -> Iterator[bytes]:  # noqa: PLR0912 - a list
    """Jobs that make no sense."""
    for junk in (*JUNK, "generate"):
        yield changed(put("__metadata__", value=junk))
        yield changed(put("__metadata__", "request", value=junk))
        yield changed(put("__metadata__", "more", value=junk if not isinstance(junk, str) else None))
        for path in (("task",), ("source",), ("source", "layers"), ("picture",), ("picture", "tensor"), ("mask",)):
            yield asked(put(*path, value=junk))
        yield asked(put("source", "layers", value=[junk]))
    for name, values in FIELDS.items():
        for value in values:
            yield asked(put(name, value=value))
    for where in (("picture",), ("source", "layers", 0)):
        for name, values in PICTURE.items():
            for value in values:
                yield asked(put(*where, name, value=value))
    for name in ("task", "source", "picture", "mask"):
        yield asked(lambda job, name=name: job.pop(name))
    for value in ("there is none", "", "../x", "x" * 101, "\0", 1, []):
        yield asked(put("source", value={"texture": value}))
    for value in ({}, {"texture": None}, {"layers": None}, {"layers": [], "texture": None}, {"more": 1}):
        yield asked(put("source", value=value))
    yield asked(put("source", "texture", value="Wiese"))
    yield asked(put("source", "layers", value=[{"tensor": "picture"}] * 17))
    learn = {"task": "learn", "source": {"layers": [{"tensor": "picture"}]}, "name": "new"}
    for name, values in LEARN.items():
        for value in values:
            yield instead({**learn, name: value})
    for more in (
        {"steps": 1, "seconds": 1},
        {"steps": 1, "until_settled": True},
        {"seconds": 1, "until_settled": True},
    ):
        yield instead({**learn, **more})
    generate = {"task": "generate", "source": {"layers": [{"tensor": "picture"}]}}
    for name, values in SIZED.items():
        for value in values:
            yield instead({**generate, name: value})
    for value in (0, 7, (1 << 15) + 1, -5, 1.5, "64"):
        yield instead({**generate, "width": value, "height": 64})
        yield instead({**generate, "width": 64, "height": value})
    yield instead({**generate, "width": 1 << 15, "height": 1 << 15})
    for regions in (
        None,
        [],
        {},
        [REGION] * 33,
        [{}],
        [{"from": [0, 0, 8, 8]}],
        [{**REGION, "to": [0, 0, 8]}],
        [{**REGION, "to": [0, 0, 8, 8, 8]}],
        [{**REGION, "from": [0, 0, 8, "8"]}],
        [{**REGION, "from": [0, 0, 8, -8]}],
        [{**REGION, "from": [0, 0, 8, 1 << 40]}],
        [{**REGION, "more": 1}],
        [{"source": [0, 0, 8, 8], "target": [0, 0, 8, 8]}],
    ):
        yield instead({**generate, "task": "place", "regions": regions})
    good = header()["__metadata__"]["request"]
    for text in (
        "",
        " ",
        good[:-1],
        good + "}",
        good[:-1] + ', "mask": "mask"}',  # a name stands twice
        good.replace('"layout"', '"layout": "rgba", "layout"', 1),
        good[:-1] + ', "seed": ' + "9" * 5000 + "}",
        good[:-1] + ', "count": 1e400}',
        "[" * 100_000,
        '{"source":' * 100_000,
        "\ufeff" + good,
        "\ud800",
        "\0",
    ):
        yield changed(put("__metadata__", "request", value=text))


def test_a_thousand_wrong_containers_are_refused_in_a_sentence(backend: Backend):
    bodies = dict.fromkeys([*wrong_frames(), *wrong_tensors(), *wrong_wishes()])  # each once, in order
    assert len(bodies) >= 1000
    assert GOOD not in bodies
    for body in bodies:
        status, told = post(backend, body)
        assert (status, set(told)) == (422, {"error"}), (status, told, body[:1000])
        sentence = told["error"]
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert 20 < len(sentence) < 500
        assert str(backend.state) not in sentence
    assert list((backend.state / "jobs").iterdir()) == []
    assert backend.client.jobs() == ()
    assert "Traceback" not in backend.log
    assert post(backend, GOOD)[0] == 201


def test_a_container_is_nothing_else(backend: Backend):
    for kind in ("application/json", "application/octet-stream", f"{MEDIA_TYPE}; charset=utf-8", MEDIA_TYPE + "x"):
        status, told = post(backend, GOOD, **{"Content-Type": kind})
        assert (status, told["error"]) == (415, f"The body is of the wrong type: send {MEDIA_TYPE}.")
