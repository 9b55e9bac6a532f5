"""Between sRGB and Oklab, where equal steps look about equal.

Björn Ottosson, "A perceptual color space for image processing" (2020),
https://bottosson.github.io/posts/oklab/
"""

import torch
from torch import Tensor

# linear sRGB -> cone responses -> (after a cube root) lightness, green-red, blue-yellow
RGB_TO_LMS = torch.tensor(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LMS_TO_LAB = torch.tensor(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
LUMINANCE = torch.tensor([0.2126, 0.7152, 0.0722])  # Rec. 709


def _mix(matrix: Tensor, x: Tensor) -> Tensor:
    """Matrix (3, 3) times every colour of x (3, ...)."""
    return torch.tensordot(matrix.to(x), x, dims=1)


def to_oklab(rgb: Tensor) -> Tensor:
    """sRGB-encoded colours (3, ...) in [0, 1] to Oklab (3, ...), L in [0, 1], a and b about [-0.4, 0.4]."""
    rgb = rgb.clamp(0, 1)
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return _mix(LMS_TO_LAB, _mix(RGB_TO_LMS, linear).clamp_min(0) ** (1 / 3))


def to_rgb(lab: Tensor) -> Tensor:
    """Oklab (3, ...) to sRGB-encoded colours in [0, 1]; colours outside sRGB are clipped."""
    lms = _mix(torch.linalg.inv(LMS_TO_LAB), lab) ** 3
    linear = _mix(torch.linalg.inv(RGB_TO_LMS), lms).clamp(0, 1)
    encoded = 1.055 * linear.clamp_min(1e-8) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, linear * 12.92, encoded)


def luminance(rgb: Tensor) -> Tensor:
    """Luma of sRGB-encoded colours (3, ...): (1, ...)."""
    return _mix(LUMINANCE[None], rgb)
