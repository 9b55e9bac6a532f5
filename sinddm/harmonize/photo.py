"""Photographs: how to tell one from a painting, and how an object gets its noise and sharpness."""

import torch
from torch import Generator, Tensor

from sinddm.harmonize.color import luminance
from sinddm.harmonize.filters import blur, box, masked_blur, shrink

STROKES = 0.35, 0.4  # score (below) from which a picture may be a painting, and surely is one
WORKING_SIZE = 512  # long side at which the score is taken
FLAT = 0.03  # share of a picture taken as its flattest, where only noise is left
MOST_NOISE = 0.04  # standard deviation, in [0, 1]
EDGES = 0.05  # share of a picture taken as its edges
REBLUR = 1.0  # blur that edges are compared under, in pixels


def _quantile(x: Tensor, q: float) -> Tensor:
    """Quantile of x (N,), of at most a quarter million values evenly taken."""
    return torch.quantile(x[:: max(1, len(x) // 250_000)], q)


def painted(image: Tensor, seen: Tensor) -> float:
    """How surely a picture is painted, 0 to 1: whether relief of its own colour is everywhere.

    image (3, H, W) in [0, 1]; seen (H, W) bool, the pixels to judge by. The score is a product of two.
    Density: detail in the lower quartile of places over its mean; a photograph has skies, walls and blur, a
    painting has strokes everywhere. Colour: detail that brightness does not explain over detail in
    brightness; strokes differ in hue, while a photograph's fine detail is shading. White noise would pass for
    both and is subtracted, by its finest part. A picture without colour is taken as a photograph.
    """
    factor = max(1, round(max(image.shape[1:]) / WORKING_SIZE))
    x, seen = shrink(image, factor), shrink(seen.to(image)[None], factor)[0] > 0.99
    if not bool(seen.any()):
        return 0.0
    finest, middle, coarse = x - blur(x, 0.6), blur(x, 0.8) - blur(x, 2.4), x - blur(x, 1.8)
    light, light_finest, light_middle = luminance(coarse), luminance(finest), luminance(middle)
    # 0.25 and 2.5: energy of white noise in a band over that in the finest one
    places = blur(light_middle**2, 3) - 0.25 * blur(light_finest**2, 3)
    places = places[0, seen].clamp_min(0)
    density = (_quantile(places, 0.25) / places.mean().clamp_min(1e-9)).sqrt()

    def unexplained(detail: Tensor, light: Tensor) -> Tensor:
        detail, light = detail[:, seen], light[:, seen]
        share = (detail * light).mean(1) / (light**2).mean().clamp_min(1e-9)
        return ((detail - share[:, None] * light) ** 2).mean(1).sum()

    colour = unexplained(coarse, light) - 2.5 * unexplained(finest, light_finest)
    energy = (light[:, seen] ** 2).mean() - 2.5 * (light_finest[:, seen] ** 2).mean()
    score = density * (colour.clamp_min(0) / energy.clamp_min(1e-6)).sqrt()
    return float(((score - STROKES[0]) / (STROKES[1] - STROKES[0])).clamp(0, 1))


def noise_covariance(image: Tensor, seen: Tensor) -> Tensor:
    """Covariance (3, 3) of the noise in image, from its flattest places among seen (H, W)."""
    finest, middle = image - blur(image, 0.6), blur(image, 0.8) - blur(image, 2.4)
    energy = box((finest**2).sum(0, keepdim=True), 2)[0, seen]
    flat = energy <= _quantile(energy, FLAT)
    finest, middle = finest[:, seen][:, flat], middle[:, seen][:, flat]
    # the finest band of a texture holds a fifth of its middle one's energy or less, of noise four times it
    covariance = (finest @ finest.T - 0.2 * middle @ middle.T) / finest.shape[1] / 0.35
    values, vectors = torch.linalg.eigh(covariance)
    return vectors * values.clamp(0, MOST_NOISE**2) @ vectors.T


def edge_width(image: Tensor, seen: Tensor) -> float | None:
    """Blur of a picture's edges as the sigma of a Gaussian, in pixels; None if there are too few edges.

    A step edge of blur s loses the factor R = sqrt(s^2 + s0^2) / s of its gradient when blurred by s0 once
    more, so s = s0 / sqrt(R^2 - 1). Zhuo and Sim, "Defocus map estimation from a single image", 2011, eq. 4
    to 6.
    """

    def gradient(light: Tensor) -> Tensor:
        dy, dx = torch.gradient(light[0])
        return (dx**2 + dy**2).sqrt()

    light = luminance(image)
    sharp, soft = gradient(light)[seen], gradient(blur(light, REBLUR))[seen]
    if len(sharp) < 200:
        return None
    strong = sharp >= _quantile(sharp, 1 - EDGES).clamp_min(0.02)
    if int(strong.sum()) < 10:
        return None
    ratio = (sharp[strong] / soft[strong].clamp_min(1e-6)).median().clamp_min(1.02)
    return float(REBLUR / (ratio**2 - 1).sqrt())


def denoise(x: Tensor, inside: Tensor, radius: int, noise: Tensor | float) -> tuple[Tensor, Tensor]:
    """Self-guided filter: detail of variance v keeps the share v / (v + noise). (filtered, share (1, H, W)).

    inside (1, H, W) in [0, 1]: the pixels that exist. He, Sun and Tang, "Guided image filtering", 2010, eq.
    5, 6.
    """
    weight = box(inside, radius).clamp_min(1e-4)

    def mean(v: Tensor) -> Tensor:
        return box(v * inside, radius) / weight

    guide = x.mean(0, keepdim=True)
    middle = mean(guide)
    variance = (mean(guide**2) - middle**2).clamp_min(0)
    slope = (mean(guide * x) - middle * mean(x)) / (variance + noise)
    share = mean(slope)
    return share * guide + mean(mean(x) - slope * middle), share.mean(0, keepdim=True).clamp(0, 1)


def match_surface(
    image: Tensor, inside: Tensor, picture: Tensor, seen: Tensor, amount: float, rng: Generator
) -> Tensor:
    """Give the object inside (H, W) the noise and the edge sharpness that picture has in seen (h, w)."""
    within = inside.to(image)[None]
    core = blur(within, 1.0)[0] > 0.99
    core = core if int(core.sum()) >= 50 else inside
    own, goal = noise_covariance(image, core), noise_covariance(picture, seen)
    out = image
    excess = (own - goal).diagonal().mean()
    if excess > 0:
        out = denoise(out, within, 2, amount * excess)[0]
    mine, theirs = edge_width(out, core), edge_width(picture, seen)
    if mine and theirs and theirs > mine:
        out = masked_blur(out, within, min(1.5, amount * (theirs**2 - mine**2) ** 0.5))
    values, vectors = torch.linalg.eigh(goal - noise_covariance(out, core))
    mix = vectors * (amount * values.clamp_min(0)).sqrt()
    white = torch.randn(image.shape, generator=rng).to(image)
    out = out + torch.tensordot(mix, white, dims=1)
    return torch.where(inside, out, image)
