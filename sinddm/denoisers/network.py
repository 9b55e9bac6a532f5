"""SinDDM's network: a light, fully convolutional denoiser that knows the noise level and the scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sinddm.noise import published_step
from sinddm.pyramid import COARSEST

BLOCKS = 4
REACH = 4 * BLOCKS  # pixels around one that its estimate depends on: each block looks 2 + 1 + 1 further
POSITIONS = 32  # numbers that a noise level or a scale is embedded as
EMBEDDING = 64


@dataclass(frozen=True)
class NetworkConfig:
    """What a network is and what it has learned; its weights fit no other."""

    channels: int = 3
    """Of the pictures."""
    width: int = 64
    """Channels in the middle, half as many at the ends; 160 is the published network of 1.1 million parameters."""
    published: bool = False
    """Whether it learned as published: the noise, of a picture mixed with the scale below; else the clean picture."""
    data_std: float = 0.5
    """Standard deviation of the picture's values."""
    coarsest: int = COARSEST
    """Short side of scale 0 of its pyramid."""
    scales: tuple[int, ...] = (0, 1, 2)
    """The scales of the pyramid that it has learned."""


class Mixing(nn.Module):
    """A 3x3 convolution whose weights are one matrix (outside, inside * 9), the form in which Muon moves them."""

    def __init__(self, inside: int, outside: int):
        super().__init__()
        like = nn.Conv2d(inside, outside, 3)
        self.weight = nn.Parameter(like.weight.detach().flatten(1))
        self.bias = nn.Parameter(torch.zeros(outside))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight.view(len(self.weight), -1, 3, 3), self.bias, padding=1)


class Block(nn.Module):
    """Depthwise 5x5, 3x3, GELU, 3x3 and a skip; what is known of noise and scale is added after the first."""

    def __init__(self, inside: int, outside: int):
        super().__init__()
        self.depthwise = nn.Conv2d(inside, inside, 5, padding=2, groups=inside)
        self.condition = nn.Linear(EMBEDDING, inside)
        self.first = Mixing(inside, outside)
        self.second = Mixing(outside, outside)
        self.skip = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()

    def forward(self, x: Tensor, known: Tensor, used: Tensor | None) -> Tensor:
        h = self._depthwise(x) + self.condition(known)[:, :, None, None]
        h = F.gelu(self.first(_only(h, used)))
        return _only(self.second(_only(h, used)) + self.skip(x), used)

    def _depthwise(self, x: Tensor) -> Tensor:
        if x.device.type != "cpu":
            return self.depthwise(x)
        with torch.autocast("cpu", enabled=False):  # in bfloat16 its gradient takes three times as long there
            return self.depthwise(x.float())


class Network(nn.Module):
    """Kulikov et al. 2023, appendix: four blocks, no attention, no normalization; receptive field 33."""

    def __init__(self, config: NetworkConfig):
        super().__init__()
        half, full = config.width // 2, config.width
        self.config = config
        self.embed = nn.Sequential(
            nn.Linear(2 * POSITIONS, 4 * POSITIONS), nn.GELU(), nn.Linear(4 * POSITIONS, EMBEDDING), nn.GELU()
        )
        ends = [(config.channels, half), (half, full), (full, full), (full, half)]
        self.blocks = nn.ModuleList([Block(inside, outside) for inside, outside in ends])
        self.out = nn.Conv2d(half, config.channels, 1)

    def forward(self, x: Tensor, sigma: Tensor, scale: Tensor, used: Tensor | None = None) -> Tensor:
        """Estimate (B, C, h, w) of x (B, C, h, w) without its noise, of levels sigma (B,), at scales (B,).

        The estimate is of the clean picture, or, as published, of what was noised: see NetworkConfig.
        used (B, 1, h, w), 1 or 0: unused pixels count as little as what is beyond the borders.
        """
        noise = sigma[:, None, None, None]
        known = self.embed(torch.cat([positions(published_step(sigma)), positions(scale.float())], 1))
        if self.config.published:  # x / sqrt(1 + sigma^2) is the published, variance-preserving x_t
            return x - noise * self._predict(x / (1 + noise**2).sqrt(), known, used)
        norm = (noise**2 + self.config.data_std**2).sqrt()  # Karras et al. 2022, table 1
        skip, out = (self.config.data_std / norm) ** 2, noise * self.config.data_std / norm
        return skip * x + out * self._predict(x / norm, known, used)

    def _predict(self, x: Tensor, known: Tensor, used: Tensor | None) -> Tensor:
        h = _only(x.contiguous(memory_format=torch.channels_last), used)
        for block in self.blocks:
            h = block(h, known, used)
        return self.out(h).float()


def positions(value: Tensor) -> Tensor:
    """Sines and cosines (B, POSITIONS) of a number (B,) (Vaswani et al. 2017, section 3.5)."""
    half = POSITIONS // 2
    frequencies = torch.exp(torch.arange(half, device=value.device) * (-math.log(10000) / (half - 1)))
    angles = value[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], 1)


def _only(x: Tensor, used: Tensor | None) -> Tensor:
    return x if used is None else x * used.to(x.dtype)
