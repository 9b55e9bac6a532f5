"""Layers as artists have them: with masks, in groups, beyond the canvas, indexed, with profiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import SEED
from gimp_app import Agent, Gimp
from paintings import KINDS, USUAL, Kind
from shared_backend import SharedBackend
from sinddm_plugin.client import Generate

SHARED: dict[str, Any] = {"seed": SEED, "count": 1, "quality": "draft"}
WIDTH, HEIGHT = 64, 48


def variation(agent: Agent, image: int, drawable: int) -> int:
    """A variation as large as the canvas; the new layer."""
    answer = agent.call("sinddm-variations", image, [drawable], size="canvas", **SHARED)
    assert (answer["status"], answer["error"]) == ("success", "")
    (layer,) = answer["layers"]
    return layer


def engines(backend: SharedBackend, pixels: np.ndarray, kind: Kind = USUAL) -> np.ndarray:
    """The engine's own variation of these pixels."""
    client = backend.client
    wish = Generate(source=[kind.picture(pixels)], width=WIDTH, height=HEIGHT, **SHARED)
    job = client.wait(client.submit(wish).id)
    return kind.array(memoryview(client.result(job.id, 0).picture.data), WIDTH, HEIGHT)


def pixels_of(agent: Agent, layer: int) -> np.ndarray:
    """What a layer holds, as encoded sRGB of 8 bits."""
    return USUAL.array(agent.pixels(layer), WIDTH, HEIGHT)


def meadow(agent: Agent, image: int, **more: Any) -> tuple[int, np.ndarray]:
    """A layer of waves, as large as the canvas."""
    pixels = USUAL.waves(WIDTH, HEIGHT)
    return agent.add_layer(image, "Meadow", WIDTH, HEIGHT, pixels.tobytes(), **more), pixels


def test_what_a_mask_hides_is_not_learned(inside: Agent, backend: SharedBackend):
    image = inside.new_image(WIDTH, HEIGHT)
    layer, pixels = meadow(inside, image)
    weights = np.full((HEIGHT, WIDTH), 255, np.uint8)
    weights[:, :20] = 0
    mask = inside.add_mask(layer, weights.tobytes())
    seen = pixels.copy()
    seen[..., 3] = weights
    assert np.array_equal(pixels_of(inside, variation(inside, image, layer)), engines(backend, seen))
    assert inside.pixels(mask, "Y u8") == weights.tobytes()
    assert inside.pixels(layer) == pixels.tobytes()


def test_a_mask_that_is_edited_stands_for_its_layer(inside: Agent, backend: SharedBackend):
    image = inside.new_image(WIDTH, HEIGHT)
    layer, pixels = meadow(inside, image)
    mask = inside.add_mask(layer, bytes([255]) * (WIDTH * HEIGHT))
    assert np.array_equal(pixels_of(inside, variation(inside, image, mask)), engines(backend, pixels))


def test_a_group_is_learned_as_it_is_seen(inside: Agent, backend: SharedBackend):
    image = inside.new_image(WIDTH, HEIGHT)
    group = inside.add_group(image, "Group")
    _, pixels = meadow(inside, image, parent=group)
    patch = USUAL.waves(16, 12, 3)
    inside.add_layer(image, "Patch", 16, 12, patch.tobytes(), x=20, y=10, parent=group)
    seen = pixels.copy()
    seen[10:22, 20:36] = patch
    new = variation(inside, image, group)
    assert np.array_equal(pixels_of(inside, new), engines(backend, seen))
    assert next(one["parent"] for one in inside.layers(image) if one["id"] == new) is None


def test_a_layer_without_alpha_and_beyond_the_canvas_is_learned_wholly(inside: Agent, backend: SharedBackend):
    image = inside.new_image(WIDTH, HEIGHT)
    pixels = USUAL.waves(90, 70)
    layer = inside.add_layer(image, "Meadow", 90, 70, pixels.tobytes(), x=-20, y=-15, alpha=False)
    assert np.array_equal(pixels_of(inside, variation(inside, image, layer)), engines(backend, pixels))


def test_only_what_is_selected_is_learned(inside: Agent, backend: SharedBackend):
    image = inside.new_image(WIDTH, HEIGHT)
    layer, pixels = meadow(inside, image)
    inside.select(image, 10, 5, 40, 36)
    assert np.array_equal(pixels_of(inside, variation(inside, image, layer)), engines(backend, pixels[5:41, 10:50]))


def test_indexed_images_keep_their_palette_which_is_said(console: Gimp, inside: Agent):
    image = inside.new_image(WIDTH, HEIGHT)
    layer, _ = meadow(inside, image)
    inside.convert_to_indexed(image, 12)
    colors = set(inside.palette(image))
    made = pixels_of(inside, variation(inside, image, layer))
    assert inside.about(image)["base"] == "indexed"
    assert {pixel.tobytes() for pixel in made[..., :3].reshape(-1, 3)} <= colors
    assert set(inside.palette(image)) == colors
    assert "the new layers have the nearest of its colours" in console.output


@pytest.mark.parametrize("name", ["8 bit", "16 bit", "float linear"])
def test_colours_stay_those_of_the_images_profile(inside: Agent, backend: SharedBackend, name: str):
    kind = KINDS[name]
    image = inside.new_image(WIDTH, HEIGHT, kind.precision)
    pixels = kind.waves(WIDTH, HEIGHT)
    layer = inside.add_layer(image, "Meadow", WIDTH, HEIGHT, pixels.tobytes(), kind.format)
    inside.set_adobe_profile(image)
    numbers = kind.array(inside.pixels(layer, kind.format, own=True), WIDTH, HEIGHT)
    made = inside.pixels(variation(inside, image, layer), kind.format, own=True)
    wanted = engines(backend, numbers, kind)
    assert np.array_equal(kind.array(made, WIDTH, HEIGHT), wanted)
