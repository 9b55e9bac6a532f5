"""The harness sees what happens inside GIMP, and what goes wrong there fails here."""

import pytest
from gimp_app import Agent, Gimp
from gimp_windows import Windows
from paintings import KINDS

RED = bytes([200, 10, 20, 255])


def test_a_layer_is_made_and_read(inside: Agent):
    image = inside.new_image(6, 4)
    layer = inside.add_layer(image, "Meadow", 3, 2, RED * 6, x=-1, y=1)
    assert inside.pixels(layer) == RED * 6
    assert inside.layers(image) == [
        {
            "id": layer,
            "name": "Meadow",
            "box": (-1, 1, 3, 2),
            "visible": True,
            "opacity": 100.0,
            "mask": False,
            "group": False,
            "parent": None,
        }
    ]
    assert inside.picture(image)[4 * 6 :][:4] == RED


def test_each_test_begins_without_images(inside: Agent):
    assert inside.images() == []


def test_what_goes_wrong_inside_fails(inside: Agent):
    with pytest.raises(AssertionError, match="there is no layer 12345"):
        inside.pixels(12345)


def test_two_agents_answer(console: Gimp):
    image = console.agent.new_image(6, 4, "float-linear")
    assert console.other.about(image)["precision"] == "float-linear"
    console.other.delete(image)
    assert console.agent.images() == []


def test_keys_undo_what_was_done(gimp: Gimp, windows: Windows):
    image = gimp.agent.new_image(300, 200)
    gimp.agent.add_layer(image, "Meadow", 300, 200, RED * 60000)
    window = windows.show(image)
    gimp.agent.add_layer(image, "Another", 30, 20)
    windows.press(window, "ctrl+z")
    gimp.until(lambda: [layer["name"] for layer in gimp.agent.layers(image)] == ["Meadow"])


def test_the_menu_of_a_layer_opens(gimp: Gimp, windows: Windows):
    image = gimp.agent.new_image(300, 200)
    gimp.agent.add_layer(image, "Meadow", 300, 200, RED * 60000)
    windows.show(image)
    menu = windows.open_layer_menu(windows.find_layer((200, 10, 20)))
    assert menu.height > 400
    windows.press(menu, "Escape")
    gimp.until(lambda: menu.id not in {window.id for window in windows.all()})


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_pixels_is_written_and_read_without_a_loss(inside: Agent, name: str):
    kind = KINDS[name]
    pixels = kind.waves(24, 16)
    image = inside.new_image(24, 16, kind.precision, kind.base)
    layer = inside.add_layer(image, "Meadow", 24, 16, pixels.tobytes(), kind.format)
    assert (kind.array(inside.pixels(layer, kind.format), 24, 16) == pixels).all()
