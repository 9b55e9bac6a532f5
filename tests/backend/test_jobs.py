"""Every task is a job: asked for over HTTP, followed by its events, fetched as layers."""

from typing import Any

import numpy as np
import pytest
from backends import Backend
from layers import array, hole, layer, picture
from sinddm_plugin import client as c

SMALL: dict[str, Any] = {"quality": "draft", "seed": 3}


def wishes() -> dict[str, c.Request]:
    """A small job of every task that makes pictures."""
    one, mask, other = layer(layout="bgra"), hole(), layer(layout="bgra", seed=1)
    without = layer(layout="bgra", without=mask)
    return {
        "generate": c.Generate(source=[one], width=64, height=48, **SMALL),
        "tile": c.Tile(source=[one], axis="x", **SMALL),
        "place": c.Place(source=[one], regions=[((4, 5, 20, 16), (40, 30, 20, 16))], **SMALL),
        "expand": c.Expand(source=[one], picture=one, left=9, bottom=7, **SMALL),
        "fill": c.Fill(source=[without], picture=one, mask=mask, **SMALL),
        "paint": c.Paint(source=[one], picture=other, **SMALL),
        "style": c.Style(source=[one], picture=other, **SMALL),
        "harmonize": c.Harmonize(source=[one], picture=other, mask=mask, **SMALL),
    }


@pytest.mark.parametrize("task", wishes())
def test_a_task_is_a_job_that_gives_a_layer_like_the_one_it_was_given(backend: Backend, task):
    client = backend.client
    job = client.wait(client.submit(wishes()[task]).id)
    assert (job.state, job.fraction, job.error) == ("done", 1.0, None)
    found = client.result(job.id, 0)
    assert (found.task, found.seed, found.picture.layout, found.picture.depth) == (task, 3, "bgra", "U8")
    size = {"generate": (64, 48), "expand": (81, 61)}.get(task, (72, 54))
    assert (found.picture.width, found.picture.height) == size
    assert (found.x, found.y) == ((-9, 0) if task == "expand" else (0, 0))
    assert array(found.picture)[..., :3].std() > 3


def test_variations_arrive_one_by_one_and_do_not_depend_on_how_many_were_asked_for(backend: Backend):
    client, one = backend.client, layer()
    three = client.wait(client.submit(c.Generate(source=[one], count=3, **SMALL)).id)
    last = client.wait(client.submit(c.Generate(source=[one], quality="draft", seed=5)).id)
    assert [(result.index, result.seed) for result in three.results] == [(0, 3), (1, 4), (2, 5)]
    assert bytes(client.result(three.id, 2).picture.data) == bytes(client.result(last.id, 0).picture.data)


@pytest.mark.parametrize("layout", ["gray", "graya", "rgb", "rgba", "bgr", "bgra"])
@pytest.mark.parametrize("depth", ["U8", "U16", "F16", "F32"])
def test_layers_of_every_kind_keep_what_is_not_filled_to_the_bit(backend: Backend, layout, depth):
    client, one, mask = backend.client, layer(layout=layout, depth=depth), hole()
    source = layer(layout=layout, depth=depth, without=mask)
    job = client.wait(client.submit(c.Fill(source=[source], picture=one, mask=mask, **SMALL)).id)
    found = client.result(job.id, 0).picture
    assert (found.layout, found.depth) == (layout, depth)
    before, after = array(one), array(found)
    assert np.array_equal(before[:8], after[:8])
    assert not np.array_equal(before[20:30], after[20:30])


def test_blue_stays_blue(backend: Backend):
    blue = np.zeros((48, 48, 4))
    blue[..., 0], blue[..., 3] = 0.8 + 0.1 * np.sin(np.arange(48) / 2), 1  # b, g, r, a
    client = backend.client
    job = client.wait(client.submit(c.Generate(source=[picture(blue, "bgra")], **SMALL)).id)
    found = array(client.result(job.id, 0).picture)
    assert found[..., 0].mean() > 180
    assert found[..., 2].mean() < 30


def test_results_come_in_the_format_that_is_asked_for(backend: Backend):
    client, form = backend.client, c.Format("F16", "graya", True)
    job = client.wait(client.submit(c.Generate(source=[layer()], format=form, **SMALL)).id)
    found = client.result(job.id, 0).picture
    assert (found.depth, found.layout, found.linear) == ("F16", "graya", True)
    assert array(found)[..., 1].min() == 1


