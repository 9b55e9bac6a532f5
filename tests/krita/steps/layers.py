"""Krita's layers as the host tells and reads them."""

from common import make_host, read, same
from sinddm_probe.tools import (
    ENCODED,
    LINEAR,
    QItemSelectionModel,
    Until,
    add_layer,
    app,
    bounds,
    close_documents,
    do_activate,
    do_add_mask,
    do_open,
    do_settle,
    encode,
    layer_tree,
    named,
    pixels,
    plain,
    row_of,
    select,
    trigger,
    waves,
    window,
)
from sinddm_ui.host import Box


def nothing_open_is_no_document():
    yield 0.1
    assert make_host().document() is None


def a_document_is_told():
    host = make_host()
    document, _node = yield from do_open(96, 64)
    add_layer(document, "Sky", plain(20, 10, b"\x10\x20\x30\xff"), 5, 6, 20, 10)
    yield from do_activate(document, named(document, "Sky"))
    found = host.document()
    assert (found.width, found.height) == (96, 64)
    assert [one.name for one in found.layers] == ["Sky", "Meadow"]
    assert found.layer(found.active).name == "Sky"
    assert found.selected == (found.active,)
    assert found.selection is None
    assert found.layers[0].box == Box(5, 6, 20, 10)
    assert found.layers[1].box == Box(0, 0, 96, 64)
    assert [one.kind for one in found.layers] == ["paint", "paint"]
    assert found == host.document(), "the same picture is told differently the second time"
    assert (found.format.dtype, found.format.linear) == ("U8", False)


def _exact(depth, profile):
    host = make_host()
    document, node = yield from do_open(50, 40, "RGBA", depth, profile)
    if depth.startswith("F"):
        values = [((i * 37) % 101) / 25 - 0.5 for i in range(50 * 40 * 4)]  # from -0.5 to 3.5
        values[3::4] = [min(1.0, max(0.0, value)) for value in values[3::4]]
        node.setPixelData(encode(values, depth), 0, 0, 50, 40)
        yield from do_settle(document)
    before = pixels(node)
    found = host.document()
    assert found.format.dtype == depth, found.format
    picture = read(host, found.active, Box(0, 0, 50, 40))
    assert (picture.depth, picture.width, picture.height) == (depth, 50, 40)
    assert picture.layout == ("bgra" if depth.startswith("U") else "rgba")
    assert picture.linear == found.format.linear == (profile == LINEAR), (picture.linear, found.format.linear)
    assert bytes(picture.data) == before, "what is read is not what is there"
    same(host, document, picture, "Copy", before)
    yield from do_settle(document)
    assert pixels(named(document, "Copy"), (0, 0, 50, 40)) == before, "what is inserted is not what was read"
    copy = named(document, "Copy")
    assert (copy.colorDepth(), copy.colorProfile()) == (node.colorDepth(), node.colorProfile())


def eight_bits_are_exact():
    yield from _exact("U8", ENCODED)


def sixteen_bits_are_exact():
    yield from _exact("U16", LINEAR)


def sixteen_bits_with_an_encoded_profile_are_exact():
    yield from _exact("U16", ENCODED)


def half_floats_are_exact():
    yield from _exact("F16", LINEAR)


def floats_are_exact():
    yield from _exact("F32", LINEAR)


def _converted(model, depth, profile, most):
    """What is read from another model, and inserted again, looks as before."""
    host = make_host()
    document, node = yield from do_open(50, 40, model, depth, profile)
    before = pixels(node)
    found = host.document()
    picture = read(host, found.active, Box(0, 0, 50, 40))
    assert (picture.width, picture.height) == (50, 40)
    same(host, document, picture, "Copy", None)
    yield from do_settle(document)
    copy = named(document, "Copy")
    assert (copy.colorModel(), copy.colorDepth(), copy.colorProfile()) == (model, depth, node.colorProfile())
    after = pixels(copy, (0, 0, 50, 40))
    assert len(before) == len(after)
    assert pixels(node) == before, "reading has changed the layer"
    steps = [memoryview(one).cast("H" if depth == "U16" else "B") for one in (before, after)]
    worst = max(abs(a - b) for a, b in zip(*steps, strict=False))
    assert worst <= most, f"colours are off by up to {worst}"
    return worst


