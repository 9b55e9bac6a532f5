"""How good a sample is, measured against the one picture it was made from; no pretrained weights.

Pictures are float tensors (C, H, W) or (1, C, H, W), sRGB-encoded, in [-1, 1]. One channel counts as three
equal ones, so gray and colour compare. Sample and reference need not have the same size. Memory is linear in
the pixels.

A copy of the reference that is merely rolled scores best on swd1, coh and comp: read them beside nnfdiv and
bigcopy.
"""

import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, unfold

from sinddm.errors import InputError

PATCH = 7  # side of the compared patches, pixels
MIN_SIDE = 4 * PATCH  # shorter side: a quarter of it must still hold one patch
MAX_ASPECT = 40.0  # the copying measures look at every pair of patches of a short side of 64
PROJECTIONS = 256
QUANTILES = 2048
QUERY_STRIDE = 5
MAX_QUERIES = 8192  # all patches of 450 x 450 pixels at the stride; above, evenly drawn ones stand for all
CHUNK = 1 << 21  # floats in the largest temporary array

LUMINANCE = (0.299, 0.587, 0.114)  # Rec. 601, for sRGB-encoded values


class Quality(NamedTuple):
    """The figures of one sample.

    swd1, swd4: sliced Wasserstein distance of the 7x7 patches at full and quarter size (lower: same mix).
    coh: coherence, mean squared distance of the sample's patches to their nearest in the reference
        (lower: nothing alien).
    comp: completeness, the reverse (lower: nothing left out).
    nnfdiv: compressed size of the nearest-neighbour field over its raw size (higher: more rearranged).
    bigcopy: share of the area that the largest piece copied in one go covers (lower: less copying).
    ident: share of the area left where it was.
    spec: mean absolute difference of the log10 radial power spectra (lower: same grain).
    """

    swd1: float
    swd4: float
    coh: float
    comp: float
    nnfdiv: float
    bigcopy: float
    ident: float
    spec: float


class Copying(NamedTuple):
    """How much of a sample is the reference, moved in one piece or not moved at all; see Quality."""

    nnfdiv: float
    bigcopy: float
    ident: float


def measure(sample: Tensor, reference: Tensor) -> Quality:
    """All figures of one sample. InputError if a picture is under 28 pixels, over 40 to 1, or not finite."""
    x, y = _pair(sample, reference)
    coh, comp = coherence(x, y), coherence(y, x)
    return Quality(
        sliced_wasserstein(x, y),
        sliced_wasserstein(_quarter(x), _quarter(y)),
        coh,
        comp,
        *copying(x, y),
        spectral_distance(x, y),
    )


def mean(qualities: Sequence[Quality]) -> Quality:
    """The mean of each figure over one or more samples."""
    return Quality(*(float(np.mean(figures)) for figures in zip(*qualities, strict=True)))


def diversity(samples: Sequence[Tensor], reference: Tensor) -> float:
    """Standard deviation of each pixel over two or more samples of one size, over the reference's own.

    0: all samples are alike; about 1: they share nothing but their colours. (SinGAN, Shaham et al. 2019,
    section 4.)
    """
    if len(samples) < 2 or len({s.shape[-2:] for s in samples}) > 1:
        raise InputError("Diversity needs at least two samples of the same size.")
    stack = torch.stack([_picture(s).mean(1)[0] for s in samples])
    return (stack.std(0).mean() / _picture(reference).mean(1).std().clamp_min(1e-8)).item()


