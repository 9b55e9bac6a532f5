"""Patch search and vote on the CPU, compiled by numba at first use; the same steps as search_torch.

The functions release the interpreter's lock and work on a stripe of rows, so that plain threads share the picture.

Pictures are (h, w * C) float32, row by row with the channels together; a patch is named by its upper left corner.
"""

import numpy as np
from numba import njit


@njit(inline="always")
def _hash(a):
    """Scramble a 32-bit number (Wellons' lowbias32), so that jitter needs no state."""
    a = (a ^ (a >> 16)) * np.int64(0x7FEB352D) & np.int64(0xFFFFFFFF)
    a = (a ^ (a >> 15)) * np.int64(0x846CA68B) & np.int64(0xFFFFFFFF)
    return a ^ (a >> 16)


@njit(fastmath=True, inline="always")
def _distance(query, source, y, x, cy, cx, patch, width, limit):
    """Squared distance of two patches (x and cx count values, not pixels), given up once it reaches `limit`."""
    total = np.float32(0)
    for dy in range(patch):
        q, s = query[y + dy], source[cy + dy]
        row = np.float32(0)
        for i in range(width):
            d = q[x + i] - s[cx + i]
            row += d * d
        total += row
        if total >= limit:
            break
    return total


@njit(inline="always")
def _continued(field, y, x, dy, dx, cols, wrap_y, wrap_x):
    """The patch that continues the match of the neighbour at (dy, dx); negative where there is no neighbour."""
    h, w = field.shape
    ny, nx = y + dy, x + dx
    if wrap_y:
        ny = (ny + h) % h
    if wrap_x:
        nx = (nx + w) % w
    if ny < 0 or nx < 0 or ny >= h or nx >= w:
        return -1, -1
    return field[ny, nx] // cols - dy, field[ny, nx] % cols - dx


@njit(nogil=True, fastmath=True, cache=True)
def search(query, source, penalty, field, out, y_begin, y_end, patch, channels, radius, tries, seed, wrap_y, wrap_x):
    """One round of PatchMatch: every pixel of rows y_begin .. y_end keeps the best of its own match, its eight
    neighbours' shifted, and `tries` random ones within `radius` of its own.

    query (h + p - 1, (w + p - 1) C) the padded picture; source (H, W C); penalty (H - p + 1, W - p + 1) added to the
    squared distance, infinite where a patch must not be used; field and out (h, w) int32 flat corners in it.
    """
    w = field.shape[1]
    rows, cols = penalty.shape
    width = patch * channels
    for y in range(y_begin, y_end):
        for x in range(w):
            own = field[y, x]
            own_y, own_x = own // cols, own % cols
            best_y, best_x = own_y, own_x
            best = penalty[own_y, own_x]
            if best < np.inf:
                best += _distance(query, source, y, x * channels, own_y, own_x * channels, patch, width, np.inf)
            last_y, last_x = own_y, own_x
            for k in range(9 + tries):
                if k == 4:
                    continue
                if k < 9:
                    cy, cx = _continued(field, y, x, k // 3 - 1, k % 3 - 1, cols, wrap_y, wrap_x)
                else:
                    r = _hash((np.int64(y) * w + x) * 16 + k ^ seed)
                    cy = own_y + (r >> 16) % (2 * radius + 1) - radius
                    cx = own_x + (r & 0xFFFF) % (2 * radius + 1) - radius
                if cy < 0 or cx < 0 or cy >= rows or cx >= cols:
                    continue
                known = (cy == own_y and cx == own_x) or (cy == last_y and cx == last_x)
                limit = best - penalty[cy, cx]
                if known or not limit > 0:
                    continue
                last_y, last_x = cy, cx
                d = _distance(query, source, y, x * channels, cy, cx * channels, patch, width, limit)
                if d < limit:
                    best, best_y, best_x = d + penalty[cy, cx], cy, cx
            out[y, x] = best_y * cols + best_x


@njit(nogil=True, fastmath=True, cache=True)
def vote(field, source, weights, out, y_begin, y_end, half, channels, cols, wrap_y, wrap_x):
    """Every pixel becomes the weighted mean of what its neighbours' patches say it is.

    field (h, w); source (H, W C); weights (2 r + 1, 2 r + 1); half the patch's radius; out (h, w C).
    """
    h, w = field.shape
    reach = weights.shape[0] // 2
    for y in range(y_begin, y_end):
        for x in range(w):
            total = np.float32(0)
            for c in range(channels):
                out[y, x * channels + c] = 0
            for dy in range(-reach, reach + 1):
                for dx in range(-reach, reach + 1):
                    ny, nx = y + dy, x + dx
                    if wrap_y:
                        ny = (ny + h) % h
                    if wrap_x:
                        nx = (nx + w) % w
                    if ny < 0 or nx < 0 or ny >= h or nx >= w:
                        continue
                    weight = weights[dy + reach, dx + reach]
                    sy = field[ny, nx] // cols + half - dy
                    sx = (field[ny, nx] % cols + half - dx) * channels
                    for c in range(channels):
                        out[y, x * channels + c] += weight * source[sy, sx + c]
                    total += weight
            for c in range(channels):
                out[y, x * channels + c] /= total
