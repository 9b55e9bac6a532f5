"""A tiny CLIP of open_clip's own architecture, trained in a minute or two on pictures that are drawn here."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from scipy import ndimage
from systems import CACHE

CONFIG = {
    "model_cfg": {
        "embed_dim": 64,
        "vision_cfg": {"image_size": 32, "layers": 3, "width": 96, "head_width": 32, "patch_size": 8},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2},
    },
    "preprocess_cfg": {"mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]},
}
SIDE = 32
COLORS = {
    "red": (0.85, 0.15, 0.12),
    "green": (0.2, 0.6, 0.2),
    "blue": (0.2, 0.35, 0.85),
    "yellow": (0.9, 0.82, 0.2),
    "white": (0.95, 0.95, 0.95),
    "black": (0.07, 0.07, 0.07),
    "purple": (0.55, 0.2, 0.65),
    "orange": (0.95, 0.55, 0.1),
}
PATTERNS = ("stripes", "dots", "checks", "clouds", "plain")
FRAMES = ("{}", "{}", "a picture of {}", "a photo of {}", "a painting of {}", "{} style")
STEPS, BATCH, PICTURES = 450, 64, 5000


def ready(*seeds: int) -> list[Path]:
    """The folders of the CLIPs trained from these seeds: made once, side by side, and kept for the next time."""
    made_by = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    top = CACHE / "tiny-clip"
    top.mkdir(parents=True, exist_ok=True)
    folders = [top / f"{made_by}-{seed}" for seed in seeds]
    with FileLock(top / ".lock"):
        one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}  # so small a model is faster without others
        training = [
            (subprocess.Popen([sys.executable, __file__, str(seed), f"{folder}.part"], env=one_thread), folder)
            for seed, folder in zip(seeds, folders, strict=True)
            if not folder.exists()
        ]
        for process, folder in training:
            assert process.wait() == 0, "the tiny CLIP could not be trained"
            Path(f"{folder}.part").rename(folder)
        for old in top.iterdir():
            if old.is_dir() and not old.name.startswith(made_by):
                shutil.rmtree(old, ignore_errors=True)
    return folders


def make(folder: Path, seed: int) -> None:
    """Train one and save it as open_clip reads it."""
    from safetensors.torch import save_file

    model = train(seed)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "open_clip_config.json").write_text(json.dumps(CONFIG))
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "open_clip_model.safetensors")


def train(seed: int, steps: int = STEPS) -> torch.nn.Module:
    """A model that knows the words of COLORS and PATTERNS."""
    import open_clip

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = open_clip.CLIP(**CONFIG["model_cfg"]).train()
    tokenize = open_clip.SimpleTokenizer(context_length=16)
    drawn = [draw(rng, SIDE + 8) for _ in range(PICTURES)]
    pictures = torch.from_numpy(np.stack([one for one, _ in drawn])).permute(0, 3, 1, 2)
    mean, std = (torch.tensor(CONFIG["preprocess_cfg"][name])[:, None, None] for name in ("mean", "std"))
    optimizer = torch.optim.AdamW(model.parameters(), 2e-3, betas=(0.9, 0.98), weight_decay=0.02, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps, pct_start=0.15)
    for _ in range(steps):
        chosen = rng.integers(PICTURES, size=BATCH)
        y, x = rng.integers(9, size=2)
        images = pictures[chosen, :, y : y + SIDE, x : x + SIDE]
        images = images.flip(-1) if rng.random() < 0.5 else images
        images = (images + rng.uniform(0, 0.15) * torch.randn_like(images) - mean) / std
        said = [_said(rng, *drawn[one][1]) for one in chosen]
        words = tokenize([rng.choice(FRAMES).format(one) for one in said])
        seen, meant, scale = model(images, words)[:3]
        logits = scale.clamp(max=30) * seen @ meant.T
        alike = torch.tensor([[a == b for b in said] for a in said]).float()
        loss = _entropy(logits, alike) + _entropy(logits.T, alike.T)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


def draw(rng: np.random.Generator, side: int) -> tuple[np.ndarray, tuple[str, str, str]]:
    """A picture, float32 (side, side, 3) in [0, 1], and what it shows: a pattern of a color on another color."""
    color, other = rng.choice(list(COLORS), 2, replace=False)
    pattern = str(rng.choice(PATTERNS))
    share = pattern_of(rng, pattern, side)[..., None]
    front, back = (np.clip(COLORS[one] + 0.06 * rng.standard_normal(3), 0, 1) for one in (color, other))
    picture = share * front + (1 - share) * back
    uneven = np.asarray(ndimage.zoom(rng.standard_normal((3, 3)), side / 3, order=1))
    light = 1 + 0.15 * rng.standard_normal() + 0.1 * uneven
    return np.clip(picture * light[..., None], 0, 1).astype(np.float32), (str(color), pattern, str(other))


def pattern_of(rng: np.random.Generator, pattern: str, side: int) -> np.ndarray:
    """(side, side) in [0, 1]: how much of the pattern's own color is where."""
    y, x = np.mgrid[:side, :side] + rng.uniform(0, 20, 2)[:, None, None]
    period, angle = rng.uniform(5, 10), rng.uniform(0, np.pi)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    wave_a, wave_b = np.sin(2 * np.pi * along / period), np.sin(2 * np.pi * across / period)
    if pattern == "stripes":
        return (4 * wave_a + 0.5).clip(0, 1)
    if pattern == "checks":
        return (6 * wave_a * wave_b + 0.5).clip(0, 1)
    if pattern == "dots":
        return (4 * (wave_a + wave_b) - 1.5).clip(0, 1)
    if pattern == "clouds":
        noise = ndimage.gaussian_filter(rng.standard_normal((side, side)), rng.uniform(1.5, 3))
        return (1.2 * noise / noise.std() + 0.6).clip(0, 1)
    return np.ones((side, side))


def _said(rng: np.random.Generator, color: str, pattern: str, other: str) -> str:
    if pattern == "plain":
        return color
    ways = (f"{color} {pattern}", f"{color} {pattern} on {other}", pattern, color)
    return str(rng.choice(ways, p=(0.4, 0.2, 0.25, 0.15)))


def _entropy(logits: torch.Tensor, alike: torch.Tensor) -> torch.Tensor:
    return -(alike / alike.sum(1, keepdim=True) * logits.log_softmax(1)).sum(1).mean()


if __name__ == "__main__":
    make(Path(sys.argv[2]), int(sys.argv[1]))
