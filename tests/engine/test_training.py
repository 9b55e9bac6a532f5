"""Learning step by step: what a step does, short memory, pauses, and how long it goes on."""

import math
import re
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from recipes import OURS, PUBLISHED
from scenery import landscape, tensor
from torch import Tensor

from sinddm import InputError, Paused
from sinddm.denoisers.network import Network
from sinddm.pyramid import Pyramid
from sinddm.training.course import LONGEST, Course
from sinddm.training.recipe import Recipe
from sinddm.training.session import Progress, Session
from sinddm.training.trainer import LEAST_PIXELS, Trainer


@pytest.fixture(params=[OURS, PUBLISHED], ids=["ours", "published"])
def recipe(request) -> Recipe:
    return request.param


@pytest.fixture(scope="module")
def small() -> Pyramid:
    """One scale."""
    return Pyramid(tensor(landscape(24, 30)))


def gradients(trainer: Trainer) -> list[Tensor]:
    return [parameter.grad.clone() for parameter in trainer.network.parameters() if parameter.grad is not None]


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(value, second[name]) for name, value in first.items())


# Steps


def test_the_loss_falls(recipe, small):
    trainer = Trainer(small, replace(recipe, rate=1e-2), seed=1)
    losses = [trainer.step(1.0) for _ in range(40)]  # the first 30 are the warm-up
    assert sum(losses[-8:]) < 0.8 * sum(losses[:8])


def test_a_step_at_rate_0_changes_no_weight_and_the_average_follows_the_others(small):
    trainer = Trainer(small, OURS, seed=1)
    before = trainer.state()
    trainer.step(0.0)
    assert all(torch.equal(value, before[n]) for n, value in trainer.state().items() if n.startswith("network."))
    for _ in range(8):
        trainer.step(1.0)
    now = trainer.state()
    for name in (name for name in before if name.startswith("network.")):
        average = now[name.replace("network.", "average.")]
        assert (average - now[name]).norm() < (before[name] - now[name]).norm()


@pytest.mark.parametrize("masked", [False, True])
def test_the_gradient_of_several_passes_is_that_of_one(masked, small):
    used = torch.ones(24, 30, dtype=torch.bool)
    used[:10, :10] = not masked
    found = []
    for pictures in (4, 2, 1, 3):
        trainer = Trainer(Pyramid(small.levels[0].image, used), replace(PUBLISHED, scales=1), seed=1)
        trainer.piece = pictures * 24 * 30
        found.append((trainer.step(1.0), gradients(trainer)))
    for loss, steps in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        assert all(torch.allclose(a, b, rtol=1e-3, atol=1e-5) for a, b in zip(steps, found[0][1], strict=True))


def test_a_piece_without_a_single_used_pixel_does_no_harm():
    used = torch.zeros(120, 120, dtype=torch.bool)
    used[:12, :12] = used[-12:, -12:] = True
    trainer = Trainer(Pyramid(tensor(landscape(120, 120)), used, coarsest=120), OURS, seed=1)
    trainer.piece = LEAST_PIXELS
    assert all(math.isfinite(trainer.step(1.0)) for _ in range(6))
    assert all(bool(value.isfinite().all()) for value in trainer.network.state_dict().values())


def test_a_picture_of_one_colour_is_learned_without_dividing_by_nothing(recipe):
    trainer = Trainer(Pyramid(torch.full((3, 24, 24), 0.3)), recipe, seed=1)
    assert all(math.isfinite(trainer.step(1.0)) for _ in range(5))


# Memory


@pytest.fixture
def scarce(monkeypatch):
    """Set how often the network runs out of memory from now on."""
    left, forward = [0], Network.forward

    def short_of_memory(self, *args):
        if left[0]:
            left[0] -= 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return forward(self, *args)

    monkeypatch.setattr(Network, "forward", short_of_memory)
    return lambda times: left.__setitem__(0, times)


def test_where_memory_is_short_the_same_step_is_done_in_smaller_pieces(small, scarce):
    trainer, frugal = Trainer(small, OURS, seed=1), Trainer(small, OURS, seed=1)
    before = trainer.piece
    scarce(2)
    trainer.step(1.0)
    assert trainer.piece == before // 4
    frugal.piece = before // 4
    frugal.step(1.0)
    assert same(trainer.state(), frugal.state())


def test_short_memory_is_told_in_a_sentence(small, scarce):
    told: list[Progress] = []
    session = Session(small, OURS, 0, Course(steps=3))
    session.run(lambda progress: scarce(int(progress.steps == 1)) or told.append(progress))
    assert told[0].note == ""
    assert re.fullmatch(r"Memory is short, [^.]+\.", told[1].note)
    assert told[2].note == told[1].note


def test_where_it_never_fits_learning_ends_in_one_sentence(small, scarce):
    trainer = Trainer(small, OURS, seed=1)
    scarce(1000)
    with pytest.raises(InputError, match=r"^There is not enough memory[^.]+\.$"):
        trainer.step(1.0)
    assert trainer.piece == LEAST_PIXELS


def test_other_errors_are_not_taken_for_short_memory(small, monkeypatch):
    def broken(self, *args):
        raise RuntimeError("shapes do not match")

    trainer = Trainer(small, OURS, seed=1)
    monkeypatch.setattr(Network, "forward", broken)
    with pytest.raises(RuntimeError, match="shapes"):
        trainer.step(1.0)


