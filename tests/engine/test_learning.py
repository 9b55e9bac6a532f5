"""A texture that learns: with progress, pauses and previews, from pictures of every kind."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from recipes import OURS, PUBLISHED
from scenery import landscape, spots, tensor

from sinddm import Cancelled, InputError, Paused, Texture, saved
from sinddm.pyramid import Pyramid
from sinddm.training.course import Course
from sinddm.training.session import Progress, Session

TINY = landscape(24, 30)


@pytest.fixture
def tiny() -> Texture:
    """A very small landscape, learned without a network."""
    return Texture.from_image(TINY, device="cpu")


@pytest.fixture
def after(tmp_path):
    """What a texture has learned, as it is on disk."""

    def state(texture: Texture) -> dict[str, torch.Tensor]:
        texture.save(tmp_path / "state.safetensors")
        found = saved.read(tmp_path / "state.safetensors").trained
        assert found is not None
        return found.state

    return state


def stop_at(step: int, error: type[Exception]):
    """A callback that raises at that step."""

    def on_progress(progress: Progress) -> None:
        if progress.steps == step:
            raise error

    return on_progress


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(value, second[name]) for name, value in first.items())


# Progress


def test_every_step_is_told(tiny):
    told: list[Progress] = []
    assert tiny.learn(preset=OURS, steps=5, on_progress=told.append) is True
    assert [one.steps for one in told] == [1, 2, 3, 4, 5]
    assert [one.fraction for one in told] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert all(0 < a.seconds < b.seconds for a, b in pairwise(told))
    assert told[-1].left == 0
    assert all(one.left is not None and one.left > 0 for one in told[:-1])
    assert all(0 < one.loss < 10 for one in told)
    assert {one.note for one in told} == {""}
    assert tiny.figures == {
        "steps": 5,
        "seconds": pytest.approx(told[-1].seconds, abs=1e-3),
        "loss": pytest.approx(told[-1].loss),
    }


@pytest.mark.parametrize("recipe", [OURS, PUBLISHED], ids=["ours", "published"])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_previews_are_small_variations_with_the_picture_s_channels(recipe, channels):
    picture = tensor(landscape(34, 40))[[0, 1, 2, 0, 1][:channels]]
    told: list[Progress] = []
    Session(Pyramid(picture, coarsest=24), recipe, 0, Course(steps=1)).run(told.append, every=0.0)
    (preview,) = (one.preview for one in told)
    assert preview is not None
    assert preview.shape == (channels, 34, 40)
    assert float(preview.min()) >= float(picture.min())
    assert float(preview.max()) <= float(picture.max())
    assert float(preview.std()) > 0.02


def test_a_preview_of_a_large_picture_is_of_a_coarser_scale():
    told: list[Progress] = []
    pyramid = Pyramid(tensor(landscape(192, 200)), coarsest=34)
    Session(pyramid, OURS, 0, Course(steps=1)).run(told.append, every=0.0)
    assert told[0].preview is not None
    assert told[0].preview.shape[-2:] == pyramid.levels[-2].size


def test_between_previews_there_are_none(tiny):
    told: list[Progress] = []
    tiny.learn(preset=OURS, steps=2, on_progress=told.append)
    assert [one.preview for one in told] == [None, None]


# Pausing


@pytest.mark.parametrize("recipe", [OURS, PUBLISHED], ids=["ours", "published"])
def test_a_pause_and_a_file_between_change_nothing(recipe, tiny, after, tmp_path):
    through = Texture.from_image(TINY, device="cpu")
    assert through.learn(preset=recipe, steps=4, seed=7)
    assert tiny.learn(preset=recipe, steps=4, seed=7, on_progress=stop_at(2, Paused)) is False
    assert tiny.figures is not None
    assert tiny.figures["steps"] == 2
    tiny.save(tmp_path / "halb fertig & Öl.safetensors")
    resumed = Texture.load(tmp_path / "halb fertig & Öl.safetensors", device="cpu")
    assert resumed.learn(resume=True)
    assert resumed.figures is not None
    assert resumed.figures["steps"] == 4
    assert same(after(resumed), after(through))
    assert np.array_equal(resumed.generate(quality="draft")[0], through.generate(quality="draft")[0])


def test_a_pause_in_the_midst_of_a_step_ends_it_undone(tiny, after):
    asked = [0]

    def check() -> None:
        asked[0] += 1
        if asked[0] == 12:
            raise Paused

    assert tiny.learn(preset=OURS, steps=3, check=check) is False
    assert tiny.figures is not None
    assert tiny.figures["steps"] == 1
    assert tiny.learn(resume=True)
    through = Texture.from_image(TINY, device="cpu")
    through.learn(preset=OURS, steps=3)
    assert same(after(tiny), after(through))


def test_what_is_learned_can_be_saved_meanwhile(tiny, tmp_path):
    tiny.learn(preset=OURS, steps=3, on_progress=lambda now: tiny.save(tmp_path / f"{now.steps}.safetensors"))
    for step in (1, 2, 3):
        found = Texture.load(tmp_path / f"{step}.safetensors", device="cpu")
        assert found.figures is not None
        assert found.figures["steps"] == step
    middle = Texture.load(tmp_path / "2.safetensors", device="cpu")
    assert middle.learn(resume=True)
    assert np.array_equal(middle.generate(quality="draft")[0], tiny.generate(quality="draft")[0])


def test_a_network_can_be_learned_further_than_to_its_end(tiny):
    tiny.learn(preset=OURS, steps=2)
    assert tiny.learn(resume=True, steps=3)
    assert tiny.learn(resume=True, preset=OURS, seconds=0.01)
    assert tiny.figures is not None
    assert tiny.figures["steps"] >= 6


@pytest.mark.parametrize("error", [Cancelled, ZeroDivisionError])
def test_after_cancelling_the_texture_is_what_it_was(error, tiny, after):
    with pytest.raises(error):
        tiny.learn(preset=OURS, steps=3, on_progress=stop_at(2, error))
    assert tiny.figures is tiny.learned is None
    tiny.learn(preset=OURS, steps=1)
    state, picture = after(tiny), tiny.generate(quality="draft")[0]
    with pytest.raises(error):
        tiny.learn(preset=OURS, steps=3, on_progress=stop_at(2, error))
    with pytest.raises(error):
        tiny.learn(resume=True, steps=3, on_progress=stop_at(2, error))
    assert same(after(tiny), state)
    assert np.array_equal(tiny.generate(quality="draft")[0], picture)


# What is refused


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"preset": "slow"}, "The preset is fast or paper, not 'slow'"),
        ({"steps": 0}, "Learning cannot take 0 steps"),
        ({"steps": -3}, "Learning cannot take -3 steps"),
        ({"seconds": 0}, "Learning cannot last 0 seconds"),
        ({"seconds": float("nan")}, "Learning cannot last nan seconds"),
        ({"resume": True}, "This texture has no trained network to go on with"),
    ],
)
def test_what_cannot_be_learned_is_refused_in_one_sentence(wrong, words, tiny):
    with pytest.raises(InputError, match=rf"^{words}: [^:]+\.$"):
        tiny.learn(**wrong, on_progress=stop_at(1, Cancelled))
    assert tiny.learned is None


def test_going_on_otherwise_than_begun_is_refused_in_one_sentence(tiny):
    tiny.learn(preset=OURS, steps=1)
    with pytest.raises(InputError, match=r"^This network was learned with the preset quick: [^:]+\.$"):
        tiny.learn(preset="paper", resume=True, steps=1)
    with pytest.raises(InputError, match=r"^This texture has been learned to the end: [^:]+\.$"):
        tiny.learn(resume=True)
    assert tiny.figures is not None
    assert tiny.figures["steps"] == 1


# Pictures of every kind


def test_nothing_is_learned_from_transparent_pixels(after):
    alpha = np.full((*TINY.shape[:2], 1), 255, np.uint8)
    alpha[5:12, 7:20] = 0
    learned = []
    for color in ((0, 0, 0), (255, 0, 255)):
        picture = np.concatenate([TINY, alpha], 2)
        picture[5:12, 7:20, :3] = color
        texture = Texture.from_image(picture, device="cpu")
        texture.learn(preset=OURS, steps=3)
        learned.append(after(texture))
    assert same(*learned)


def test_nothing_is_learned_from_what_a_mask_leaves_out(after):
    mask, other = np.ones(TINY.shape[:2], bool), TINY.copy()
    mask[5:12, 7:20] = False
    other[~mask] = (255, 0, 255)
    learned = []
    for picture in (TINY, other):
        texture = Texture.from_image(picture, mask=mask, device="cpu")
        texture.learn(preset=OURS, steps=3)
        learned.append(after(texture))
    assert same(*learned)


KINDS = {
    "gray": TINY[..., 0],
    "gray with alpha": np.dstack([TINY[..., 0], TINY[..., 1]]),
    "colour with alpha": np.dstack([TINY, np.where(TINY[..., 0] > 60, 255, 0).astype(np.uint8)]),
    "five maps": np.concatenate([TINY, TINY[..., :2]], 2).astype(np.float32) / 255,
    "16 bit": TINY.astype(np.uint16) * 257,
    "light above 1": (TINY / 40).astype(np.float16),
    "one colour": np.full((24, 30, 3), 77, np.uint8),
    "wide": landscape(10, 200),
    "16x16": landscape(16, 16),
    "the smallest": landscape(8, 8),
}


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_every_kind_are_learned(kind):
    picture = KINDS[kind]
    texture = Texture.from_image(picture, device="cpu")
    assert texture.learn(preset=OURS, steps=2)
    (result,) = texture.generate(quality="draft")
    assert result.shape == picture.shape
    assert result.dtype == picture.dtype
    colors = slice(None) if picture.ndim == 2 or picture.shape[2] not in (2, 4) else slice(-1)
    assert result[..., colors].max() <= picture[..., colors].max()
    assert np.isfinite(result.astype(np.float32)).all()


def test_two_pictures_are_learned_together():
    texture = Texture.from_images([TINY, spots(40, 36)], device="cpu")
    assert texture.learn(preset=OURS, steps=2)
    assert texture.generate(quality="draft")[0].shape == TINY.shape


@pytest.mark.parametrize("size", [(16, 16), (8, 40)])
def test_the_paper_s_network_learns_and_makes_pictures(size, tmp_path):
    texture = Texture.from_image(landscape(*size), device="cpu")
    assert texture.learn(preset="paper", steps=2)
    path = Path(tmp_path, "paper.safetensors")
    texture.save(path)
    result = Texture.load(path, device="cpu").generate(quality="draft")[0]
    assert result.shape == (*size, 3)
    assert result.std() > 1