def gray_is_kept():
    return (yield from _converted("GRAYA", "U8", "", 1))


def gray_of_sixteen_bits_is_kept():
    return (yield from _converted("GRAYA", "U16", "", 300))


def cmyk_is_read_and_written_through_krita():
    host = make_host()
    document, node = yield from do_open(50, 40, "CMYKA", "U8", "")
    before = pixels(node)
    found = host.document()
    picture = read(host, found.active, Box(0, 0, 50, 40))
    assert picture.layout in ("rgba", "bgra")
    same(host, document, picture, "Copy", None)
    yield from do_settle(document)
    copy = named(document, "Copy")
    assert copy.colorModel() == "CMYKA"
    again = read(host, host.document().layers[0].id, Box(0, 0, 50, 40))
    assert host.document().layers[0].name == "Copy"
    worst = max(abs(a - b) for a, b in zip(bytes(picture.data), bytes(again.data), strict=False))
    top = 8 if picture.depth == "U8" else 8 * 257  # inks have 8 bits: there and back costs a few steps
    assert worst <= top, f"colours are off by up to {worst}"
    assert pixels(node) == before


def a_layer_with_a_negative_offset():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    data = waves(40, 30, seed=3)
    node = add_layer(document, "Corner", data, -20, -10, 40, 30)
    yield from do_activate(document, node)
    found = host.document()
    layer = found.layer(found.active)
    assert layer.box == Box(-20, -10, 40, 30)
    assert bytes(read(host, layer.id, layer.box).data) == data
    wider = bytes(read(host, layer.id, layer.box.grown(2)).data)
    row = 44 * 4
    assert wider[: 2 * row] == bytes(2 * row), "beside its pixels a layer is not transparent"
    assert wider[2 * row + 8 : 2 * row + 8 + 160] == data[:160]


def a_group_is_read_as_it_is_seen():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    group = add_layer(document, "Things", kind="grouplayer")
    add_layer(document, "Red", plain(10, 10, b"\x00\x00\xff\xff"), 4, 4, 10, 10, parent=group)
    add_layer(document, "Blue", plain(10, 10, b"\xff\x00\x00\xff"), 8, 4, 10, 10, parent=group)
    yield from do_activate(document, group)
    found = host.document()
    layer = found.layer(found.active)
    assert (layer.kind, layer.name, layer.box) == ("group", "Things", Box(4, 4, 14, 10))
    assert [one.name for one in found.layers] == ["Things", "Blue", "Red", "Meadow"]
    row = bytes(read(host, layer.id, layer.box).data)[: 14 * 4]
    assert row == b"\x00\x00\xff\xff" * 4 + b"\xff\x00\x00\xff" * 10


def a_hidden_layer_is_read():
    host = make_host()
    document, node = yield from do_open(96, 64)
    node.setVisible(False)
    node.setOpacity(100)
    yield from do_settle(document)
    found = host.document()
    layer = found.layer(found.active)
    assert (layer.visible, layer.box) == (False, Box(0, 0, 96, 64))
    assert bytes(read(host, layer.id, layer.box).data) == waves(96, 64)


def a_masked_layer_is_read_as_it_is_seen():
    host = make_host()
    document, node = yield from do_open(96, 64)
    yield from do_add_mask(document, node, 10, 10, 30, 20)
    yield from do_activate(document, node)
    found = host.document()
    layer = found.layer(found.active)
    data = bytes(read(host, layer.id, Box(0, 0, 96, 64)).data)
    alphas = {data[(y * 96 + x) * 4 + 3] for x, y in ((0, 0), (9, 10), (50, 50))}
    assert alphas == {0}
    assert data[(10 * 96 + 10) * 4 : (10 * 96 + 40) * 4] == waves(96, 64)[(10 * 96 + 10) * 4 : (10 * 96 + 40) * 4]


def an_active_mask_means_its_layer():
    host = make_host()
    document, node = yield from do_open(96, 64)
    mask = yield from do_add_mask(document, node, 10, 10, 30, 20)
    yield from do_activate(document, mask)
    found = host.document()
    assert found.layer(found.active).name == "Meadow"


def an_empty_layer_has_an_empty_box():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    yield from do_activate(document, add_layer(document, "Nothing"))
    found = host.document()
    assert found.layer(found.active).box.empty


