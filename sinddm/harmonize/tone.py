"""Tone: the object's colours, and the strength of its fine detail, move towards those around it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from sinddm.harmonize.color import to_oklab, to_rgb
from sinddm.harmonize.filters import box, masked_blur

Tick = Callable[[], None]  # called often: it may stop the work by raising

PULL = 0.68  # share of the difference in mean and spread that full strength takes away
FURTHER = 1.25  # by how much more the mean may move for a spread that cannot
STRETCH = (
    0.4,
    2.5,
)  # least and most contrast: a colour axis the object does not use cannot be stretched for ever
NEAR = 0.5  # share of the pull that goes to what is close by instead of the surroundings as a whole
PALETTE = 512  # colours the posterior mean is taken over
WIDTH = 0.07  # its noise level, in Oklab
STEP = 0.2  # longest step towards it at full strength: alien colours stay apart
CLARITY = 0.75, 1.3  # least and most that fine detail is scaled by
FINE = 2  # radius of the mean that fine detail is the difference to


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of colours in Oklab, (3, 1) each."""

    mean: Tensor
    spread: Tensor

    @classmethod
    def of(cls, lab: Tensor) -> "Moments":
        """Of colours (3, N)."""
        return cls(lab.mean(1, keepdim=True), lab.std(1, keepdim=True, correction=0))

    def towards(self, other: "Moments", share: float) -> "Moments":
        return Moments(self.mean.lerp(other.mean, share), self.spread.lerp(other.spread, share))

    def distance(self, other: "Moments") -> float:
        return float((self.mean - other.mean).norm() + (self.spread - other.spread).norm())


def sample(colours: Tensor, count: int, rng: Generator) -> Tensor:
    """At most count of the colours (3, N), picked at random."""
    if colours.shape[1] <= count:
        return colours
    return colours[:, torch.randperm(colours.shape[1], generator=rng)[:count].to(colours.device)]


def fine_detail(x: Tensor, seen: Tensor) -> Tensor:
    """Difference of x (C, H, W) to its mean over 5x5 pixels, of those in seen (H, W) bool."""
    weight = seen.to(x)[None]
    return x - box(x * weight, FINE) / box(weight, FINE).clamp_min(1e-4)


def posterior_step(x: Tensor, palette: Tensor, amount: float, tick: Tick) -> Tensor:
    """Step of colours (3, N) towards E[clean | x] under the palette (3, K): a denoiser of 1x1 patches."""
    step = torch.empty_like(x)
    for i in range(0, x.shape[1], 8192):
        chunk = x[:, i : i + 8192]
        weight = torch.softmax(-(torch.cdist(chunk.T, palette.T) ** 2) / (2 * WIDTH**2), 1)
        step[:, i : i + 8192] = amount * ((weight @ palette.T).T - chunk)
        tick()
    return step * (STEP * amount / step.norm(dim=0).clamp_min(1e-6)).clamp(max=1)


@dataclass(frozen=True)
class Tone:
    """The change of one object's tone. Masks are (H, W) bool, colours (3, N) in Oklab.

    inside: the object; touched: the pixels to change, more than inside; own and around: colours of the object
    as it was pasted and of its surroundings; detail: mean absolute fine detail of both, as (own, around).
    """

    inside: Tensor
    touched: Tensor
    own: Tensor
    around: Tensor
    detail: tuple[float, float]
    strength: float

    @classmethod
    def between(cls, image: Tensor, inside: Tensor, touched: Tensor, ring: Tensor, around: Tensor, strength: float):
        """From the composite (3, H, W) in [0, 1], its object, its surroundings and their colours."""
        lab = to_oklab(image)

        def strength_of_detail(seen: Tensor) -> float:
            return float(fine_detail(lab, seen)[:, seen].abs().mean()) if bool(seen.any()) else 0.0

        detail = strength_of_detail(inside), strength_of_detail(ring)
        return cls(inside, touched, lab[:, inside], to_oklab(around), detail, strength)

    def settle(self, image: Tensor, clarity: float = 1.0) -> Tensor:
        """Bring image (3, H, W), by its contrast and mean, to where the object's should be.

        Mean and spread in Oklab land PULL * strength of the way from the pasted object's to the
        surroundings'. Fine detail is scaled by clarity alone, so that contrast does not turn into grain.
        """
        lab, start, goal = to_oklab(image), Moments.of(self.own), Moments.of(self.around)
        fine = fine_detail(lab, self.touched)[:, self.touched]
        soft, here = lab[:, self.touched] - fine, self.inside[self.touched]
        pull, out = PULL * self.strength, soft + clarity * fine
        contrast, middle = torch.ones_like(start.mean), soft[:, here].mean(1, keepdim=True)
        left = (1 - pull) * start.distance(goal)
        for share in (pull, pull, pull, pull * (1 + FURTHER) / 2, pull * FURTHER):
            wanted, now = start.towards(goal, share), Moments.of(out[:, here])
            contrast = (contrast * wanted.spread / now.spread.clamp_min(1e-3)).clamp(*STRETCH)
            out = (soft - middle) * contrast + clarity * fine
            out = out + (wanted.mean - out[:, here].mean(1, keepdim=True))
            if Moments.of(out[:, here]).distance(goal) <= left + 1e-3:
                break
        result = image.clone()
        result[:, self.touched] = to_rgb(out)
        return result

    def apply(self, image: Tensor, rng: Generator, tick: Tick) -> Tensor:
        """Give image (3, H, W) in [0, 1] the light of the place. Strength 0 changes nothing.

        Each part leans towards what is close by (reflected light), every colour takes a step towards the
        palette, then mean, spread and the strength of fine detail are set.
        """
        pull = PULL * self.strength
        lab = to_oklab(image)
        y, here = lab[:, self.touched], self.inside[self.touched]
        outside = (~self.inside).to(lab)[None]
        if bool(outside.any()):
            nearby = masked_blur(lab, outside, 0.25 * self.own.shape[1] ** 0.5)[:, self.touched]
            y = y + NEAR * pull * (nearby - nearby[:, here].mean(1, keepdim=True))
            tick()
        y = y + posterior_step(y, sample(self.around, PALETTE, rng), self.strength, tick)
        leaned = image.clone()
        leaned[:, self.touched] = to_rgb(y)
        tick()
        own, goal = (max(v, 1e-4) for v in self.detail)
        wanted = own * min(max((goal / own) ** pull, CLARITY[0]), CLARITY[1])
        now = float(fine_detail(to_oklab(leaned), self.touched)[:, self.inside].abs().mean())
        return self.settle(leaned, min(max(wanted / max(now, 1e-4), 0.5), 1.5))
