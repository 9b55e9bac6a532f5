"""What a plugin asks for reaches the backend as the backend reads it, and its pixels travel once."""

import base64
import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from sinddm_plugin.client import (
    BadContainer,
    Expand,
    Fetch,
    Fill,
    Format,
    Generate,
    Harmonize,
    Learn,
    Mask,
    Paint,
    Picture,
    Place,
    Prompt,
    Request,
    Style,
    TextContent,
    TextRegion,
    TextRestyle,
    TextStyle,
    Tile,
)
from sinddm_plugin.client.container import pack, unpack

from sinddm.backend import container, requests

PIXELS, SELECTED, OTHER = bytes(range(48)), bytes(range(12)), bytes(range(0, 96, 2))
LAYER = Picture(PIXELS, 4, 3, "bgra")
CONTENT = Picture(OTHER, 4, 3, "rgba", linear=True)
MASK = Mask(SELECTED, 4, 3)
WISHES: dict[str, tuple[Request, dict[str, Any]]] = {
    "generate": (
        Generate(source="Meadow", count=3, width=40, height=30, closeness=0.25, keep_layout=1.0, format=Format("F16")),
        {"count": 3, "width": 40, "height": 30, "closeness": 0.25, "keep_layout": 1.0},
    ),
    "tile": (Tile(source=[LAYER], axis="x", engine="learned"), {"axis": "x", "engine": "learned"}),
    "place": (Place(source=[LAYER], regions=[((1, 2, 3, 4), (5, 6, 7, 8))], seed=9), {"seed": 9}),
    "expand": (Expand(source=[LAYER], picture=LAYER, left=1, top=2), {"left": 1, "top": 2, "right": 0, "bottom": 0}),
    "fill": (Fill(source=[LAYER], picture=CONTENT, mask=MASK, attached=True), {"attached": True}),
    "paint": (Paint(source=[LAYER], picture=CONTENT, strength=0.75), {"strength": 0.75}),
    "style": (Style(source=[LAYER], picture=CONTENT, quality="best"), {"quality": "best", "strength": 0.5}),
    "harmonize": (Harmonize(source=[LAYER], picture=CONTENT, mask=MASK), {"strength": 0.6}),
    "text_content": (
        TextContent(source=[LAYER], prompts=[Prompt("red"), Prompt("snow", -0.5)], share=0.25, width=40, height=30),
        {"share": 0.25, "strength": None, "model": None, "width": 40},
    ),
    "text_style": (TextStyle(source="Meadow", prompts=[Prompt("dusk")], model="a/b"), {"model": "a/b", "count": 1}),
    "text_restyle": (TextRestyle(source=[LAYER], picture=CONTENT, prompts=[Prompt("dusk")]), {"strength": None}),
    "text_region": (
        TextRegion(source=[LAYER], picture=CONTENT, mask=MASK, prompts=[Prompt("pond")], strength=0.5, cut=True),
        {"strength": 0.5, "cut": True},
    ),
    "fetch": (Fetch(model="ViT-B-32/laion2b_s34b_b79k"), {"model": "ViT-B-32/laion2b_s34b_b79k"}),
    "learn": (
        Learn(source=[LAYER, CONTENT], name="Öl", steps=50, preset="paper", finest=True),
        {"name": "Öl", "steps": 50, "preset": "paper", "finest": True, "seconds": None, "resume": False},
    ),
}


def read(wish: Request) -> tuple[Any, container.Header]:
    """The job and the container's header, as the backend reads them."""
    length, pieces = pack(*wish.packed())
    whole = b"".join(pieces)
    end = container.START + container.header_length(whole, length)
    header = container.read_header(whole[container.START : end], length)
    return requests.read_job(header), header


def asked(wish: Request) -> dict[str, Any]:
    """The JSON of a request."""
    return json.loads(wish.packed()[1]["request"])


@pytest.mark.parametrize("task", WISHES)
def test_the_backend_reads_what_was_asked_for(task):
    wish, expected = WISHES[task]
    job, _ = read(wish)
    assert job.task == task == wish.task
    for name, value in expected.items():
        assert getattr(job, name) == value


def test_every_task_of_the_backend_can_be_asked_for():
    known = requests.JOB.json_schema(by_alias=True)["$defs"]
    for wish, _ in WISHES.values():
        fields = set(type(wish).__dataclass_fields__) | {"task"}
        assert fields == set(known[type(wish).__name__]["properties"])
    assert set(requests.JOB.json_schema()["discriminator"]["mapping"]) == set(WISHES)


def test_texts_say_how_much_they_count():
    job, _ = read(WISHES["text_content"][0])
    assert [(one.words, one.weight) for one in job.prompts] == [("red", 1.0), ("snow", -0.5)]