def test_what_is_learned_is_in_the_library_and_makes_pictures(backend: Backend):
    client = backend.client
    wish = c.Learn(source=[layer(layout="bgra")], name="Wiese am Bach", steps=3, title="Wiese")
    job = client.wait(client.submit(wish).id)
    assert job.texture == "Wiese am Bach"
    (entry,) = [one for one in client.textures() if one.name == job.texture]
    assert (entry.width, entry.height) == (72, 54)
    assert entry.learned_seconds is not None
    small = client.thumbnail(job.texture)
    assert (small.width, small.height) == (72, 54)
    made = client.wait(client.submit(c.Generate(source=job.texture, engine="learned", **SMALL)).id)
    assert client.result(made.id, 0).picture.layout == "rgba"


def test_previews_show_what_is_being_made(backend: Backend):
    client = backend.client
    job = client.wait(client.submit(c.Generate(source=[layer()], width=300, height=200, seed=1)).id)
    assert job.preview >= 1


def test_several_layers_are_learned_together(backend: Backend):
    client = backend.client
    wish = c.Generate(source=[layer(), layer(40, 60, seed=1)], **SMALL)
    job = client.wait(client.submit(wish).id)
    assert (job.results[0].width, job.results[0].height) == (72, 54)


@pytest.mark.parametrize("depth", ["U8", "U16", "F16", "F32"])
def test_a_fill_that_is_cut_is_the_selection_and_nothing_else(backend: Backend, depth):
    client, mask = backend.client, hole()
    one = layer(layout="rgba", depth=depth)
    wish = c.Fill(source=[layer(layout="rgba", depth=depth, without=mask)], picture=one, mask=mask, cut=True, **SMALL)
    whole = c.Fill(source=[layer(layout="rgba", depth=depth, without=mask)], picture=one, mask=mask, **SMALL)
    found = client.result(client.wait(client.submit(wish).id).id, 0)
    full = array(client.result(client.wait(client.submit(whole).id).id, 0).picture)
    inside = np.frombuffer(bytes(mask.data), np.uint8).reshape(mask.height, mask.width)
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    assert (found.x, found.y) == (columns[0], rows[0])
    part = full[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    selected = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] > 0
    new = array(found.picture)
    assert new.shape == part.shape
    assert np.array_equal(new[selected][:, :3], part[selected][:, :3])
    assert not new[~selected].any()


def flat(values: np.ndarray, depth: Any) -> c.Picture:
    """Values as they are, as an RGBA layer."""
    return c.Picture(values.tobytes(), values.shape[1], values.shape[0], "rgba", depth)


@pytest.mark.parametrize("depth", ["U8", "U16", "F16", "F32"])
def test_an_object_over_a_picture_is_harmonized_as_their_composite_is(backend: Backend, depth):
    client, below = backend.client, layer(layout="rgba", depth=depth)
    mask = hole()
    inside = np.frombuffer(bytes(mask.data), np.uint8).reshape(mask.height, mask.width) > 0
    over, under = array(layer(layout="rgba", depth=depth, seed=1)), array(below)
    over = np.where(inside[..., None], over, np.zeros_like(over))
    both = np.where(inside[..., None], over, under)
    composite = client.wait(
        client.submit(c.Harmonize(source=[below], picture=flat(both, depth), mask=mask, **SMALL)).id
    )
    asked = c.Harmonize(source=[below], picture=flat(over, depth), over=below, cut=True, **SMALL)
    alone = client.result(client.wait(client.submit(asked).id).id, 0)
    whole = array(client.result(composite.id, 0).picture)
    part = array(alone.picture)
    seen = under.copy()
    window = seen[alone.y : alone.y + len(part), alone.x : alone.x + part.shape[1]]
    window[part[..., 3] > 0] = part[part[..., 3] > 0]
    assert np.array_equal(seen, whole)


def test_every_result_has_a_thumbnail_that_does_not_count_as_fetching_it(backend: Backend):
    client = backend.client
    wish = c.Generate(source=[layer(layout="bgra")], width=1500, height=20, quality="draft")
    job = client.wait(client.submit(wish).id)
    small = client.result_thumbnail(job.id, 0)
    assert not client.job(job.id).results[0].fetched
    large = client.result(job.id, 0).picture
    assert (small.width, small.height, small.layout, small.depth) == (512, 7, "rgba", "U8")
    assert abs(array(small)[..., 0].mean() - array(large)[..., 2].mean()) < 3
