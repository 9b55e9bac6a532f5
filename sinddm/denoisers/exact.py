"""The denoiser in closed form: a posterior mean over every patch of one scale."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from sinddm.errors import InputError
from sinddm.pyramid import Level

PAIRS = 1 << 24  # query-key pairs held at once: 64 MB in float32
KEYS = 1 << 13  # source patches that queries are compared with: cost stays linear in the result's pixels
RANK = 128  # principal components that patches are compared in
FOLD_WIDTH = 0.3  # of the Gaussian that averages overlapping patches, in half patches
LEAST_USE = 1e-3  # below this share of its due a source patch is raised by no more in one iteration
MOST_RAISED = 1e12  # or lowered, in all iterations together, so that nothing overflows or vanishes
Frame = tuple[float, float, float, float]
WHOLE: Frame = (0.0, 0.0, 1.0, 1.0)


class Exact:
    """D(q) = sum_j softmax_j(-|q - p_j|^2 / 2 sigma^2) p_j over the whole patches p_j of a picture.

    What a convolutional denoiser of this receptive field, trained to optimality on the one picture, converges to
    (Kamb and Ganguli 2024). Overlapping estimates are averaged with a Gaussian weight. Only whole patches count, so
    the picture's border constrains the layout.

    patch: side in pixels; it shrinks where the picture has no whole patch of that size.
    balance: Sinkhorn iterations on the attention, which make every source patch be used about equally.
    layout: (vertical, horizontal) weight of the squared distance between relative positions, in logits.
    wrap: (vertical, horizontal) neighbourhoods wrap around, for tiles.
    frame: (top, left, height, width) of the picture's place in the result, relative to it, for the layout.
    """

    def __init__(
        self,
        level: Level,
        patch: int,
        balance: int,
        layout: tuple[float, float] = (0.0, 0.0),
        wrap: tuple[bool, bool] = (False, False),
        frame: Frame = WHOLE,
    ):
        self.balance, self.layout, self.wrap, self.frame = balance, layout, wrap, frame
        self.patch, whole = _whole_patches(level, patch)
        place = torch.nonzero(whole)[:, 0]
        if len(place) > KEYS:
            place = place[torch.arange(KEYS, device=place.device) * len(place) // KEYS]
        rows = F.unfold(level.image[None], self.patch)[0].T[place]  # (M, C p p)
        self.mean = rows.mean(0)
        rows = rows - self.mean
        self.basis = principal_components(rows, RANK)
        self.keys = rows @ self.basis  # (M, rank)
        self.bias = -(self.keys**2).sum(1) / 2
        height, width = (side - self.patch + 1 for side in level.size)
        self.places = (place // width / max(height - 1, 1), place % width / max(width - 1, 1))

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        """Clean estimate (B, C, h, w) of x (B, C, h, w)."""
        p, (height, width) = self.patch, x.shape[-2:]
        if min(height, width) < p:  # a result lower or narrower than one patch repeats itself, or else its edge
            down, across = (-(-p // n) if wrap else 1 for n, wrap in zip((height, width), self.wrap, strict=True))
            wide = x.repeat(1, 1, down, across)
            pad = (0, max(0, p - wide.shape[-1]), 0, max(0, p - wide.shape[-2]))
            return self(F.pad(wide, pad, mode="replicate"), sigma)[..., :height, :width]
        wide = F.pad(x, (0, (p - 1) * self.wrap[1], 0, (p - 1) * self.wrap[0]), mode="circular")
        grid = wide.shape[-2] - p + 1, wide.shape[-1] - p + 1
        window = self._window(x)
        total = self._fold(window.expand(-1, grid[0] * grid[1]), wide.shape[-2:], x.shape[-2:])
        estimates = []
        for one in wide:  # one by one, so that a variation is the same in any batch
            queries = (F.unfold(one[None], p)[0].T - self.mean) @ self.basis
            patches = self._posterior(queries, sigma, grid) @ self.basis.T + self.mean
            estimates.append(self._fold(patches.T * window, wide.shape[-2:], x.shape[-2:]) / total)
        return torch.stack(estimates)

    def _window(self, x: Tensor) -> Tensor:
        u = torch.linspace(-1, 1, self.patch, device=x.device)
        window = torch.exp(-0.5 * (u[:, None] ** 2 + u[None] ** 2) / FOLD_WIDTH**2)
        return window.reshape(1, -1).expand(x.shape[1], -1).reshape(-1, 1)

    def _fold(self, patches: Tensor, wide: tuple[int, ...], size: tuple[int, ...]) -> Tensor:
        """Sum of overlapping (C p p, N) patches, (C, h, w); what hangs over the edge of a tile comes round."""
        out = F.fold(patches[None], wide, self.patch)[0]
        if self.wrap[0]:
            out[:, : wide[0] - size[0]] += out[:, size[0] :]
        if self.wrap[1]:
            out[:, :, : wide[1] - size[1]] += out[:, :, size[1] :]
        return out[:, : size[0], : size[1]]

    def _posterior(self, queries: Tensor, sigma: float, grid: tuple[int, int]) -> Tensor:
        """Posterior means (N, rank) of the queries (N, rank), at most PAIRS of them against keys at a time."""
        rows = max(1, PAIRS // len(self.keys))
        if len(queries) <= rows:
            kernel = self._kernel(queries, sigma, grid, torch.arange(len(queries), device=queries.device))
            return self._mean(kernel, self._sinkhorn(kernel))
        sample = torch.linspace(0, len(queries) - 1, rows, device=queries.device).long()
        factor = self._sinkhorn(self._kernel(queries[sample], sigma, grid, sample))
        chunks = torch.arange(len(queries), device=queries.device).split(rows)
        return torch.cat([self._mean(self._kernel(queries[i], sigma, grid, i), factor) for i in chunks])

    def _kernel(self, queries: Tensor, sigma: float, grid: tuple[int, int], index: Tensor) -> Tensor:
        """exp(logit - the row's largest) of queries (n, rank) that stand at `index` of the grid, (n, M)."""
        logits = torch.addmm(self.bias[None], queries, self.keys.T).div_(sigma**2)
        where = (index // grid[1] / max(grid[0] - 1, 1), index % grid[1] / max(grid[1] - 1, 1))
        for axis, weight in enumerate(self.layout):
            if weight:
                mine = ((where[axis] - self.frame[axis]) / self.frame[axis + 2]).clamp(0, 1)
                logits.sub_(weight * (mine[:, None] - self.places[axis][None]) ** 2)
        kernel = logits.sub_(logits.amax(1, keepdim=True)).clamp_(min=-70).exp_()  # denormal numbers are slow
        return kernel.masked_fill_(kernel < 1e-30, 0.0)

    def _sinkhorn(self, kernel: Tensor) -> Tensor:
        """Factor of every source patch (M,), by which all are used about equally (Sinkhorn 1967)."""
        factor = torch.ones_like(kernel[0])
        share = kernel.shape[0] / kernel.shape[1]
        for _ in range(self.balance):
            used = (kernel.T @ (kernel @ factor).clamp_min(1e-30).reciprocal()) * factor / share
            factor = (factor / used.clamp_min(LEAST_USE)).clamp(1 / MOST_RAISED, MOST_RAISED)
        return factor

    def _mean(self, kernel: Tensor, factor: Tensor) -> Tensor:
        return kernel @ (factor[:, None] * self.keys) / (kernel @ factor).clamp_min(1e-30)[:, None]


def principal_components(rows: Tensor, most: int) -> Tensor:
    """(P, rank) orthonormal basis of the directions in which the rows (M, P) are largest, at most so many."""
    rank = min(most, *rows.shape)
    return torch.linalg.eigh((rows.T @ rows).cpu())[1][:, -rank:].to(rows.device)


def _whole_patches(level: Level, patch: int) -> tuple[int, Tensor]:
    """Largest patch side up to `patch` of which the used pixels hold whole ones, and which these are (positions,)."""
    for p in range(min(patch, *(side - 1 + side % 2 for side in level.size)), 1, -2):
        whole = F.unfold(level.used[None, None].float(), p)[0].amin(0) > 0
        if int(whole.sum()) >= min(64, whole.numel()):
            return p, whole
    raise InputError("The part to learn from is too small or too thin: choose a larger area.")
