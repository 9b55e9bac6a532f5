"""Patch search and vote on the CPU, compiled by numba at first use; the same steps as search_torch.

The functions release the interpreter's lock and work on a stripe of rows, so that plain threads share the picture.

Pictures are flat float32, pixel by pixel with the channels together. A match is the number of a source pixel, that in
the middle of the matched patch, so that a neighbour's match is continued by adding a constant.
"""

import numpy as np
from numba import njit

FAR, UNKNOWN = np.float32(1e30), np.float32(-1)


@njit(inline="always")
def _hash(a):
    """Scramble a 32-bit number (Wellons' lowbias32), so that jitter needs no state."""
    a = (a ^ (a >> 16)) * np.int64(0x7FEB352D) & np.int64(0xFFFFFFFF)
    a = (a ^ (a >> 15)) * np.int64(0x846CA68B) & np.int64(0xFFFFFFFF)
    return a ^ (a >> 16)


@njit(fastmath=True, inline="always")
def _distance(query, query_at, query_row, source, source_at, source_row, patch, values, limit):
    """Squared distance of two patches, given by their first value and the values in a row; given up at `limit`."""
    total = np.float32(0)
    for _ in range(patch):
        row = np.float32(0)
        for i in range(values):
            d = query[query_at + i] - source[source_at + i]
            row += d * d
        total += row
        if total >= limit:
            break
        query_at += query_row
        source_at += source_row
    return total


@njit(inline="always")
def _neighbour(y, x, h, w, wrap_y, wrap_x):
    """Number of the pixel (y, x) of a result, or -1 beyond its edge."""
    if wrap_y:
        y = (y + h) % h
    if wrap_x:
        x = (x + w) % w
    return y * w + x if 0 <= y < h and 0 <= x < w else -1


@njit(nogil=True, fastmath=True, cache=True)
def search(query, source, allowed, field, out, shape, y_begin, y_end, patch, channels, radius, tries, seed, wrap):
    """One round of PatchMatch: every pixel of rows y_begin .. y_end keeps the best of its own match, its eight
    neighbours' continued, and `tries` random ones within `radius` of its own.

    query: the picture with patch // 2 pixels more on every side; source and allowed: the pictures to search in and
    which of its pixels may be matched; field and out: matches of the result's pixels; shape: (h, w, W), W the
    source's width.
    """
    h, w, columns = shape
    half, values = patch // 2, patch * channels
    query_row, source_row = (w + 2 * half) * channels, columns * channels
    corner = half * (columns + 1)
    for y in range(y_begin, y_end):
        for x in range(w):
            query_at = y * query_row + x * channels
            own = np.int64(field[y * w + x])
            best, last, found = UNKNOWN, own, own
            for k in range(9 + tries):
                if k < 9:
                    dy, dx = k // 3 - 1, k % 3 - 1
                    near = _neighbour(y + dy, x + dx, h, w, wrap[0], wrap[1])
                    if near < 0:
                        continue
                    candidate = np.int64(field[near]) - dy * columns - dx
                else:
                    r = _hash((np.int64(y) * w + x) * 16 + k ^ seed)
                    candidate = own + ((r >> 16) % (2 * radius + 1) - radius) * columns
                    candidate += (r & 0xFFFF) % (2 * radius + 1) - radius
                if candidate in (own, last) or candidate < 0 or candidate >= len(allowed):
                    continue
                last = candidate
                if not allowed[candidate]:
                    continue
                if best == UNKNOWN:  # most pixels have no other candidate than their own match, and skip this
                    at = (own - corner) * channels
                    best = FAR
                    if allowed[own]:
                        best = _distance(query, query_at, query_row, source, at, source_row, patch, values, FAR)
                at = (candidate - corner) * channels
                d = _distance(query, query_at, query_row, source, at, source_row, patch, values, best)
                if d < best:
                    best, found = d, candidate
            out[y * w + x] = found


@njit(inline="always")
def _agreed(field, own, y, x, reach, h, w, columns):
    """Whether all neighbours within reach continue a pixel's match; near an edge this is not looked into."""
    if y < reach or x < reach or y >= h - reach or x >= w - reach:
        return False
    for dy in range(-reach, reach + 1):
        row = (y + dy) * w + x
        for dx in range(-reach, reach + 1):
            if field[row + dx] != own + dy * columns + dx:
                return False
    return True


@njit(nogil=True, fastmath=True, cache=True)
def vote(field, source, weights, out, shape, y_begin, y_end, channels, wrap):
    """Every pixel becomes the weighted mean of what its neighbours' patches say it is; weights (2 r + 1, 2 r + 1)."""
    h, w, columns = shape
    reach = weights.shape[0] // 2
    for y in range(y_begin, y_end):
        for x in range(w):
            at, own = (y * w + x) * channels, np.int64(field[y * w + x])
            if _agreed(field, own, y, x, reach, h, w, columns):
                for c in range(channels):
                    out[at + c] = source[own * channels + c]
                continue
            total = np.float32(0)
            for c in range(channels):
                out[at + c] = 0
            for dy in range(-reach, reach + 1):
                for dx in range(-reach, reach + 1):
                    near = _neighbour(y + dy, x + dx, h, w, wrap[0], wrap[1])
                    if near < 0:
                        continue
                    weight = weights[dy + reach, dx + reach]
                    said = (np.int64(field[near]) - dy * columns - dx) * channels
                    for c in range(channels):
                        out[at + c] += weight * source[said + c]
                    total += weight
            for c in range(channels):
                out[at + c] /= total
