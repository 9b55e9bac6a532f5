"""Patch search and vote in plain torch, for CUDA and MPS; the same steps as search_cpu, all pixels at once.

Pictures are (C, pixels). A match is the number of a source pixel, that in the middle of the matched patch.
"""

from __future__ import annotations

import torch
from torch import Tensor

PIXELS = 1 << 20  # searched at once: bounds the memory
Shape = tuple[int, int, int]
Wrap = tuple[bool, bool]


def search(
    query: Tensor,
    source: Tensor,
    allowed: Tensor,
    field: Tensor,
    shape: Shape,
    patch: int,
    radius: int,
    tries: int,
    seed: int,
    wrap: Wrap,
) -> Tensor:
    """One round of PatchMatch, see search_cpu.search; new matches (h * w,)."""
    h, w, columns = shape
    half, out = patch // 2, []
    offsets = torch.arange(-half, half + 1, device=field.device)
    in_query = (offsets[:, None] * (w + 2 * half) + offsets).flatten()
    in_source = (offsets[:, None] * columns + offsets).flatten()
    for index in torch.arange(h * w, device=field.device).split(PIXELS):
        y, x = index // w, index % w
        at = (y + half) * (w + 2 * half) + x + half
        own = field[index]

        def cost(match: Tensor, at: Tensor = at) -> Tensor:
            return _distance(query, at, in_query, source, match, in_source, allowed)

        best, found = cost(own), own
        for k in range(9 + tries):
            if k < 9:
                dy, dx = k // 3 - 1, k % 3 - 1
                near, inside = _neighbour(y + dy, x + dx, h, w, wrap)
                candidate = field[near] - dy * columns - dx
            else:
                r = _hash(index * 16 + k ^ seed)
                jump_y, jump_x = (r >> 16) % (2 * radius + 1) - radius, (r & 0xFFFF) % (2 * radius + 1) - radius
                candidate, inside = own + jump_y * columns + jump_x, torch.ones_like(index, dtype=torch.bool)
            inside = inside & (candidate >= 0) & (candidate < len(allowed))
            candidate = torch.where(inside, candidate, own)
            d = cost(candidate)
            found, best = torch.where(d < best, candidate, found), torch.minimum(d, best)
        out.append(found)
    return torch.cat(out)


def _distance(
    query: Tensor, at: Tensor, in_query: Tensor, source: Tensor, match: Tensor, in_source: Tensor, allowed: Tensor
) -> Tensor:
    """Squared patch distances (N,), infinite where not allowed; offset by offset, no patch is ever gathered whole."""
    good = allowed[match]
    match = torch.where(good, match, allowed.int().argmax())  # any allowed pixel, to stay inside the source
    total = torch.zeros(len(at), device=at.device)
    for a, b in zip(in_query, in_source, strict=True):
        total += (query[:, at + a] - source[:, match + b]).square().sum(0)
    return total.masked_fill(~good, torch.inf)


def _neighbour(y: Tensor, x: Tensor, h: int, w: int, wrap: Wrap) -> tuple[Tensor, Tensor]:
    """Numbers of the pixels (y, x) of a result, clamped, and whether they are inside it."""
    y, x = (y % h if wrap[0] else y), (x % w if wrap[1] else x)
    return y.clamp(0, h - 1) * w + x.clamp(0, w - 1), (y >= 0) & (x >= 0) & (y < h) & (x < w)


def _hash(a: Tensor) -> Tensor:
    a = (a ^ (a >> 16)) * 0x7FEB352D & 0xFFFFFFFF
    a = (a ^ (a >> 15)) * 0x846CA68B & 0xFFFFFFFF
    return a ^ (a >> 16)


def vote(field: Tensor, source: Tensor, weights: Tensor, shape: Shape, wrap: Wrap) -> Tensor:
    """Every pixel becomes the weighted mean of what its neighbours' patches say it is, (C, h * w)."""
    h, w, columns = shape
    reach, index = weights.shape[0] // 2, torch.arange(h * w, device=field.device)
    y, x = index // w, index % w
    out, total = torch.zeros(len(source), h * w, device=field.device), torch.zeros(h * w, device=field.device)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            near, inside = _neighbour(y + dy, x + dx, h, w, wrap)
            weight = inside * weights[dy + reach, dx + reach]
            said = torch.where(inside, field[near] - dy * columns - dx, field)
            out += weight * source[:, said]
            total += weight
    return out / total
