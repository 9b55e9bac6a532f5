"""Pixels between Krita and the backend, without Krita."""

import struct

import pytest
from sinddm_plugin.client import Picture
from sinddm_plugin.krita.pixels import ENCODED, LINEAR, Space, data_of, picture_from, placed, space_of
from sinddm_ui.host import Box, HostError

CODES = {"U8": "B", "U16": "H", "F16": "e", "F32": "f"}
WHITE = {"U8": 255, "U16": 65535, "F16": 1.0, "F32": 1.0}


@pytest.mark.parametrize("depth", CODES)
@pytest.mark.parametrize(
    ("layout", "held"),
    [("gray", "v"), ("graya", "va"), ("rgb", "rgb"), ("rgba", "rgba"), ("bgr", "bgr"), ("bgra", "bgra")],
)
def test_every_layout_becomes_kritas(depth, layout, held):
    values = [{name: 10 * pixel + "vrgba".index(name) for name in held} for pixel in range(6)]
    data = struct.pack(f"<{6 * len(held)}{CODES[depth]}", *[one[name] for one in values for name in held])
    got = struct.unpack(f"<24{CODES[depth]}", data_of(Picture(data, 3, 2, layout, depth)))
    order = "rgba" if depth.startswith("F") else "bgra"
    wanted = [
        one.get(name, one.get("v", WHITE[depth])) if name != "a" else one.get("a", WHITE[depth])
        for one in values
        for name in order
    ]
    assert list(got) == wanted


def test_what_is_not_complete_is_refused():
    with pytest.raises(HostError, match="not complete"):
        data_of(Picture(bytes(15), 2, 2))
    with pytest.raises(HostError, match="layer's pixels"):
        picture_from(bytes(15), Box(0, 0, 2, 2), Space("RGBA", "U8", ENCODED))


def test_what_a_layer_cannot_hold_is_refused():
    with pytest.raises(HostError, match="colours"):
        data_of(Picture(bytes(2 * 2 * 7), 2, 2, "maps", "U8"))


@pytest.mark.parametrize(
    ("space", "wanted"),
    [
        (Space("RGBA", "U16", LINEAR), ("U16", "bgra", True)),
        (Space("RGBA", "F16", LINEAR), ("F16", "rgba", True)),
        (Space("RGBA", "U8", "AdobeRGB1998.icc"), ("U8", "bgra", False)),
        (Space("RGBA", "F32", "Rec2020-elle-V4-g10.icc"), ("F32", "rgba", True)),
        (Space("GRAYA", "U8", "Gray-D50-elle-V2-srgbtrc.icc"), ("U8", "bgra", False)),
        (Space("GRAYA", "U16", "Gray-D50-elle-V2-g10.icc"), ("U16", "bgra", False)),
        (Space("CMYKA", "F32", "Chemical proof"), ("F32", "rgba", True)),
    ],
)
def test_results_are_as_deep_as_the_document(space, wanted):
    made = space.working().format
    assert (made.dtype, made.layout, made.linear) == wanted


def test_layers_are_read_as_they_are_where_their_colours_mean_the_same():
    document = Space("RGBA", "U8", ENCODED)
    for same in (document, Space("RGBA", "U16", ENCODED), Space("RGBA", "F32", LINEAR)):
        assert same.read_in(document) == same
    other = Space("RGBA", "U16", "AdobeRGB1998.icc")
    assert other.read_in(document) == Space("RGBA", "U16", ENCODED)
    assert document.read_in(other) == Space("RGBA", "U8", "AdobeRGB1998.icc")


def test_a_result_is_of_the_documents_profile_or_of_srgb():
    data = bytes(16)
    document = Space("RGBA", "F32", "Rec2020-elle-V4-g10.icc")
    assert space_of(Picture(data, 2, 2, "rgba", "U8"), document).profile == ENCODED
    assert space_of(Picture(data, 1, 1, "rgba", "F32", True), document) == document


def test_a_part_is_placed_in_a_box():
    assert placed(b"\1\2\3\4", Box(1, 1, 2, 2), Box(0, 0, 4, 3), 1) == b"\0\0\0\0\0\1\2\0\0\3\4\0"
    assert placed(b"", Box(0, 0, 0, 0), Box(0, 0, 2, 1), 4) == bytes(8)
