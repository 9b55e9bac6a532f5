"""Denoisers: `denoise(x, sigma, scale) -> x0`, whatever is behind it."""

from typing import Protocol

from torch import Tensor


class Denoiser(Protocol):
    """The clean estimate of a noisy picture; the sampler, the guides and the tasks know nothing else."""

    def __call__(self, x: Tensor, sigma: float, scale: int) -> Tensor:
        """x0 (B, C, h, w) of x (B, C, h, w) with noise of standard deviation `sigma` at `scale`."""
        ...

    def begin(self, blurry: Tensor, scale: int) -> None:
        """`scale` begins, from blurry (B, C, h, w): the result of the scale below, enlarged."""
        ...

    def mix(self, sigma: float, scale: int) -> float:
        """g: the share of the blurry picture Up(x_{s-1}) in the forward process of `scale` at `sigma`."""
        ...
