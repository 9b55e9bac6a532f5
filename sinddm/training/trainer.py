"""One step of learning after the other, and all that is needed to go on with it later."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from sinddm.denoisers.network import Network, NetworkConfig
from sinddm.device import bfloat16
from sinddm.errors import InputError
from sinddm.memory import free_memory, is_out_of_memory
from sinddm.pyramid import Pyramid
from sinddm.training.batches import Batch, Batches
from sinddm.training.recipe import Recipe

PIECE = {"cpu": 1 << 16}  # pixels that go through the network together; elsewhere MOST_PIXELS
MOST_PIXELS = 1 << 21
LEAST_PIXELS = 1 << 11
BYTES_A_PIXEL = 70  # for each channel in the middle of the network, measured
UNFIT = "What was learned so far does not fit together: learn the texture anew."
WARM_UP = 30  # steps until the full learning rate
MILESTONES = (20_000, 40_000, 70_000, 80_000, 90_000, 110_000)  # steps after which the published rate halves
AVERAGE = 0.995  # of the moving average of the weights; less at the start


class Trainer:
    """A network in the making. `state` and `load` carry everything, so that a pause changes nothing.

    check: called often, also in the midst of a step; may raise, which leaves the step undone.
    """

    def __init__(self, pyramid: Pyramid, recipe: Recipe, seed: int, check: Callable[[], None] = lambda: None):
        self.device = pyramid.levels[-1].image.device
        config = recipe.config(pyramid)
        self.recipe, self.config, self.steps = recipe, config, 0
        self.network = new_network(config, seed).to(self.device)
        self.average = copy.deepcopy(self.network).requires_grad_(False)
        self.optimizers = _optimizers(self.network, recipe)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.batches = Batches(pyramid, config, recipe, self.generator)
        self.piece = self._piece()
        self._halve = bfloat16(self.device) and not recipe.published
        for block in self.network.blocks:  # a step can take seconds
            block.register_forward_pre_hook(lambda *_: check())
            block.register_full_backward_pre_hook(lambda *_: check())

    def step(self, rate: float) -> float:
        """Learn from one batch at `rate` times the highest learning rate, or at the published one; return its loss.

        Where memory runs out the pieces become smaller, see `piece`. Raises InputError where that does not help.
        """
        before, loss = self.generator.get_state(), None
        while loss is None:
            try:
                loss = self._gradients(self.batches.draw(self.piece))
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                self._shrink()
            finally:
                if loss is None:
                    self.generator.set_state(before)
        if not self.recipe.published:
            nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        rate *= min(1.0, (self.steps + 1) / WARM_UP)
        if self.recipe.published:
            rate = 0.5 ** sum(self.steps >= milestone for milestone in MILESTONES)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["highest"] * rate
            optimizer.step()
        self.steps += 1
        self._follow()
        return loss

    def state(self) -> dict[str, Tensor]:
        """Everything that changes, as tensors on the CPU by name."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        for name, parameter in self.network.named_parameters():
            for optimizer in self.optimizers:
                for key, value in optimizer.state.get(parameter, {}).items():
                    tensors[f"optimizer.{key}.{name}"] = value
        tensors["generator"] = self.generator.get_state()
        tensors["steps"] = torch.tensor(self.steps)
        return {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on from a state. Raises InputError if it is not one of such a network."""
        try:
            self.network.load_state_dict(_under(state, "network."))
            self.average.load_state_dict(_under(state, "average."))
            for optimizer in self.optimizers:
                for parameter in optimizer.param_groups[0]["params"]:
                    optimizer.state[parameter] = self._moments(state, parameter)
            self.steps = int(state["steps"])
            if state["generator"].shape == self.generator.get_state().shape:  # another kind of device: drawn anew
                self.generator.set_state(state["generator"])
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise InputError(UNFIT) from error

    def _moments(self, state: dict[str, Tensor], parameter: nn.Parameter) -> dict[str, Tensor]:
        """What an optimizer remembered of a parameter."""
        name = next(name for name, one in self.network.named_parameters() if one is parameter)
        found = {}
        for key in ("step", "exp_avg", "exp_avg_sq", "momentum_buffer"):
            if (value := state.get(f"optimizer.{key}.{name}")) is not None:
                if value.shape != (torch.Size() if key == "step" else parameter.shape):
                    raise ValueError(f"{key} of {name} has another shape")
                found[key] = value.clone() if value.ndim == 0 else value.to(parameter, copy=True)
        if set(found) not in (set(), {"momentum_buffer"}, {"step", "exp_avg", "exp_avg_sq"}):
            raise ValueError(f"something of {name} is missing")
        return found

    def _gradients(self, batch: Batch) -> float:
        """Gradients of the mean loss of the batch, in passes of at most `piece` pixels."""
        self.network.zero_grad()
        count, (height, width) = len(batch.noisy), batch.noisy.shape[-2:]
        together = max(1, self.piece // (height * width))
        counted = ((batch.weight > 0).sum() * batch.noisy.shape[1]).clamp(min=1)  # a piece may be unused
        total = 0.0
        for start in range(0, count, together):
            part = Batch(*(None if one is None else one[start : start + together] for one in batch))  # type: ignore[arg-type]
            with self._precision():
                estimate = self.network(part.noisy, part.sigma, part.scale, part.used)
            error = estimate - part.target
            loss = (part.weight * (error.abs() if self.recipe.published else error.square())).sum() / counted
            loss.backward()
            total += loss.item()
        return total

    def _follow(self) -> None:
        """The average follows the weights, at first closely; as published every 10 steps, from step 2000 on slowly."""
        share = 1 - min(AVERAGE, self.steps / (10 + self.steps))
        if self.recipe.published:
            share = 1.0 if self.steps < 2000 else 0.0 if self.steps % 10 else 1 - AVERAGE
        with torch.no_grad():
            for average, weight in zip(self.average.parameters(), self.network.parameters(), strict=True):
                average.lerp_(weight, share)

    @contextmanager
    def _precision(self) -> Iterator[None]:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._halve):
            yield

    def _piece(self) -> int:
        """As many pixels at once as half of the free memory holds."""
        room = free_memory(self.device) // 2 // (BYTES_A_PIXEL * self.config.width)
        return max(LEAST_PIXELS, min(PIECE.get(self.device.type, MOST_PIXELS), room))

    def _shrink(self) -> None:
        self.network.zero_grad()
        if self.piece <= LEAST_PIXELS:
            raise InputError("There is not enough memory to learn: close other programs and try again.")
        self.piece = max(LEAST_PIXELS, self.piece // 2)


def _optimizers(network: Network, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks (Jordan 2024), Adam for the rest; as published: Adam for all."""
    matrices = [] if recipe.published else [w for name, w in network.named_parameters() if _is_matrix(name)]
    rest = [w for w in network.parameters() if not any(w is one for one in matrices)]
    adam = torch.optim.Adam(rest, lr=recipe.rate, betas=(0.9, 0.999 if recipe.published else 0.99))
    adam.param_groups[0]["highest"] = recipe.rate
    if not matrices:
        return [adam]
    muon = torch.optim.Muon(matrices, lr=recipe.matrix_rate, weight_decay=0.0)
    muon.param_groups[0]["highest"] = recipe.matrix_rate
    return [muon, adam]


def _is_matrix(name: str) -> bool:
    return name.startswith("blocks.") and name.endswith(("first.weight", "second.weight"))


def new_network(config: NetworkConfig, seed: int) -> Network:
    """A network that has learned nothing yet, the same for the same seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Network(config)


def _under(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
