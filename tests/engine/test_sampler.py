"""The reverse process, with denoisers of which everything is known."""

import math
from itertools import pairwise

import pytest
import torch
from scenery import landscape, tensor
from torch import Tensor

from sinddm import Cancelled
from sinddm.denoisers.closed_form import ClosedForm, Settings
from sinddm.noise import Noise, Stage
from sinddm.pyramid import Pyramid, enlarge
from sinddm.sampler import LEAST_COST, Step, sample

CPU = torch.device("cpu")
SIZES = [(12, 16), (24, 32), (48, 64)]


class Knowing:
    """A denoiser that knows the answer of every scale, and remembers what it was asked."""

    def __init__(self, answers: list[Tensor], first_sigma: float = 1.0):
        self.answers, self.first_sigma = answers, first_sigma
        self.asked: list[tuple[Tensor, float, int]] = []
        self.begun: list[tuple[Tensor, int]] = []

    def begin(self, blurry: Tensor, scale: int) -> None:
        self.begun.append((blurry.clone(), scale))

    def mix(self, sigma: float, scale: int) -> float:
        return sigma / self.first_sigma

    def __call__(self, x: Tensor, sigma: float, scale: int) -> Tensor:
        self.asked.append((x.clone(), sigma, scale))
        return self.answers[scale].expand_as(x).clone()


def way(eta: float) -> list[Stage]:
    return [Stage(s, size, [1.0, 0.5, 0.2, 0.0], eta) for s, size in enumerate(SIZES)]


@pytest.fixture
def knowing() -> Knowing:
    return Knowing([tensor(landscape(*size)) for size in SIZES])


def run(knowing: Knowing, eta: float = 1.0, seeds=(1,), **rest) -> Tensor:
    return sample(knowing, way(eta), Noise(list(seeds), CPU), torch.zeros(len(seeds), 3, *SIZES[0]), **rest)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_with_a_denoiser_that_knows_the_answer_the_result_is_the_answer(eta, knowing):
    result = run(knowing, eta, seeds=(1, 2))
    assert result.shape == (2, 3, *SIZES[-1])
    assert torch.equal(result, knowing.answers[-1].expand(2, -1, -1, -1))


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_every_step_sees_the_forward_process(eta, knowing):
    """x_t = g b + (1 - g) x_s + sigma n, with n standard normal and b the enlarged result of the scale below."""
    run(knowing, eta)
    before, last_sigma = torch.zeros(0), 1.0
    for x, sigma, scale in knowing.asked:
        below = knowing.answers[scale - 1][None] if scale else torch.zeros(1, 3, *SIZES[0])
        blurry, g = enlarge(below, SIZES[scale]), sigma / 1.0
        noise = (x - g * blurry - (1 - g) * knowing.answers[scale]) / sigma
        assert float(noise.std()) == pytest.approx(1, abs=0.08)
        assert abs(float(noise.mean())) < 0.08
        if sigma != 1.0:
            together = float(torch.corrcoef(torch.stack([noise.flatten(), before.flatten()]))[0, 1])
            fresh = eta * math.sqrt(1 - (sigma / last_sigma) ** 2)  # Song et al. 2021, equation 16
            assert together == pytest.approx(math.sqrt(1 - fresh**2), abs=0.1)
        before, last_sigma = noise, sigma


def test_every_scale_begins_with_the_enlarged_result_of_the_one_below(knowing):
    run(knowing, seeds=(1, 2))
    assert [scale for _, scale in knowing.begun] == [0, 1, 2]
    assert not knowing.begun[0][0].any()
    for blurry, scale in knowing.begun[1:]:
        assert torch.equal(blurry, enlarge(knowing.answers[scale - 1].expand(2, -1, -1, -1), SIZES[scale]))


def test_it_starts_from_the_picture_it_is_given(knowing):
    start = tensor(landscape(*SIZES[0], seed=5))[None]
    sample(knowing, way(1.0)[1:], Noise([1], CPU), start)
    x, sigma, scale = knowing.asked[0]
    noise = (x - enlarge(start, SIZES[1])) / sigma
    assert scale == 1
    assert torch.equal(noise, Noise([1], CPU).like(noise)) or torch.allclose(
        noise, Noise([1], CPU).like(noise), atol=1e-5
    )


def test_steps_are_told_in_order_and_their_fraction_rises_to_1(knowing):
    steps: list[Step] = []
    run(knowing, on_step=steps.append)
    assert [(s.scale, s.step) for s in steps] == [(scale, i) for scale in range(3) for i in range(3)]
    fractions = [s.fraction for s in steps]
    assert all(a < b for a, b in pairwise(fractions))
    assert fractions[-1] == pytest.approx(1)
    costs = [height * width + LEAST_COST for height, width in SIZES]  # the work is counted in pixels
    assert fractions[2] == pytest.approx(costs[0] / sum(costs))
    assert [s.x0.shape[-2:] for s in steps[::3]] == SIZES


def test_a_callback_stops_the_work_at_once(knowing):
    def stop(step: Step) -> None:
        if (step.scale, step.step) == (1, 1):
            raise Cancelled

    with pytest.raises(Cancelled):
        run(knowing, on_step=stop)
    assert len(knowing.asked) == 5


def test_guides_bend_every_estimate_one_after_the_other(knowing):
    seen = []

    def grey(x0: Tensor, sigma: float, scale: int) -> Tensor:
        seen.append((sigma, scale))
        return torch.zeros_like(x0)

    def lighter(x0: Tensor, sigma: float, scale: int) -> Tensor:
        return x0 + 0.25

    result = run(knowing, guides=[grey, lighter])
    assert torch.equal(result, torch.full_like(result, 0.25))
    assert seen == [(sigma, scale) for _, sigma, scale in knowing.asked]


@pytest.mark.parametrize("wrap", [(False, False), (True, True)])
def test_a_variation_is_the_same_to_the_bit_in_any_batch(wrap):
    pyramid, settings = Pyramid(tensor(landscape(48, 60))), Settings(first_steps=4, exact_steps=2, steps=2)
    path = ClosedForm(pyramid, settings, [3]).stages((50, 44))

    def made(seeds: list[int]) -> Tensor:
        start = torch.zeros(len(seeds), 3, *path[0].size)
        return sample(ClosedForm(pyramid, settings, seeds, wrap), path, Noise(seeds, CPU), start, wrap=wrap)

    together = made([3, 4, 5])
    for k, seed in enumerate([3, 4, 5]):
        assert torch.equal(together[k], made([seed])[0])
    assert not torch.equal(together[0], together[1])
