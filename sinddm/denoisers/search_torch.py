"""Patch search and vote in plain torch, for CUDA and MPS; the same steps as search_cpu, all pixels at once.

Pictures are (C, h, w); a patch is named by its upper left corner, `field` (h, w) holds flat corners in the penalty map.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

PIXELS = 1 << 20  # searched at once: bounds the memory


def search(
    query: Tensor,
    source: Tensor,
    penalty: Tensor,
    field: Tensor,
    patch: int,
    radius: int,
    tries: int,
    seed: int,
    wrap: tuple[bool, bool],
) -> Tensor:
    """One round of PatchMatch, see search_cpu.search. query (C, h + p - 1, w + p - 1), source (C, H, W)."""
    h, w = field.shape
    y, x = torch.meshgrid(torch.arange(h, device=field.device), torch.arange(w, device=field.device), indexing="ij")
    y, x, out = y.reshape(-1), x.reshape(-1), []
    for part in torch.arange(h * w, device=field.device).split(PIXELS):
        out.append(_best(query, source, penalty, field, y[part], x[part], patch, radius, tries, seed, wrap))
    return torch.cat(out).reshape(h, w)


def _best(query, source, penalty, field, y, x, patch, radius, tries, seed, wrap) -> Tensor:
    (h, w), (rows, cols) = field.shape, penalty.shape
    own = field[y, x]
    own_y, own_x = own // cols, own % cols
    best_index, best = own, _cost(query, source, penalty, y, x, own_y, own_x, patch)
    for k in range(9 + tries):
        if k < 9:
            dy, dx = k // 3 - 1, k % 3 - 1
            ny = (y + dy) % h if wrap[0] else y + dy
            nx = (x + dx) % w if wrap[1] else x + dx
            inside = (ny >= 0) & (nx >= 0) & (ny < h) & (nx < w)
            near = field[ny.clamp(0, h - 1), nx.clamp(0, w - 1)]
            cy, cx = near // cols - dy, near % cols - dx
        else:
            r = _hash((y * w + x) * 16 + k ^ seed)
            cy = own_y + (r >> 16) % (2 * radius + 1) - radius
            cx = own_x + (r & 0xFFFF) % (2 * radius + 1) - radius
            inside = torch.ones_like(y, dtype=torch.bool)
        inside = inside & (cy >= 0) & (cx >= 0) & (cy < rows) & (cx < cols)
        cy, cx = cy.clamp(0, rows - 1), cx.clamp(0, cols - 1)
        cost = _cost(query, source, penalty, y, x, cy, cx, patch)
        better = inside & (cost < best)
        best_index, best = torch.where(better, cy * cols + cx, best_index), torch.where(better, cost, best)
    return best_index


def _cost(query, source, penalty, y, x, cy, cx, patch) -> Tensor:
    """Squared patch distance plus penalty (N,), offset by offset: no patch is ever gathered whole."""
    total = penalty[cy, cx].clone()
    for dy in range(patch):
        for dx in range(patch):
            total += (query[:, y + dy, x + dx] - source[:, cy + dy, cx + dx]).square().sum(0)
    return total


def _hash(a: Tensor) -> Tensor:
    a = (a ^ (a >> 16)) * 0x7FEB352D & 0xFFFFFFFF
    a = (a ^ (a >> 15)) * 0x846CA68B & 0xFFFFFFFF
    return a ^ (a >> 16)


def vote(field: Tensor, source: Tensor, weights: Tensor, half: int, cols: int, wrap: tuple[bool, bool]) -> Tensor:
    """Every pixel becomes the weighted mean of what its neighbours' patches say it is, (C, h, w)."""
    h, w = field.shape
    reach = weights.shape[0] // 2
    padded, inside = _surround(field, reach, wrap)
    out = torch.zeros(source.shape[0], h, w, device=source.device)
    total = torch.zeros(h, w, device=source.device)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            window = slice(reach + dy, reach + dy + h), slice(reach + dx, reach + dx + w)
            corner, weight = padded[window], inside[window] * weights[dy + reach, dx + reach]
            out += weight * source[:, corner // cols + half - dy, corner % cols + half - dx]
            total += weight
    return out / total


def _surround(field: Tensor, reach: int, wrap: tuple[bool, bool]) -> tuple[Tensor, Tensor]:
    """The field with a border of `reach`, and 1 where it holds a neighbour, 0 beyond the edge."""
    inside = torch.ones(field.shape, device=field.device)
    for axis in (0, 1):
        pad = (0, 0, reach, reach) if axis == 0 else (reach, reach)
        if wrap[axis]:
            index = torch.arange(-reach, field.shape[axis] + reach, device=field.device) % field.shape[axis]
            field, inside = field.index_select(axis, index), inside.index_select(axis, index)
        else:
            field, inside = F.pad(field, pad), F.pad(inside, pad)
    return field, inside