def sliced_wasserstein(a: Tensor, b: Tensor) -> float:
    """Mean distance of the sorted projections of all 7x7 patches of a and b on 256 random directions.

    Compared at 2,048 quantiles, so that the sizes may differ. (Rabin et al. 2011; of patches:
    Elnekave and Weiss 2022.)
    """
    a, b = _pair(a, b)
    directions = _directions(a.shape[1]).to(a.device)
    block = max(1, CHUNK // max(a[0, 0].numel(), b[0, 0].numel()))
    total = 0.0
    for d in directions.split(block):
        total += (_quantiles(a, d) - _quantiles(b, d)).abs().sum().item()
    return total / (PROJECTIONS * QUANTILES)


def coherence(a: Tensor, b: Tensor) -> float:
    """Mean squared distance, per value, of a's 7x7 patches (every fifth each way) to their nearest in b.

    coherence(sample, reference) finds what is alien, coherence(reference, sample) what is left out: the two
    halves of the bidirectional similarity of Simakov et al. 2008.
    """
    a, b = _pair(a, b)
    queries = _patches(a, stride=QUERY_STRIDE)
    if len(queries) > MAX_QUERIES:
        queries = queries[torch.linspace(0, len(queries) - 1, MAX_QUERIES, device=a.device).long()]
    return (_nearest(queries, b)[0].mean() / queries.shape[1]).item()


def copying(sample: Tensor, reference: Tensor) -> Copying:
    """Measures of the field of nearest neighbours, both pictures resized to a short side of 64 pixels."""
    x, y = (_resize(p, 64) for p in _pair(sample, reference))
    h, w, reference_w = x.shape[-2] - PATCH + 1, x.shape[-1] - PATCH + 1, y.shape[-1] - PATCH + 1
    index = _nearest(_patches(x), y)[1].cpu().numpy()
    dy = (index // reference_w).reshape(h, w) - np.arange(h)[:, None]
    dx = (index % reference_w).reshape(h, w) - np.arange(w)[None]
    field = (np.stack([dy, dx]) % 256).astype(np.uint8)
    return Copying(
        nnfdiv=len(zlib.compress(field.tobytes())) / field.size,
        bigcopy=_largest_piece(dy, dx) / (h * w),
        ident=float((np.abs(dy) + np.abs(dx) <= 1).mean()),
    )


def spectral_distance(a: Tensor, b: Tensor) -> float:
    """Mean absolute difference of the log10 power in 31 rings of spatial frequency, the lowest left out."""
    (power_a, in_a), (power_b, in_b) = (_radial_spectrum(p) for p in _pair(a, b))
    both = in_a & in_b  # a small picture has no frequency at all in some rings
    return float(np.abs(power_a - power_b)[both][1:].mean())


def gradient_correlation(a: Tensor, b: Tensor, mask: Tensor | None = None) -> float:
    """Pearson correlation of the luminance gradients (x and y together) of two pictures of one size.

    In [-1, 1]; 0 if one of them is flat. With a mask (H, W) only the gradients between two pixels inside it
    (above 0.5) count.
    """
    a, b = _picture(a), _picture(b)
    if a.shape[-2:] != b.shape[-2:]:
        raise InputError("Gradients can only be compared between pictures of the same size.")
    inside = torch.ones_like(a[0, 0], dtype=torch.bool) if mask is None else mask.to(a.device) > 0.5
    dy, dx = inside[1:] & inside[:-1], inside[:, 1:] & inside[:, :-1]

    def gradients(p: Tensor) -> Tensor:
        v = _luminance(p)
        return torch.cat([v.diff(dim=0)[dy], v.diff(dim=1)[dx]]).double()

    u, v = (g - g.mean() for g in (gradients(a), gradients(b)))
    norm = (u.norm() * v.norm()).item()
    return (u @ v).item() / norm if norm > 0 else 0.0


def seam_ratio(tile: Tensor, axis: Literal["x", "y"]) -> float:
    """Mean absolute gradient across the seam of the repeated picture over the mean inside, along one axis.

    About 1: the seam is like any other place. inf: a visible seam in a picture without gradients.
    """
    dim = -1 if axis == "x" else -2
    x = _picture(tile)
    inside = x.diff(dim=dim).abs().mean().item()
    across = (x.select(dim, 0) - x.select(dim, -1)).abs().mean().item()
    if inside == 0:
        return 1.0 if across == 0 else float("inf")
    return across / inside


def _picture(x: Tensor) -> Tensor:
    """A float picture (1, C, H, W) of finite values, gray as three equal channels."""
    x = (x if x.ndim == 4 else x[None]).detach().float()
    if x.ndim != 4 or len(x) != 1:
        raise InputError("One picture at a time can be measured, as a tensor of channels, rows and columns.")
    if not torch.isfinite(x).all():
        raise InputError("The picture holds values that are not numbers and cannot be measured.")
    return x.expand(-1, 3, -1, -1) if x.shape[1] == 1 else x


def _pair(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Two pictures that can be compared by patches."""
    a, b = _picture(a), _picture(b)
    for p in (a, b):
        h, w = p.shape[-2:]
        if min(h, w) < PATCH:
            raise InputError(f"A picture of {w} x {h} pixels is too small to measure; {MIN_SIDE} x {MIN_SIDE} will do.")
    if a.shape[1] != b.shape[1]:
        raise InputError(f"Pictures of {a.shape[1]} and {b.shape[1]} channels cannot be compared; use the same kind.")
    return a, b.to(a.device)


def _quarter(x: Tensor) -> Tensor:
    h, w = x.shape[-2:]
    if min(h, w) < MIN_SIDE:
        raise InputError(f"A picture of {w} x {h} pixels is too small to measure; {MIN_SIDE} x {MIN_SIDE} will do.")
    return _resize(x, min(h, w) // 4)


def _resize(x: Tensor, short: int) -> Tensor:
    """Resize bicubically, without aliasing, to a shorter side of `short` pixels."""
    h, w = x.shape[-2:]
    if max(h, w) > MAX_ASPECT * min(h, w):
        raise InputError(
            f"A picture of {w} x {h} pixels is too long and thin to measure; crop it to at most {MAX_ASPECT:.0f} to 1."
        )
    scale = short / min(h, w)
    return interpolate(x, size=[round(h * scale), round(w * scale)], mode="bicubic", antialias=True)


@cache
def _directions(channels: int) -> Tensor:
    """256 unit vectors (256, C, 7, 7), always the same ones."""
    r = torch.randn(PROJECTIONS, channels * PATCH * PATCH, generator=torch.Generator().manual_seed(0))
    return (r / r.norm(dim=1, keepdim=True)).reshape(PROJECTIONS, channels, PATCH, PATCH)


def _quantiles(x: Tensor, directions: Tensor) -> Tensor:
    """2,048 quantiles (D, 2048) of the projections of all patches on D directions."""
    projected = conv2d(x, directions)[0].flatten(1)
    if projected.device.type == "cpu":  # numpy's vectorized sort is several times faster than torch's
        projected = torch.from_numpy(np.sort(projected.numpy(), axis=1))
    else:
        projected = projected.sort(1)[0]
    q = (torch.arange(QUANTILES) + 0.5) / QUANTILES
    return projected[:, (q * projected.shape[1]).long().to(x.device)]


def _patches(x: Tensor, stride: int = 1) -> Tensor:
    """The 7x7 patches (N, C*49) of a picture (1, C, H, W), row by row."""
    return unfold(x, PATCH, stride=stride)[0].T.contiguous()


def _strips(x: Tensor) -> Iterator[tuple[int, Tensor]]:
    """All patches of a picture in strips of bounded memory: the index of the first, and (n, C*49)."""
    h, w = x.shape[-2] - PATCH + 1, x.shape[-1] - PATCH + 1
    rows = max(1, CHUNK // (4 * x.shape[1] * PATCH * PATCH * w))
    for top in range(0, h, rows):
        yield top * w, _patches(x[:, :, top : top + rows + PATCH - 1])


def _nearest(queries: Tensor, picture: Tensor) -> tuple[Tensor, Tensor]:
    """Squared distance (N,) of each query (N, C*49) to the nearest patch, and that patch's index (N,)."""
    distance = torch.full((len(queries),), torch.inf, device=queries.device)
    index = torch.zeros(len(queries), dtype=torch.long, device=queries.device)
    for first, keys in _strips(picture):
        bias = (keys * keys).sum(1)
        step = max(1, CHUNK // len(keys))
        for start in range(0, len(queries), step):
            part = slice(start, start + step)
            # |q - k|^2 without |q|^2, which is the same for every k
            found, at = torch.addmm(bias, queries[part], keys.T, alpha=-2.0).min(1)
            closer = found < distance[part]
            distance[part] = torch.where(closer, found, distance[part])
            index[part] = torch.where(closer, at + first, index[part])
    return (distance + (queries * queries).sum(1)).clamp_min(0), index


def _largest_piece(dy: np.ndarray, dx: np.ndarray) -> int:
    """Pixels of the largest connected region that moved by one offset, among the 20 commonest offsets."""
    ids = np.unique(dy.astype(np.int64) * 10000 + dx, return_inverse=True)[1].reshape(dy.shape)
    largest = 0
    for offset in np.argsort(-np.bincount(ids.ravel()))[:20]:
        labels, _ = ndimage.label(ids == offset)  # type: ignore[misc]
        largest = max(largest, int(np.bincount(labels.ravel())[1:].max()))
    return largest


def _radial_spectrum(x: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """log10 of the mean power in 32 rings of frequency (32,), and which rings hold any frequency."""
    v = x.mean(1)[0].cpu().numpy()
    h, w = v.shape
    power = np.abs(np.fft.fft2((v - v.mean()) * np.outer(np.hanning(h), np.hanning(w)))) ** 2
    radius = np.hypot(np.fft.fftfreq(h)[:, None], np.fft.fftfreq(w)[None])
    ring = np.clip((radius * 64).astype(int), 0, 31).ravel()
    count = np.bincount(ring, minlength=32)
    return np.log10(np.bincount(ring, power.ravel(), 32) / np.maximum(count, 1) + 1e-9), count > 0


def _luminance(x: Tensor) -> Tensor:
    """Luminance (H, W) of a colour picture, the mean of the channels of any other."""
    if x.shape[1] != 3:
        return x[0].mean(0)
    return torch.einsum("c,chw->hw", x.new_tensor(LUMINANCE), x[0])
