"""The denoiser for fine scales: every pixel's best patch among a few candidates, and a vote of its neighbours.

The exact posterior costs pixels times pixels. Here a pixel compares its own match, its neighbours' matches shifted and
a few random ones (PatchMatch, Barnes et al. 2009), and the best patches of its neighbourhood vote for its value: linear
in pixels, with less blur at cuts than a mean over its own candidates.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from sinddm.denoisers import search_torch
from sinddm.denoisers.exact import principal_components
from sinddm.pyramid import Level

STRIPE = 1 << 16  # pixels searched by one call: threads share the work evenly, an interrupt is seen soon
KEYS = 1 << 14  # patches that a first match is sought among
RANK = 64  # principal components that these are compared in


class Nearest:
    """Matches of a (C, h, w) picture in the patches of a source, improved at every call.

    patch: side in pixels, odd; vote: side of the voting neighbourhood, odd, at most `patch`; wrap: (vertical,
    horizontal) neighbourhoods wrap around.
    """

    def __init__(self, patch: int = 9, vote: int = 9, wrap: tuple[bool, bool] = (False, False)):
        self.patch, self.wrap = patch, wrap
        u = torch.arange(vote) - vote // 2
        self.weights = torch.exp(-2 * (u[:, None] ** 2 + u[None] ** 2) / (vote / 2) ** 2)

    def first_match(self, x: Tensor, level: Level) -> Tensor:
        """Field (h, w) of the nearest patches of `level` to those of x (C, h, w), all compared with all."""
        allowed = torch.nonzero(self.allowed(level).reshape(-1))[:, 0]
        if len(allowed) > KEYS:
            allowed = allowed[torch.linspace(0, len(allowed) - 1, KEYS, device=allowed.device).long()]
        half = self.patch // 2
        keys = F.unfold(level.image[None], self.patch, padding=half)[0].T[allowed]
        queries = F.unfold(self._surround(x)[None], self.patch)[0].T
        basis = principal_components(keys, RANK)
        keys = keys @ basis
        bias = (keys**2).sum(1)
        best = [torch.addmm(bias[None], q @ basis, keys.T, alpha=-2.0).argmin(1) for q in queries.split(1024)]
        return allowed[torch.cat(best)].reshape(x.shape[-2:]).int()

    def carry(self, field: Tensor, old: Level, new: Level, size: tuple[int, int]) -> Tensor:
        """The field (h, w) of scale `old`, enlarged to `size` and pointing into scale `new`."""
        half = self.patch // 2
        y, y_rest = _parents(field.shape[0], size[0], field.device)
        x, x_rest = _parents(field.shape[1], size[1], field.device)
        match = field[y[:, None], x[None]]
        match_y = (match // old.size[1] + y_rest[:, None] + 0.5) * new.size[0] / old.size[0] - 0.5
        match_x = (match % old.size[1] + x_rest[None] + 0.5) * new.size[1] / old.size[1] - 0.5
        match_y = match_y.round().int().clamp(half, new.size[0] - 1 - half)
        match_x = match_x.round().int().clamp(half, new.size[1] - 1 - half)
        return match_y * new.size[1] + match_x

    def improve(
        self, x: Tensor, source: Tensor, allowed: Tensor, field: Tensor, radius: int, tries: int, seed: int
    ) -> Tensor:
        """One round of search for x (C, h, w) in `source` (C, H, W), among its allowed (H, W) pixels; the new field.

        tries: random candidates a pixel, within `radius` of its match.
        """
        shape, seed = (field.shape[0], field.shape[1], source.shape[-1]), seed & 0x7FFFFFFF
        query = self._surround(x)
        if x.device.type != "cpu":
            flat = query.flatten(1), source.flatten(1), allowed.flatten(), field.flatten().long()
            found = search_torch.search(*flat, shape, self.patch, radius, tries, seed, self.wrap)
            return found.int().view(field.shape)
        from sinddm.denoisers import search_cpu

        out = torch.empty_like(field)
        arrays = _flat(query), _flat(source), allowed.numpy().ravel(), field.numpy().ravel(), out.numpy().ravel(), shape
        rest = self.patch, x.shape[0], radius, tries, seed, self.wrap
        _in_stripes(field.shape, lambda begin, end: search_cpu.search(*arrays, begin, end, *rest))
        return out

    def vote(self, field: Tensor, source: Tensor) -> Tensor:
        """What the matched patches of `source` (C, H, W) say together, (C, h, w)."""
        (h, w), channels = field.shape, source.shape[0]
        shape = h, w, source.shape[-1]
        if source.device.type != "cpu":
            weights = self.weights.to(source)
            return search_torch.vote(field.flatten().long(), source.flatten(1), weights, shape, self.wrap).view(
                -1, h, w
            )
        from sinddm.denoisers import search_cpu

        out = torch.empty(h, w, channels)
        arrays = field.numpy().ravel(), _flat(source), self.weights.numpy(), out.numpy().ravel(), shape
        _in_stripes(field.shape, lambda begin, end: search_cpu.vote(*arrays, begin, end, channels, self.wrap))
        return out.permute(2, 0, 1).contiguous()

    def allowed(self, level: Level) -> Tensor:
        """(H, W) bool: pixels in the middle of patches that are whole and hold used pixels only."""
        unused = F.pad((~level.used)[None, None].float(), [self.patch // 2] * 4, value=1.0)
        return F.max_pool2d(unused, self.patch, stride=1)[0, 0] == 0

    def _surround(self, x: Tensor) -> Tensor:
        """x (C, h, w) with half a patch more on every side: what comes round in a tile, else the edge repeated."""
        half, out = self.patch // 2, x[None]
        out = F.pad(out, (0, 0, half, half), mode="circular" if self.wrap[0] else "replicate")
        return F.pad(out, (half, half, 0, 0), mode="circular" if self.wrap[1] else "replicate")[0]


def _parents(old: int, new: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """For each of `new` positions the nearest of `old` ones, and what is left over, in old pixels."""
    position = (torch.arange(new, device=device) + 0.5) * old / new - 0.5
    nearest = position.round().clamp(0, old - 1)
    return nearest.long(), position - nearest


def _flat(picture: Tensor):
    """(C, h, w) tensor -> (h w C,) array, the channels of a pixel together."""
    return picture.permute(1, 2, 0).contiguous().numpy().ravel()


def _in_stripes(shape: torch.Size, work: Callable[[int, int], None]) -> None:
    """Do `work(first row, end row)` for all rows, on as many threads as torch uses."""
    threads = torch.get_num_threads()
    rows = max(1, min(STRIPE // shape[1], -(-shape[0] // threads)))
    stripes = [(begin, min(begin + rows, shape[0])) for begin in range(0, shape[0], rows)]
    if threads == 1 or len(stripes) == 1:
        for stripe in stripes:
            work(*stripe)
    else:
        list(_threads(threads).map(lambda stripe: work(*stripe), stripes))


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="sinddm-search")