def a_layer_of_one_pixel():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    yield from do_activate(document, add_layer(document, "Dot", b"\x01\x02\x03\xff", 7, 9, 1, 1))
    found = host.document()
    layer = found.layer(found.active)
    assert layer.box == Box(7, 9, 1, 1)
    assert bytes(read(host, layer.id, layer.box).data) == b"\x01\x02\x03\xff"


def other_kinds_of_layers():
    host = make_host()
    document, node = yield from do_open(96, 64)
    vector = document.createVectorLayer("Shapes")
    document.rootNode().addChildNode(vector, None)
    vector.addShapesFromSvg(
        '<svg xmlns="http://www.w3.org/2000/svg" width="96px" height="64px"><rect x="20" y="10" width="40" height="30" '
        'fill="#ff0000"/></svg>'
    )
    clone = document.createCloneLayer("Clone", node)
    document.rootNode().addChildNode(clone, None)
    yield from do_activate(document, clone)
    found = host.document()
    kinds = {one.name: one.kind for one in found.layers}
    assert kinds["Shapes"] == "vector", kinds
    assert kinds["Clone"] == "clone", kinds
    assert bytes(read(host, found.active, Box(0, 0, 96, 64)).data) == waves(96, 64)
    shapes = next(one for one in found.layers if one.name == "Shapes")
    data = bytes(read(host, shapes.id, Box(0, 0, 96, 64)).data)
    reds = sum(data[at : at + 4] == b"\x00\x00\xff\xff" for at in range(0, len(data), 4))
    assert reds > 300, f"{reds} red pixels"
    return list(kinds.items())


def a_huge_layer_is_read_in_part():
    host = make_host()
    _document, node = yield from do_open(4096, 4096)
    found = host.document()
    layer = found.layer(found.active)
    assert layer.box == Box(0, 0, 4096, 4096)
    part = bytes(read(host, layer.id, Box(3000, 2000, 50, 40)).data)
    assert part == pixels(node, (3000, 2000, 50, 40))
    assert len(read(host, layer.id, layer.box).data) == 4096 * 4096 * 4
    small = host.thumbnail(found.id, layer.id, 64)
    assert (small.width, small.height, small.depth) == (64, 64, "U8")


def a_thumbnail_keeps_its_proportions_and_colours():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    yield from do_activate(document, add_layer(document, "Red", plain(80, 20, b"\x00\x00\xff\xff"), -10, 3, 80, 20))
    small = host.thumbnail(host.document().id, host.document().active, 40)
    assert (small.width, small.height) == (40, 10)
    red = b"\x00\x00\xff\xff" if small.layout == "bgra" else b"\xff\x00\x00\xff"
    assert bytes(small.data)[4 * 220 : 4 * 221] == red


def several_selected_layers():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    for number in range(3):
        add_layer(document, f"Layer {number}", waves(30, 20, seed=number), number, 0, 30, 20)
    yield from do_activate(document, named(document, "Layer 2"))
    yield lambda: row_of("Layer 0") is not None
    select_rows = layer_tree().selectionModel()
    select_rows.select(row_of("Layer 0"), QItemSelectionModel.SelectionFlag.Select)
    yield lambda: len(window().activeView().selectedNodes()) == 2
    found = host.document()
    assert [found.layer(one).name for one in found.selected] == ["Layer 2", "Layer 0"]


def a_selection_is_read():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    assert host.read_selection(host.document().id, Box(0, 0, 96, 64)) is None
    select(document, 10, 12, 30, 20)
    found = host.document()
    assert found.selection == Box(10, 12, 30, 20)
    mask = host.read_selection(found.id, Box(0, 0, 96, 64))
    assert (mask.width, mask.height, mask.depth) == (96, 64, "U8")
    rows = [bytes(mask.data)[y * 96 : (y + 1) * 96] for y in range(64)]
    inside = bytes(10) + b"\xff" * 30 + bytes(56)
    assert rows == [inside if 12 <= y < 32 else bytes(96) for y in range(64)]
    document.setSelection(None)
    assert host.document().selection is None


