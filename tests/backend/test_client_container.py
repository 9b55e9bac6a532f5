"""The client's container is safetensors, costs no copies, and is refused in one way if it is anything else."""

import io
import json
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from safetensors import deserialize, safe_open
from safetensors.numpy import load, save
from sinddm_plugin.client.container import SIZES, Tensor, pack, unpack
from sinddm_plugin.client.errors import BadContainer

ARRAYS = ["bool", "uint8", "int8", "uint16", "int16", "float16"]
ARRAYS += ["uint32", "int32", "float32", "uint64", "int64", "float64"]
SHAPES = [(3, 5, 4), (7,), (1, 1), (0, 4), (5, 0, 3), (), (1,)]


class Slow(io.BytesIO):
    """A stream that gives three bytes at a time."""

    def readinto(self, buffer: Any) -> int:
        return super().readinto(memoryview(buffer)[:3])


def packed(tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> bytes:
    length, pieces = pack(tensors, metadata or {})
    whole = b"".join(pieces)
    assert len(whole) == length
    return whole


def some(dtype: str, shape: tuple[int, ...], seed: int = 0) -> Tensor:
    count = int(np.prod(shape)) * SIZES[dtype]
    data = np.random.default_rng(seed).integers(0, 2 if dtype == "BOOL" else 256, count, np.uint8)
    return Tensor(data.tobytes(), dtype, shape)


def container(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def described(**changes: Any) -> dict[str, Any]:
    """A container's header with one tensor of six bytes."""
    return {"a": {"dtype": "U8", "shape": [2, 3], "data_offsets": [0, 6], **changes}}


def assert_same(found: dict[str, Tensor], tensors: dict[str, Tensor]) -> None:
    assert {name: (bytes(one.data), one.dtype, one.shape) for name, one in found.items()} == tensors


# The same as the library's


@pytest.mark.parametrize("dtype", SIZES)
def test_the_library_reads_every_type_that_is_written(dtype):
    tensors = {f"tensor {n}": some(dtype, shape, n) for n, shape in enumerate(SHAPES)}
    read = dict(deserialize(packed(tensors)))
    found = {name: Tensor(bytes(one["data"]), one["dtype"], tuple(one["shape"])) for name, one in read.items()}
    assert found == tensors


@pytest.mark.parametrize("dtype", ARRAYS)
def test_what_the_library_writes_is_read_with_its_values(dtype):
    arrays = {f"n{n}": np.full(shape, n + 1, dtype) for n, shape in enumerate(SHAPES)}
    found = unpack(io.BytesIO(save(arrays, {"about": "Wiese 苔"})))
    assert found.metadata == {"about": "Wiese 苔"}
    for name, array in arrays.items():
        one = found.tensors[name]
        assert one.shape == array.shape
        np.testing.assert_array_equal(np.frombuffer(one.data, array.dtype).reshape(one.shape), array)


def test_types_of_all_sizes_travel_together_and_stay_aligned(tmp_path):
    tensors = {
        dtype: some(dtype, (3, 5), seed) for seed, dtype in enumerate(["U8", "F32", "U16", "F16", "F64", "BOOL"])
    }
    path = tmp_path / "file.safetensors"
    path.write_bytes(packed(tensors, {"request": '{"title": "\\ud83c\\udf3f"}', "empty": ""}))
    with safe_open(path, "np") as file:
        assert file.metadata() == {"request": '{"title": "\\ud83c\\udf3f"}', "empty": ""}
    header = json.loads(path.read_bytes()[8:].split(b"}}")[0] + b"}}")
    start = 8 + struct.unpack("<Q", path.read_bytes()[:8])[0]
    assert start % 8 == 0
    for name, tensor in tensors.items():
        assert header[name]["data_offsets"][0] % SIZES[tensor.dtype] == 0


def test_a_container_without_tensors_is_one(tmp_path):
    whole = packed({}, {"request": "{}"})
    assert load(whole) == {}
    found = unpack(io.BytesIO(whole), len(whole))
    assert (found.tensors, found.metadata) == ({}, {"request": "{}"})


@pytest.mark.parametrize("known", [True, False], ids=["length known", "length unknown"])
@pytest.mark.parametrize("stream", [io.BytesIO, Slow])
def test_what_was_packed_is_unpacked(stream, known):
    tensors = {f"{dtype}{n}": some(dtype, shape, n) for n, shape in enumerate(SHAPES) for dtype in ("U8", "F16", "F32")}
    whole = packed(tensors, {"a": "b"})
    found = unpack(stream(whole), len(whole) if known else None)
    assert_same(found.tensors, tensors)
    assert found.metadata == {"a": "b"}


@pytest.mark.parametrize("order", ["C", "F"])
def test_pixels_may_lie_in_any_object_that_holds_them_in_rows(order):
    array = np.asarray(np.arange(24, dtype=np.float16).reshape(2, 3, 4), order=order)
    tensors = {"a": Tensor(array.data, "F16", (2, 3, 4)), "b": Tensor(bytearray(3), "U8", (3,))}
    if order == "F":
        with pytest.raises(BadContainer, match="rows"):
            pack(tensors, {})
    else:
        np.testing.assert_array_equal(load(packed(tensors))["a"], array)


@pytest.mark.parametrize("padding", range(9))
def test_headers_of_any_length_are_read(padding):
    header = json.dumps(described()).encode() + b" " * padding
    found = unpack(io.BytesIO(container(header, b"abcdef")))
    assert bytes(found.tensors["a"].data) == b"abcdef"


# Copies


def test_packing_copies_no_pixels():
    data = bytearray(16 << 20)
    tracemalloc.start()
    length, pieces = pack({"a": Tensor(data, "U8", (4096, 1024, 4))}, {})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (length > len(data), peak < 1 << 20) == (True, True)
    data[-1] = 77
    assert pieces[-1][-1] == 77


def test_unpacking_reads_into_one_block_of_memory():
    tensors = {name: Tensor(bytearray(8 << 20), "F32", (1024, 2048)) for name in "ab"}
    stream = io.BytesIO(packed(tensors))
    tracemalloc.start()
    found = unpack(stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 16 << 20 < peak < 17 << 20
    views = [memoryview(one.data) for one in found.tensors.values()]
    assert views[0].obj is views[1].obj
    views[0][0] = 5  # the caller may work in it
    assert views[0][0] == 5


# What is not a container


BROKEN = {
    "nothing": b"",
    "half a length": b"\x05\x00",
    "no header": struct.pack("<Q", 2),
    "half a header": container(described(), b"abcdef")[:20],
    "half of the pixels": container(described(), b"abc"),
    "more than the pixels": container(described(), b"abcdefg"),
    "a huge header": container(b"{}", length=1 << 63),
    "a header over the limit": container(b"{" + b" " * (1 << 20) + b"}"),
    "no JSON": container(b"{]"),
    "not UTF-8": container(b'{"\xff": 1}'),
    "deep JSON": container(b"[" * 100_000),
    "a list": container([]),
    "a number": container(b"12"),
    "metadata of numbers": container({"__metadata__": {"a": 1}}),
    "metadata as a list": container({"__metadata__": ["a"]}),
    "a tensor that is a list": container({"a": []}),
    "a tensor that says nothing": container({"a": {}}),
    "a tensor that says more": container(described(more=1), b"abcdef"),
    "an unknown type": container(described(dtype="U9"), b"abcdef"),
    "a type that is a list": container(described(dtype=["U8"]), b"abcdef"),
    "a shape that is a number": container(described(shape=6), b"abcdef"),
    "a shape of halves": container(described(shape=[1.5, 4]), b"abcdef"),
    "a shape of truths": container(described(shape=[True, 6]), b"abcdef"),
    "a negative shape": container(described(shape=[-2, -3]), b"abcdef"),
    "a shape of many sides": container(described(shape=[1] * 1000 + [6]), b"abcdef"),
    "a shape beyond all numbers": container(described(shape=[1 << 52] * 16, data_offsets=[0, 1 << 52])),
    "another shape": container(described(shape=[2, 2]), b"abcdef"),
    "one offset": container(described(data_offsets=[6]), b"abcdef"),
    "three offsets": container(described(data_offsets=[0, 6, 6]), b"abcdef"),
    "offsets the wrong way round": container(described(data_offsets=[6, 0]), b"abcdef"),
    "a gap before": container(described(data_offsets=[1, 7]), b"_abcdef"),
    "an overlap": container(described() | {"b": described()["a"]}, b"abcdef"),
    "a gap between": container(described() | {"b": described(data_offsets=[7, 13])["a"]}, b"abcdef_abcdef"),
    "a name twice": container(
        json.dumps(described())[:-1].encode() + b"," + json.dumps(described())[1:].encode(), b"abcdef"
    ),
}


@pytest.mark.parametrize("known", [True, False], ids=["length known", "length unknown"])
@pytest.mark.parametrize("whole", BROKEN.values(), ids=BROKEN.keys())
def test_anything_else_is_refused_in_one_way(whole, known):
    with pytest.raises(BadContainer, match=r"^[A-Z][^\n]{20,200}\.$"):
        unpack(io.BytesIO(whole), len(whole) if known else None)


@pytest.mark.parametrize("told", [-1, 1, 1000, -14])
def test_a_length_that_is_not_the_containers_is_refused(told):
    whole = container(described(), b"abcdef")
    with pytest.raises(BadContainer, match="not as long"):
        unpack(io.BytesIO(whole), len(whole) + told)


def test_more_than_there_is_memory_for_is_refused():
    huge = 1 << 52
    whole = container(described(shape=[huge], data_offsets=[0, huge]))
    with pytest.raises(BadContainer, match="memory"):
        unpack(io.BytesIO(whole))


@pytest.mark.parametrize(
    "tensor",
    [Tensor(b"abc", "U8", (2, 2)), Tensor(b"abcd", "U9", (2, 2)), Tensor(b"", "F16", (1,)), Tensor(b"a", "U8", (0,))],
    ids=["too few bytes", "an unknown type", "no bytes", "a byte too many"],
)
def test_pixels_that_are_not_what_they_should_be_are_not_sent(tensor):
    with pytest.raises(BadContainer, match="The editor gave"):
        pack({"a": tensor}, {})


def test_metadata_beyond_the_limit_is_not_sent():
    with pytest.raises(BadContainer, match="profiles"):
        pack({}, {"request": "x" * (1 << 20)})
