"""The learned engine: every task with a network."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from recipes import OURS, PUBLISHED
from scenery import correlation, landscape, tensor
from scipy import ndimage
from torch import Tensor

from sinddm import Cancelled, InputError, Texture, metrics, tasks
from sinddm.denoisers.closed_form import ClosedForm
from sinddm.denoisers.learned import Combined, Learned
from sinddm.denoisers.network import Network
from sinddm.pyramid import Pyramid
from sinddm.sampler import Step

Task = Callable[..., list[np.ndarray]]
SIZES = {"expand": (64, 90), "harmonize": (64, 80), "wide": (50, 120)}


def every_task(texture: Texture, picture: np.ndarray, hole: np.ndarray) -> dict[str, Task]:
    around = picture.copy()
    around[hole] = 200
    by_network: dict[str, Any] = {"engine": "learned"}
    return {
        "generate": texture.generate,
        "wide": lambda *args, **rest: texture.generate(*args, size=(50, 120), **rest),
        "kept": lambda *args, **rest: texture.generate(*args, keep_layout=0.7, **rest),
        "tile": lambda *args, **rest: texture.tile(*args, **(by_network | rest)),
        "expand": lambda *args, **rest: texture.expand(picture, *args, left=10, **(by_network | rest)),
        "fill": lambda *args, **rest: texture.fill(around, hole, *args, **(by_network | rest)),
        "paint": lambda *args, **rest: texture.paint(picture[::-1], *args, **rest),
        "style": lambda *args, **rest: texture.style(picture[::-1], *args, **(by_network | rest)),
        "place": lambda *args, **rest: texture.place([((5, 5, 20, 20), (50, 30))], *args, **rest),
        "harmonize": lambda *args, **rest: texture.harmonize(around, hole, *args, **rest),
    }


NAMES = ["generate", "wide", "kept", "tile", "expand", "fill", "paint", "style", "place", "harmonize"]
BY_CHANCE = NAMES[:-1]


@pytest.fixture(scope="module")
def quick(picture) -> Texture:
    """The landscape with a small network for the first two of its three scales."""
    texture = Texture.from_image(picture, device="cpu")
    texture.learn(preset=OURS, steps=3)
    return texture


@pytest.fixture(params=NAMES)
def task(request, trained, picture, hole) -> Task:
    return every_task(trained, picture, hole)[request.param]


@contextmanager
def heard(texture: Texture) -> Iterator[list[tuple[int, float]]]:
    """(scale, noise level) of everything the network of a texture is asked."""
    assert texture.learned is not None
    questions: list[tuple[int, float]] = []
    hook = texture.learned.network.register_forward_pre_hook(
        lambda _, given: questions.append((int(given[2][0]), float(given[1][0])))
    )
    yield questions
    hook.remove()


@pytest.fixture(scope="module")
def soft(picture) -> np.ndarray:
    """A picture without details, in which little is new from scale to scale."""
    return ndimage.gaussian_filter(picture, (4, 4, 0))


@pytest.fixture(scope="module")
def soft_texture(soft) -> Texture:
    texture = Texture.from_image(soft, device="cpu")
    texture.learn(preset=OURS, steps=1)
    return texture


# Every task


@pytest.mark.parametrize("name", NAMES)
def test_every_task_makes_pictures_of_the_right_shape(name, trained, picture, hole):
    results = every_task(trained, picture, hole)[name](2, quality="draft")
    assert [one.shape for one in results] == [(*SIZES.get(name, (64, 80)), 3)] * 2
    assert all(one.dtype == np.uint8 and one.std() > 5 for one in results)


@pytest.mark.parametrize("name", BY_CHANCE)
def test_the_same_seed_gives_the_same_picture_alone_and_among_others_and_another_seed_another(
    name, trained, picture, hole
):
    task = every_task(trained, picture, hole)[name]
    first, second = task(2, seed=3, quality="draft")
    assert np.array_equal(first, task(seed=3, quality="draft")[0])
    assert np.array_equal(second, task(seed=4, quality="draft")[0])
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("name", BY_CHANCE)
def test_the_network_is_asked_at_its_scales_only_and_the_closed_form_does_the_others(name, quick, picture, hole):
    steps: list[Step] = []
    with heard(quick) as asked:
        every_task(quick, picture, hole)[name](quality="draft", on_step=steps.append)
    assert {scale for scale, _ in asked} <= {0, 1}
    assert [step.scale for step in steps if step.scale < 2] == [scale for scale, _ in asked] != []
    assert steps[-1].scale == len(quick.learned.pyramid) - 1 == 2


def test_better_quality_asks_the_network_more_often(quick):
    counts = []
    for quality in ("draft", "normal", "best"):
        with heard(quick) as asked:
            quick.generate(quality=quality, size=(40, 40))
        counts.append(len(asked))
        assert len(asked) == sum(tasks.QUALITY[quality].network_steps)  # of its two scales
    assert counts[0] < counts[1] < counts[2]


@pytest.mark.parametrize("name", BY_CHANCE)
def test_the_network_is_asked_only_about_noise_that_it_has_practised(name, soft, soft_texture, hole):
    with heard(soft_texture) as asked:
        every_task(soft_texture, soft, hole)[name](quality="draft")
    assert asked
    assert all(scale == 0 or sigma <= soft_texture.learned.pyramid.starts[scale] * 1.001 for scale, sigma in asked)


def test_a_task_can_be_cancelled(trained):
    def cancel(step) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        trained.generate(on_step=cancel)


# What must hold whatever the network has learned


@pytest.mark.parametrize("axis", ["x", "y", "xy"])
def test_a_tile_by_the_network_has_no_seam(axis, trained):
    for one in trained.tile(2, axis=axis, quality="draft", engine="learned"):
        assert all(metrics.seam_ratio(tensor(one), along) < 1.5 for along in axis)


def test_fill_keeps_what_is_known_to_the_bit(trained, picture, hole):
    spoiled = picture.copy()
    spoiled[hole] = (255, 0, 255)
    known = ndimage.binary_dilation(hole, iterations=6, structure=np.ones((3, 3))) == 0
    for one in trained.fill(spoiled, hole, quality="draft", engine="learned"):
        assert np.array_equal(one[known], picture[known])
        assert not (one[hole] == (255, 0, 255)).all(1).any()


def test_expand_keeps_the_picture_to_the_bit(trained, picture):
    result = trained.expand(picture, left=12, bottom=9, quality="draft", engine="learned")[0]
    assert np.array_equal(result[:58, 18:], picture[:58, 6:])


def test_keep_layout_keeps_the_layout(trained, picture):
    likeness = [
        np.mean([correlation(one, picture) for one in trained.generate(2, keep_layout=keep, quality="draft")])
        for keep in (0.0, 0.5, 1.0)
    ]
    assert likeness[0] < likeness[1] < likeness[2]
    assert likeness[2] > likeness[0] + 0.1


# Which engine


def test_the_network_is_used_unless_the_instant_engine_is_asked_for(trained, texture):
    default, learned, instant = (trained.generate(quality="draft", engine=e)[0] for e in (None, "learned", "instant"))
    assert np.array_equal(default, learned)
    assert np.array_equal(instant, texture.generate(quality="draft")[0])
    assert not np.array_equal(default, instant)


def test_the_learned_engine_without_a_network_is_refused_in_words(texture):
    with pytest.raises(InputError, match=r"^This texture has no trained network: [^.]+\.$"):
        texture.generate(engine="learned")


def test_an_engine_that_does_not_exist_is_refused_before_the_work(task):
    with pytest.raises(InputError, match=r"^The engine is instant or learned, not 'neural': [^.]+\.$"):
        task(engine="neural")


# The process


@pytest.mark.parametrize("wrap", [(True, True), (False, True), (True, False)])
@pytest.mark.parametrize("size", [(34, 42), (9, 50)])
def test_where_a_tile_wraps_around_the_network_knows_no_border(size, wrap, quick):
    pyramid = quick.learned.pyramid
    denoise = Combined(quick.learned, ClosedForm(pyramid, tasks.QUALITY["draft"], [0], wrap))
    x = 0.3 * torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(1))
    moved = [5 * wraps for wraps in wrap]
    estimate, again = denoise(x, 0.5, 0), denoise(x.roll(moved, (2, 3)), 0.5, 0)
    assert torch.allclose(again, estimate.roll(moved, (2, 3)), atol=1e-5)
    assert not torch.allclose(denoise(x.roll((5, 5), (2, 3)), 0.5, 0), estimate.roll((5, 5), (2, 3))) or all(wrap)


class Knowing(Network):
    """A network that knows the picture, and tells of it what it would have learned to tell."""

    def __init__(self, pyramid: Pyramid, published: bool):
        super().__init__((PUBLISHED if published else OURS).config(pyramid))
        self.pyramid = pyramid

    def forward(self, x: Tensor, sigma: Tensor, scale: Tensor, used: Tensor | None = None) -> Tensor:
        s = int(scale[0])
        image = self.pyramid.levels[s].image
        if self.config.published and s:  # Kulikov et al. 2023, equation 4
            image = torch.lerp(image, self.pyramid.blurry(s), min(1.0, float(sigma[0]) / self.pyramid.starts[s]))
        return image.expand_as(x)


@pytest.mark.parametrize("published", [False, True])
def test_with_a_network_that_knows_the_picture_the_result_is_the_picture(published):
    pyramid = Pyramid(tensor(landscape(34, 48)), coarsest=24)
    assert len(pyramid) == 2
    learned = Learned(Knowing(pyramid, published), pyramid)
    run = tasks.Run(pyramid, [1, 2], tasks.QUALITY["draft"], learned=learned)
    for one in tasks.generate(run, (34, 48)):
        assert torch.allclose(
            one, pyramid.levels[-1].image, atol=0.02
        )  # scale 0 goes beyond the picture's range here and there
