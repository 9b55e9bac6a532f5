"""Arrays that the tests of files write and read."""

import numpy as np

GRAY, GRAY_ALPHA, RGB, RGBA = (23, 31), (23, 31, 2), (23, 31, 3), (23, 31, 4)
LAYOUTS = [GRAY, GRAY_ALPHA, RGB, RGBA]
EXR_START = b"v/1\x01"


def some(shape, dtype):
    """A picture with smooth and rough parts, over the full range of its type."""
    rng = np.random.default_rng(5)
    unit = np.linspace(0, 1, shape[1])[None, :].reshape(1, -1, *[1] * (len(shape) - 2)) * 0.5 + rng.random(shape) * 0.5
    return (unit * np.iinfo(dtype).max if np.dtype(dtype).kind == "u" else unit).astype(dtype)