def test_regions_say_from_where_to_where():
    job, _ = read(WISHES["place"][0])
    assert [(one.source, one.target) for one in job.regions] == [([1, 2, 3, 4], [5, 6, 7, 8])]


def test_pictures_are_described_where_they_are_named():
    job, header = read(WISHES["fill"][0])
    (layer,) = job.source.layers
    assert (layer.layout, layer.linear, job.picture.layout, job.picture.linear) == ("bgra", False, "rgba", True)
    assert header.tensors[layer.tensor].shape == header.tensors[job.picture.tensor].shape == (3, 4, 4)
    assert header.tensors[job.mask].shape == (3, 4)


def test_masks_and_the_profile_go_with_their_layer():
    other = Mask(bytes(24), 4, 3, "U16")
    wish = Generate(source=[Picture(PIXELS, 4, 3, icc=b"a profile", only=MASK, without=other)])
    job, header = read(wish)
    (layer,) = job.source.layers
    assert base64.b64decode(layer.icc) == b"a profile"
    assert (header.tensors[layer.only].dtype, header.tensors[layer.without].dtype) == ("U8", "U16")


@pytest.mark.parametrize("layers", [list, tuple])
def test_layers_may_be_in_any_sequence(layers):
    source: Sequence[Picture] = layers([LAYER, CONTENT])
    assert [one.layout for one in read(Generate(source=source))[0].source.layers] == ["bgra", "rgba"]


def test_what_is_named_several_times_travels_once():
    selected = Mask(SELECTED, 4, 3)  # the same bytes under another name
    wish = Fill(source=[Picture(PIXELS, 4, 3, without=MASK)], picture=Picture(PIXELS, 4, 3), mask=selected)
    tensors, _ = wish.packed()
    job, header = read(wish)
    assert {id(one.data) for one in tensors.values()} == {id(PIXELS), id(SELECTED)}
    assert job.source.layers[0].tensor == job.picture.tensor
    assert job.source.layers[0].without == job.mask
    assert len(header.tensors) == 2


def test_pixels_that_are_alike_but_not_the_same_both_travel():
    twin = Picture(bytes(bytearray(PIXELS)), 4, 3, "bgra")
    assert len(Paint(source=[LAYER], picture=twin).packed()[0]) == 2


@pytest.mark.parametrize(
    ("depth", "dtype"), [("U8", np.uint8), ("U16", np.uint16), ("F16", np.float16), ("F32", np.float32)]
)
@pytest.mark.parametrize(("layout", "channels"), [("gray", 1), ("graya", 2), ("bgr", 3), ("rgba", 4), ("maps", 7)])
def test_pixels_of_every_depth_and_layout_arrive(depth, dtype, layout, channels):
    array = np.arange(12 * channels, dtype=dtype).reshape(3, 4, channels)
    wish = Generate(source=[Picture(array.data, 4, 3, layout, depth)])
    job, header = read(wish)
    name = job.source.layers[0].tensor
    assert header.tensors[name].shape == (3, 4, channels)
    found = unpack(io.BytesIO(b"".join(pack(*wish.packed())[1]))).tensors[name]
    np.testing.assert_array_equal(np.frombuffer(found.data, dtype).reshape(3, 4, channels), array)


@pytest.mark.parametrize(
    "picture",
    [
        Picture(PIXELS[:-1], 4, 3),
        Picture(PIXELS, 4, 4),
        Picture(PIXELS, 4, 3, "rgb"),
        Picture(PIXELS, 4, 3, depth="U16"),
        Picture(PIXELS[:-1], 4, 3, "maps"),
    ],
)
def test_pixels_that_are_not_as_many_as_they_should_be_are_not_sent(picture):
    with pytest.raises(BadContainer, match="The editor gave"):
        pack(*Generate(source=[picture]).packed())


def test_what_is_left_open_is_left_to_the_backend():
    assert asked(Generate(source="Meadow")) == {
        "task": "generate",
        "source": {"texture": "Meadow"},
        "title": "",
        "client": "",
        "attached": False,
        "seed": 0,
        "count": 1,
    }


@pytest.mark.parametrize("title", ["Wiese 苔 🌿", "x" * 1000, "half a \ud83c letter", 'a "b" \\ \n\x00', "🌿" * 300])
def test_a_layer_may_have_any_name(title):
    job, _ = read(Generate(source="Meadow", title=title, client=title))
    assert job.title.startswith(title[:7])
    assert len(job.title) == min(len(title), 200)


def test_learning_goes_on_with_a_texture():
    job, _ = read(Learn(source="Meadow", resume=True, seconds=30))
    assert (job.resume, job.source.texture, job.name, job.seconds) == (True, "Meadow", None, 30)