def a_soft_selection_at_the_corner_stays_on_the_canvas():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    select(document, 0, 0, 30, 20, feather=6)
    found = host.document()
    box = found.selection
    assert (box.x, box.y) == (0, 0)
    assert box == box.within(found.canvas)
    mask = bytes(host.read_selection(found.id, Box(-4, -4, 60, 50)).data)
    assert len(mask) == 60 * 50
    values = set(mask[14 * 60 + 4 : 14 * 60 + 60])
    assert len(values) > 4, "it is not soft"
    assert mask[: 4 * 60] == bytes(240), "beside the canvas nothing is selected"
    document.setSelection(None)  # Krita 5.1 may crash where a picture is closed right after its selection was set
    yield from do_settle(document)
    yield 0.3


def what_lies_below_is_read():
    host = make_host()
    document, _meadow = yield from do_open(96, 64)
    lower = add_layer(document, "Red", plain(20, 20, b"\x00\x00\xff\xff"), 10, 10, 20, 20)
    upper = add_layer(document, "Object", plain(20, 20, b"\x00\xff\x00\xff"), 20, 10, 20, 20)
    add_layer(document, "Above", plain(96, 64, b"\xff\xff\xff\xff"), 0, 0, 96, 64)
    yield from do_activate(document, upper)
    before = bounds(upper), pixels(lower), [node.visible() for node in document.topLevelNodes()]
    found = host.document()
    below = host.read_below(found.id, found.active, Box(0, 0, 96, 64))
    data = bytes(below.data)
    assert data[(15 * 96 + 25) * 4 :][:4] == b"\x00\x00\xff\xff", "the layer below is not seen"
    assert data[(15 * 96 + 35) * 4 :][:4] == waves(96, 64)[(15 * 96 + 35) * 4 :][:4], "the layer itself is seen"
    assert before == (bounds(upper), pixels(lower), [node.visible() for node in document.topLevelNodes()])


def what_lies_below_a_layer_in_a_group_is_read():
    host = make_host()
    document, _ = yield from do_open(96, 64)
    group = add_layer(document, "Things", kind="grouplayer")
    add_layer(document, "Red", plain(20, 20, b"\x00\x00\xff\xff"), 10, 10, 20, 20, parent=group)
    upper = add_layer(document, "Object", plain(20, 20, b"\x00\xff\x00\xff"), 20, 10, 20, 20, parent=group)
    yield from do_activate(document, upper)
    found = host.document()
    data = bytes(host.read_below(found.id, found.active, Box(0, 0, 96, 64)).data)
    assert data[(15 * 96 + 25) * 4 :][:4] == b"\x00\x00\xff\xff"
    assert data[(15 * 96 + 35) * 4 :][:4] == waves(96, 64)[(15 * 96 + 35) * 4 :][:4]


def an_animated_layer_gives_its_current_frame():
    host = make_host()
    document, node = yield from do_open(32, 24)
    node.enableAnimation()
    document.setCurrentTime(5)
    yield from do_settle(document)
    yield from do_activate(document, node)
    trigger("add_blank_frame")
    yield 0.3
    yield from do_settle(document)
    node.setPixelData(plain(32, 24, b"\x00\x00\xff\xff"), 0, 0, 32, 24)
    yield from do_settle(document)
    found = host.document()
    box = Box(0, 0, 32, 24)
    assert bytes(read(host, found.active, box).data) == plain(32, 24, b"\x00\x00\xff\xff")
    document.setCurrentTime(0)
    yield from do_settle(document)
    yield 0.2
    assert bytes(read(host, found.active, box).data) == waves(32, 24), "the first frame is not read"


def changes_are_told():
    host = make_host()
    told = []
    host.watch(lambda: told.append(host.document()))
    document, _ = yield from do_open(96, 64)
    yield Until(lambda: told and told[-1] is not None, 10)
    add_layer(document, "Sky", waves(20, 10), 5, 6, 20, 10)
    yield from do_activate(document, named(document, "Sky"))
    yield Until(lambda: told[-1] is not None and told[-1].layer(told[-1].active).name == "Sky", 10)
    select(document, 3, 3, 9, 9)
    yield Until(lambda: told[-1].selection == Box(3, 3, 9, 9), 10)
    second = app().createDocument(40, 30, "Second", "RGBA", "U8", "", 72.0)
    window().addView(second)
    yield Until(lambda: told[-1] is not None and told[-1].width == 40, 10)
    close_documents()
    yield Until(lambda: told[-1] is None, 10)
