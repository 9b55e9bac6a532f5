"""Texture: the object's detail is replaced by the picture's, where the object's own does not matter more."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from sinddm.harmonize.color import luminance
from sinddm.harmonize.filters import blur, box, gradients, masked_blur, patches, shrink
from sinddm.harmonize.photo import denoise

Progress = Callable[[float], None]
PATCH = 7
VOTE = (
    2,
    2.5,
)  # the best patches of neighbours up to so far away vote for a pixel, and the width of their weight
COPY = 1, 1.2  # the same for a copy at full size of what was found on a smaller picture: crisp
RANK, SHAPE_RANK = 40, 8  # dimensions that patches of detail and of structure are compared in
KEYS, QUERIES = 5000, 1500  # most source patches; object patches that the balance is computed from
ROUNDS = 5  # of matching and voting, under noise that falls to 0: a reverse process
BALANCE = 4  # Sinkhorn iterations a round
COLOUR_WEIGHT, SHAPE_WEIGHT = 0.2, 0.5  # of the mean colour and of the structure below the detail, in a match
TEMPERATURE = 0.08  # of the balance, over the mean energy of a detail patch
LOSS = 0.38  # of the correlation between the object's gradients and its own before, at full amount
FINE = 2  # radius of the mean that fine detail is the difference to
# strokes at their weakest and strongest, and their share kept off strong detail
SCALE, HOLD = (0.8, 1.3), (0.85, 0.4)
SEARCH_SIZE = 80  # root of the area at which objects are matched: larger ones on a smaller picture


@dataclass(frozen=True)
class Source:
    """Where strokes come from: image (3, h, w) in [0, 1] and the pixels area (h, w) bool that may be used."""

    image: Tensor
    area: Tensor


class Matcher:
    """Balanced nearest source patch of every object patch, in the joint space of image analogies.

    A patch is described by its detail, and the mean colour and the structure below it (Hertzmann et al.
    2001). The nearest key minimises |q - k_j|^2 - u_j, with Sinkhorn duals u that make every key about
    equally used: unbalanced, flat keys win and the object is airbrushed.
    """

    def __init__(self, source: Source, sigma: float, rng: Generator):
        self.rng = rng
        soft = blur(source.image, sigma)
        self.detail = source.image - soft
        pick = source.area.reshape(-1).nonzero()[:, 0]
        order = torch.randperm(len(pick), generator=rng)[:KEYS].to(pick.device)
        self.positions = pick[order]
        found, shapes = patches(self.detail, self.positions, PATCH), self._structure(soft, self.positions)
        self.energy = (found**2).mean()
        self.basis, self.shape_basis = _principal(found, RANK), _principal(shapes, SHAPE_RANK)
        found = found @ self.basis
        self.spread = found.std(0, correction=0)
        self.temperature = TEMPERATURE * (found**2).sum(1).mean().clamp_min(1e-9)
        self.keys = torch.cat([found, self._colour(soft, self.positions), shapes @ self.shape_basis], 1)
        self.norm = (self.keys**2).sum(1)
        self.dual = torch.zeros_like(self.norm)

    def _colour(self, soft: Tensor, where: Tensor) -> Tensor:
        return soft.flatten(1)[:, where].T * (COLOUR_WEIGHT * PATCH)

    def _structure(self, soft: Tensor, where: Tensor) -> Tensor:
        shape = patches(luminance(soft), where, PATCH)
        return (shape - shape.mean(1, keepdim=True)) * (SHAPE_WEIGHT * 3**0.5)

    def describe(self, detail: Tensor, where: Tensor) -> Tensor:
        return patches(detail, where, PATCH) @ self.basis

    def context(self, soft: Tensor, where: Tensor) -> Tensor:
        return torch.cat([self._colour(soft, where), self._structure(soft, where) @ self.shape_basis], 1)

    def match(self, queries: Tensor, tick: Progress) -> Tensor:
        """Flat source position (N,) for each query (N, D). tick(share done) is called often."""
        order = torch.randperm(len(queries), generator=self.rng)[:QUERIES].to(queries.device)
        cost = torch.addmm(self.norm, queries[order], self.keys.T, alpha=-2)
        for _ in range(BALANCE):
            used = torch.softmax((self.dual - cost) / self.temperature, 1).sum(0) * (len(self.keys) / len(cost))
            self.dual = self.dual - self.temperature * used.clamp_min(0.03).log()
            tick(0.0)
        best = torch.empty(len(queries), dtype=torch.long, device=queries.device)
        for i in range(0, len(queries), 1024):
            cost = torch.addmm(self.norm - self.dual, queries[i : i + 1024], self.keys.T, alpha=-2)
            best[i : i + 1024] = cost.argmin(1)
            tick(min(1.0, (i + 1024) / len(queries)))
        return self.positions[best]


def _principal(rows: Tensor, rank: int) -> Tensor:
    """First principal directions (D, rank) of rows (N, D)."""
    return torch.linalg.eigh(rows.T @ rows)[1].flip(1)[:, :rank]


def vote(
    matches: Tensor,
    detail: Tensor,
    factor: int,
    shape: tuple[int, int],
    targets: Tensor,
    reach: tuple[int, float],
) -> tuple[Tensor, Tensor]:
    """Detail at the flat pixels targets of a picture of this shape, and its energy: (3, N), (N,).

    matches (h, w): flat position in the smaller source for each cell of factor x factor pixels, -1 for none.
    Every cell near a target offers its match's pixel at the same offset in the full-size detail (3, H, W).
    """
    (h, w), (_, H, W) = matches.shape, detail.shape
    columns, (far, width) = math.ceil(W / factor), reach
    y, x = targets.div(shape[1], rounding_mode="floor"), targets % shape[1]
    cell_y, cell_x = y.div(factor, rounding_mode="floor"), x.div(factor, rounding_mode="floor")
    flat = torch.cat([detail, (detail**2).mean(0, keepdim=True), torch.ones_like(detail[:1])]).flatten(1).T.contiguous()
    total = detail.new_zeros(len(targets), 5)
    for dy in range(-far, far + 1):
        for dx in range(-far, far + 1):
            voter_y, voter_x = cell_y + dy, cell_x + dx
            match = matches[voter_y.clamp(0, h - 1), voter_x.clamp(0, w - 1)]
            off_y, off_x = y - voter_y * factor, x - voter_x * factor
            valid = (match >= 0) & (voter_y >= 0) & (voter_y < h) & (voter_x >= 0) & (voter_x < w)
            away = ((off_y + 0.5) / factor - 0.5) ** 2 + ((off_x + 0.5) / factor - 0.5) ** 2
            weight = torch.exp(-2 * away / width**2) * valid
            source_y = (match.div(columns, rounding_mode="floor") * factor + off_y).clamp(0, H - 1)
            source_x = (match % columns * factor + off_x).clamp(0, W - 1)
            total.addcmul_(weight[:, None], flat[source_y * W + source_x])
    total = total[:, :4] / total[:, 4:].clamp_min(1e-6)
    return total[:, :3].T, total[:, 3]


def _spread_out(values: Tensor, where: Tensor, shape: tuple[int, int]) -> Tensor:
    """Values (C, N) at flat pixels, as a picture (C, H, W) that is 0 elsewhere."""
    out = values.new_zeros(len(values), shape[0] * shape[1])
    out[:, where] = values
    return out.reshape(-1, *shape)


def _voted(
    matches: Tensor,
    detail: Tensor,
    factor: int,
    shape: tuple[int, int],
    targets: Tensor,
    reach: tuple[int, float],
) -> Tensor:
    """vote(), with the contrast that averaging took given back: (3, H, W)."""
    mean, energy = vote(matches, detail, factor, shape, targets, reach)
    full = _spread_out(torch.cat([mean, energy[None]]), targets, shape)
    wanted, got = blur(full[3:], 2 * factor), blur((full[:3] ** 2).mean(0, keepdim=True), 2 * factor)
    return full[:3] * (wanted / got.clamp_min(1e-9)).sqrt().clamp(1, 1.5)


def _search(
    image: Tensor, where: Tensor, source: Source, sigma: float, rng: Generator, tick: Progress
) -> tuple[Tensor, Tensor, Tensor]:
    """Find strokes for the flat pixels where of image (3, H, W).

    Returns the match of each pixel (H, W), -1 elsewhere, the detail voted from them (3, H, W) and the
    source's mean energy.
    """
    matcher = Matcher(source, sigma, rng)
    shape = (image.shape[1], image.shape[2])
    soft = blur(image, sigma)
    detail = image - soft
    strong = blur((detail**2).mean(0, keepdim=True), 1.5).reshape(-1, 1)[where]
    lead = strong / (strong + matcher.energy)  # where the object's own detail leads
    own, context = matcher.describe(detail, where), matcher.context(soft, where)
    matches = torch.full((shape[0] * shape[1],), -1, device=image.device)
    for i in range(ROUNDS):
        left = 1 - i / (ROUNDS - 1)
        query = torch.lerp(matcher.describe(detail, where), own, lead * (0.3 + 0.7 * left))
        noise = torch.randn(query.shape, generator=rng).to(query)
        query = torch.cat([query + left * (1 - lead) * matcher.spread * noise, context], 1)
        matches[where] = matcher.match(query, lambda share, i=i: tick((i + share) / ROUNDS))
        detail = _voted(matches.reshape(shape), matcher.detail, 1, shape, where, VOTE)
    return matches.reshape(shape), detail, matcher.energy


def add_texture(
    image: Tensor, mask: Tensor, inside: Tensor, source: Source, amount: float, rng: Generator, tick: Progress
) -> tuple[Tensor, Tensor]:
    """Paint the object with the source's strokes. (The picture (3, H, W), the light of the strokes (1, H,
    W)).

    image (3, H, W) in [0, 1]; mask and inside (H, W) bool, the object, and it with a rim to spare. The
    object's detail weaker than the source's goes, stronger detail (eyes, contours) leads the matching and
    stays.
    """
    sigma = 0.6 + 2 * amount
    factor = round(float(mask.sum()) ** 0.5 / SEARCH_SIZE)
    factor = max(1, min(factor, min(source.image.shape[1:]) // 24))
    small, cells = shrink(source.area.to(image)[None], factor)[0], shrink(inside.to(image)[None], factor)
    small = Source(shrink(source.image, factor), small >= min(0.5, float(small.max())))
    matches, strokes, energy = _search(
        shrink(image, factor),
        cells.flatten().nonzero()[:, 0],
        small,
        sigma,
        rng,
        lambda share: tick(0.8 * share),
    )
    if factor > 1:  # found on the smaller picture, copied at full size
        full = source.image - blur(source.image, sigma * factor)
        tick(0.85)
        shape, where = (image.shape[1], image.shape[2]), inside.flatten().nonzero()[:, 0]
        strokes = _voted(matches, full, factor, shape, where, COPY)
    tick(0.9)
    within = inside.to(image)[None]
    plain, share = denoise(image, within, round(1.5 * sigma * factor), (5 * amount + 1e-4) * energy)
    local = masked_blur((strokes**2).mean(0, keepdim=True), within, 3 * factor).sqrt()
    even = energy.sqrt() / local.clamp_min(1e-4)  # no bald and no crowded places
    strokes = strokes * even.clamp(1 / 1.8, 1.8) * within * min(1, 1.25 * amount**0.5)
    tick(0.95)
    limit = (source.image - box(source.image, FINE))[:, source.area].abs().mean()
    painted = _as_strong_as_fits(image, plain, share, strokes, mask, 1 - LOSS * amount, limit)
    tick(1.0)
    return painted, luminance(strokes)


def _as_strong_as_fits(
    image: Tensor, plain: Tensor, share: Tensor, strokes: Tensor, mask: Tensor, floor: float, limit: Tensor
) -> Tensor:
    """plain with as much of the strokes as the object bears.

    Its gradients keep a correlation of floor with the image's, and its fine detail stays below limit; SCALE
    and HOLD say how little there is at least, and how much at most.
    """
    wanted = gradients(luminance(image))[:, mask].flatten()

    def at(level: float) -> Tensor:
        scale, hold = (least + level * (most - least) for least, most in (SCALE, HOLD))
        return plain + scale * (1 - hold * share) * strokes

    def fits(x: Tensor) -> bool:
        got = gradients(luminance(x))[:, mask].flatten()
        kept = torch.corrcoef(torch.stack([wanted, got]))[0, 1]
        return bool(kept >= floor) and bool((x - box(x, FINE))[:, mask].abs().mean() <= limit)

    low, high = 0.0, 1.0
    for _ in range(6):  # bisection: the stronger the strokes, the less of both
        level = (low + high) / 2
        low, high = (level, high) if fits(at(level)) else (low, level)
    return at(low)
