"""CLIP (Radford et al. 2021), through open_clip: how well pictures agree with words."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sinddm.device import bfloat16
from sinddm.text.prompts import Prompt

CONTENT = ("{}", "a picture of {}", "a photo of {}", "a painting of {}")
STYLE = ("{} style", "a picture in the style of {}", "{}")
ROOM = 1.25  # times its own side, CLIP gets pictures to look at a part of
SMALLEST_PART = 0.6  # of the shorter side that a view shows
TURNED = 0.15  # radians, at most
MOST_LONG = 4  # times the shorter side: a longer picture is squeezed


class Clip:
    """A model that is ready: from a folder as open_clip saves it, with its configuration, weights and tokenizer.

    Raises what open_clip raises for a folder that is none; see sinddm.text.models for the words.
    """

    def __init__(self, folder: Path, device: torch.device):
        os.environ["HF_HUB_OFFLINE"] = "1"  # all that is needed is in the folder: nothing is to be asked of a network
        import open_clip

        where = f"local-dir:{folder}"
        self.device, self._halve = device, bfloat16(device)
        model: Any = open_clip.create_model(where, device=device, require_pretrained=True)
        self._model = model.train(False).requires_grad_(False)
        _let_fold(model)
        self._tokenize = open_clip.get_tokenizer(where)
        shown = model.visual.preprocess_cfg
        self.side: int = max(shown["size"]) if isinstance(shown["size"], tuple | list) else shown["size"]
        self._mean, self._std = (torch.tensor(shown[name], device=device)[:, None, None] for name in ("mean", "std"))

    @torch.no_grad()
    def meaning(self, prompts: Sequence[Prompt], frames: Sequence[str] = CONTENT) -> Tensor:
        """(E,) what the prompts mean together: each in several sentences, by its weight."""
        total = sum(abs(one.weight) for one in prompts)
        meant = []
        for words, weight in prompts:
            tokens = self._tokenize([frame.format(words) for frame in frames]).to(self.device)
            one = F.normalize(self._model.encode_text(tokens, normalize=True).float().mean(0), dim=0)
            meant.append(one * (weight / total))
        return torch.stack(meant).sum(0)

    def agreement(self, x: Tensor, meaning: Tensor, views: int, chance: torch.Generator) -> Tensor:
        """(B,) how well pictures (B, C, h, w) in [-1, 1] agree with a meaning, -1 to 1, on average over random views of
        each: parts of it, turned a little or mirrored, so that no single pixel can convince (Bar-Tal et al. 2022).

        All pictures are seen in the same views. Can be differentiated by the pictures.
        """
        color = (x.clamp(-1, 1) + 1) / 2
        color = color if x.shape[1] == 3 else color[:, :1].expand(-1, 3, -1, -1)
        seen = _views(color, self.side, views, chance)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._halve):
            found = self._model.encode_image((seen - self._mean) / self._std, normalize=True)
        return (found.float() @ meaning).view(len(x), views).mean(1)


def _let_fold(model: nn.Module) -> None:
    """Weights of attention that may be learned, though they are not: what torch shows them is a view, and of frozen
    ones it would make a copy for each of its rows, which takes four times as long as all else."""
    for part in model.modules():
        if isinstance(part, nn.MultiheadAttention) and part.in_proj_weight is not None:
            part.in_proj_weight.requires_grad_(True)


def _views(color: Tensor, side: int, count: int, chance: torch.Generator) -> Tensor:
    """(B count, 3, side, side) views of (B, 3, h, w): the first of each shows all of it."""
    height, width = color.shape[-2:]
    short = round(side * ROOM)
    size = [min(round(n * short / min(height, width)), short * MOST_LONG) for n in (height, width)]
    color = F.interpolate(color, size=size, mode="bicubic", antialias=True).clamp(0, 1)
    ways = _ways(size, count, chance).to(color).repeat(len(color), 1, 1)
    grid = F.affine_grid(ways, [len(ways), 3, side, side], align_corners=False)
    return F.grid_sample(color.repeat_interleave(count, 0), grid, padding_mode="reflection", align_corners=False)


def _ways(size: Sequence[int], count: int, chance: torch.Generator) -> Tensor:
    """(count, 2, 3) maps from a view's coordinates to the picture's, both -1 to 1; the first is the identity."""
    part, across, down, angle, mirror = torch.rand(5, count, generator=chance)
    part = SMALLEST_PART + (1 - SMALLEST_PART) * part
    width, height = part * min(size) / size[1], part * min(size) / size[0]
    angle, mirror = (2 * angle - 1) * TURNED, (mirror < 0.5).float() * 2 - 1
    rows = [
        torch.stack([width * mirror * angle.cos(), -width * angle.sin(), (2 * across - 1) * (1 - width)], 1),
        torch.stack([height * mirror * angle.sin(), height * angle.cos(), (2 * down - 1) * (1 - height)], 1),
    ]
    ways = torch.stack(rows, 1)
    ways[0] = torch.tensor([[math.copysign(1, float(mirror[0])), 0, 0], [0, 1, 0]])
    return ways
