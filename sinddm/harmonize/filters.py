"""Blurs and patches of pictures (C, H, W)."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def blur(x: Tensor, sigma: float) -> Tensor:
    """Gaussian blur, edges replicated. A wide one is made on a smaller picture: sigma costs nothing."""
    if sigma <= 0:
        return x
    if (step := int(sigma / 3)) > 1:
        size = [max(1, math.ceil(d / step)) for d in x.shape[-2:]]
        small = blur(F.interpolate(x[None], size, mode="area")[0], sigma / step)
        return F.interpolate(small[None], x.shape[-2:], mode="bilinear", align_corners=False)[0]
    radius = max(1, math.ceil(3 * sigma))
    t = torch.arange(-radius, radius + 1, dtype=x.dtype, device=x.device)
    kernel = torch.exp(-(t**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum())[None, None]
    x = x[:, None]
    x = F.conv2d(F.pad(x, (radius, radius, 0, 0), mode="replicate"), kernel[..., None, :])
    return F.conv2d(F.pad(x, (0, 0, radius, radius), mode="replicate"), kernel[..., None])[:, 0]


def box(x: Tensor, radius: int) -> Tensor:
    """Mean over (2 radius + 1) squared pixels, edges replicated."""
    n = 2 * radius + 1
    x = F.avg_pool2d(F.pad(x[None], (radius, radius, 0, 0), mode="replicate"), (1, n), 1)
    return F.avg_pool2d(F.pad(x, (0, 0, radius, radius), mode="replicate"), (n, 1), 1)[0]


def masked_blur(x: Tensor, weight: Tensor, sigma: float) -> Tensor:
    """Blur that sees only where weight (1, H, W) is above 0."""
    return blur(x * weight, sigma) / blur(weight, sigma).clamp_min(1e-4)


def shrink(x: Tensor, factor: int) -> Tensor:
    """Means of factor x factor pixels, the last ones of fewer."""
    return x if factor == 1 else F.avg_pool2d(x[None], factor, ceil_mode=True, count_include_pad=False)[0]


def gradients(x: Tensor) -> Tensor:
    """Sobel derivatives to the right and down of x (1, H, W), per pixel: (2, H, W)."""
    smooth, slope = x.new_tensor([0.25, 0.5, 0.25]), x.new_tensor([-0.5, 0, 0.5])
    kernels = torch.stack([torch.outer(smooth, slope), torch.outer(slope, smooth)])[:, None]
    return F.conv2d(F.pad(x[None], (1, 1, 1, 1), mode="replicate"), kernels)[0]


def patches(x: Tensor, where: Tensor, size: int) -> Tensor:
    """Square patches centred on the flat pixel positions where (N,), edges replicated: (N, C * size ** 2)."""
    r, (c, _, w) = size // 2, x.shape
    padded = F.pad(x[None], (r, r, r, r), mode="replicate")[0]
    offset = torch.arange(size, device=x.device)
    offset = (offset[:, None] * (w + 2 * r) + offset).reshape(-1)
    corner = where.div(w, rounding_mode="floor") * (w + 2 * r) + where % w
    picked = padded.flatten(1)[:, (corner[:, None] + offset).reshape(-1)]
    return picked.reshape(c, len(where), -1).permute(1, 0, 2).flatten(1)