# Pausing


@pytest.mark.parametrize("calls", [1, 5, 9, 14, 18, 23])
def test_a_pause_anywhere_in_a_step_changes_nothing(calls, small, recipe):
    """`calls` counts how often the step has asked: four times on the way forward, four on the way back."""
    asked = [0]

    def check() -> None:
        asked[0] += 1
        if asked[0] == calls:
            raise Paused

    def go_on(trainer: Trainer) -> Trainer:
        for rate in [1.0, 0.9, 0.4, 0.2][trainer.steps :]:
            trainer.step(rate)
        return trainer

    through, paused = Trainer(small, recipe, seed=1), Trainer(small, recipe, seed=1, check=check)
    with pytest.raises(Paused):
        go_on(paused)
    assert paused.steps == (calls - 1) // 8
    resumed = Trainer(small, recipe, seed=1)
    resumed.load(paused.state())
    assert same(go_on(resumed).state(), go_on(through).state())


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("network.out.bias", None),
        ("average.out.bias", torch.zeros(7)),
        ("network.of.another.kind", torch.zeros(3)),
        ("optimizer.exp_avg.out.bias", torch.zeros(7)),
        ("optimizer.exp_avg_sq.out.bias", torch.zeros(())),
        ("optimizer.momentum_buffer.blocks.1.first.weight", torch.zeros(7)),
        ("generator", None),
        ("steps", None),
        ("steps", torch.zeros(2)),
    ],
)
def test_a_state_that_is_not_of_such_a_network_is_refused_in_one_sentence(name, wrong, small):
    trainer = Trainer(small, OURS, seed=1)
    trainer.step(1.0)
    state = trainer.state()
    if wrong is None:
        del state[name]
    else:
        state[name] = wrong
    with pytest.raises(InputError, match=r"^What was learned so far does not fit together[^.]+\.$"):
        Trainer(small, OURS, seed=1).load(state)


def test_what_was_learned_on_another_kind_of_device_is_gone_on_with_by_numbers_drawn_anew(small):
    trainer, fresh = Trainer(small, OURS, seed=1), Trainer(small, OURS, seed=2)
    trainer.step(1.0)
    fresh.load(trainer.state() | {"generator": torch.zeros(16, dtype=torch.uint8)})  # as long as that of a GPU
    assert fresh.steps == 1
    assert math.isfinite(fresh.step(1.0))


# How long


def test_a_course_by_steps_goes_from_the_highest_rate_to_none():
    course, rates = Course(steps=10), []
    while course.fraction < 1:
        rates.append(course.rate)
        course.count(0.5, 100.0)
    assert course.taken == 10
    assert rates[0] == 1
    assert all(a > b > 0 for a, b in pairwise(rates))
    assert rates[-1] < 0.3
    assert course.rate == course.left == 0


def test_a_course_by_seconds_ends_when_they_are_over():
    course = Course(seconds=60)
    assert (course.fraction, course.rate, course.left) == (0, 1, 60)
    course.count(0.5, 45.0)
    assert (course.fraction, course.left) == (0.75, 15)
    assert 0 < course.rate < 1
    course.count(0.5, 30.0)
    assert (course.fraction, course.rate, course.left) == (1, 0, 0)
    assert (course.taken, course.elapsed) == (2, 75)


def test_what_is_left_of_a_course_by_steps_is_estimated_from_the_steps_so_far():
    course = Course(steps=10)
    assert course.left is None
    course.count(0.5, 2.0)
    course.count(0.5, 4.0)
    assert course.left == 24


def test_until_settled_ends_after_the_loss_has_stopped_falling_and_cools_down_first():
    course, rates = Course(), []
    while course.fraction < 1:
        assert (course.settled is None) == (course.left is None)
        rates.append(course.rate)
        course.count(max(0.2, 1 / (1 + 0.001 * course.taken)), 0.1)  # falls until step 4000
    assert 4000 < course.taken < 20_000
    assert rates[:4000] == [1.0] * 4000
    assert 0 < rates[-1] < 0.01
    assert max(a - b for a, b in pairwise(rates)) < 0.01


@pytest.mark.parametrize("settles", [False, True])
def test_until_settled_never_takes_longer_than_an_hour_and_always_cools_down(settles):
    course, rates = Course(), []
    while course.fraction < 1:
        rates.append(course.rate)
        course.count(0.2 if settles and course.elapsed > 2500 else 1 / (1 + course.taken), 5.0)
    assert (course.settled is not None) == settles
    assert course.elapsed <= LONGEST + 5
    assert all(0 <= a - b < 0.01 for a, b in pairwise(rates))
    assert 0 < rates[-1] < 0.01


def test_the_loss_that_is_told_is_smoothed_and_a_course_can_be_kept_in_plain_values():
    course = Course(steps=100)
    for loss in (1.0, 0.0, 1.0, 0.0):
        course.count(loss, 1.0)
    assert course.loss is not None
    assert 0.9 < course.loss < 1
    assert Course(**course.as_dict()) == course


@pytest.mark.parametrize("wrong", [0, -1, -0.5, math.nan, math.inf, 1e12])
def test_a_course_of_no_length_is_refused_in_one_sentence(wrong):
    for way in ("seconds", "steps"):
        with pytest.raises(InputError, match=r"^Learning cannot .+: choose .+ above 0\.$"):
            Course(**{way: wrong})
