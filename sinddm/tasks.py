"""What the user asks for: a start, guides and a composite for the one sampler.

Pictures are (C, H, W) tensors in [-1, 1], masks (H, W) in [0, 1]; every task returns one picture a seed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from sinddm.colors import match_colors, snap_to_palette
from sinddm.denoisers.closed_form import ClosedForm, Settings
from sinddm.denoisers.exact import WHOLE, Frame
from sinddm.denoisers.learned import Combined, Learned
from sinddm.errors import InputError
from sinddm.guides import Follow, Keep, Pull
from sinddm.noise import SIGMA_MAX, SIGMA_MIN, Noise
from sinddm.pyramid import Pyramid, Region, resample
from sinddm.sampler import Guide, OnStep, sample

QUALITY = {
    "draft": Settings(first_steps=6, exact_scales=1, steps=2, search_patch=7, vote=5, network_steps=(8, 2)),
    "normal": Settings(),
    "best": Settings(
        exact_scales=3,
        first_steps=16,
        steps=8,
        search_patch=11,
        vote=11,
        balance=10,
        layout=(6.0, 0.0),
        network_steps=(24, 8),
    ),
}
LEAST_NOISE = 0.03  # of SIGMA_MAX, so little that a network keeps the layout
TILE_NOISE = 1.0  # the noise level that a tile begins with
TILE_BALANCE = 15  # without borders to hold on to, more keeps the rare parts in
PAINT_SHORT_SIDE = 48  # of the scale at which a painting is taken up
STYLE_SHORT_SIDE = 160  # of the scale at which a content is taken up, if it is larger
NO_LAYOUT = (0.0, 0.0)
FILL_BALANCE = 0  # what surrounds a hole decides what it needs, not how often the rest of the picture is used
FEATHER = 6  # known pixels next to a hole that blend into it
GROWN = 7  # pixels around a pasted object that are redrawn with it
MOST_HARMONY_NOISE = 0.3  # at strength 1
FIRM_LAYOUT = (300.0, 0.0)  # what is filled in must stand at the height of its like in the picture


@dataclass(frozen=True)
class Run:
    """What all tasks share: what was learned, a seed for each variation, how well to work, whom to tell."""

    pyramid: Pyramid
    """Of what was learned; with a network the one whose scales it knows."""
    seeds: Sequence[int]
    settings: Settings
    on_step: OnStep | None = None
    learned: Learned | None = None
    """The network to work with; None: all is done in closed form."""


def each(run: Run) -> Iterator[Run]:
    """The run of each variation on its own, for what has a state of its own."""
    for index, seed in enumerate(run.seeds):
        yield replace(run, seeds=[seed], on_step=_share(run.on_step, index, len(run.seeds)))


def draw(
    run: Run,
    size: tuple[int, int],
    *,
    start: Tensor | None = None,
    first: int = 0,
    sigma: float | None = None,
    guides: Sequence[Guide] = (),
    wrap: tuple[bool, bool] = (False, False),
    frame: Frame = WHOLE,
    regions: Sequence[Region] = (),
    serves: Collection[int] | None = None,
) -> list[Tensor]:
    """One picture (C, h, w) a seed; from noise alone, or from `start` (C, h, w) with noise `sigma` at scale `first`."""
    image = run.pyramid.levels[-1].image
    if start is None:
        start = torch.zeros(len(image), *run.pyramid.size_at(first, size), device=image.device)
    low, high = float(image.min()), float(image.max())
    results = []
    for index, seed in enumerate(run.seeds):
        denoise = _denoiser(run, seed, wrap, frame, regions, serves)
        way, bend = denoise.stages(size, first, sigma), [*guides, denoise.remember]
        tell = _share(run.on_step, index, len(run.seeds))
        made = sample(denoise, way, Noise([seed], image.device), start[None], bend, tell, wrap)
        results.append(made[0].clamp(low, high))
    return results


def _denoiser(
    run: Run,
    seed: int,
    wrap: tuple[bool, bool],
    frame: Frame,
    regions: Sequence[Region],
    serves: Collection[int] | None,
) -> ClosedForm | Combined:
    if run.learned is None:
        return ClosedForm(run.pyramid, run.settings, [seed], wrap, frame, regions)
    settings = replace(run.settings, exact_scales=run.learned.coarse)
    return Combined(run.learned, ClosedForm(run.pyramid, settings, [seed], wrap, frame, regions), serves)


def _share(on_step: OnStep | None, index: int, count: int) -> OnStep | None:
    """Steps of one variation as steps of the whole work."""
    if on_step is None:
        return None
    return lambda step: on_step(step._replace(fraction=(index + step.fraction) / count, variation=index))


def generate(run: Run, size: tuple[int, int], keep_layout: float = 0.0) -> list[Tensor]:
    """Variations of any size, from noise alone. A network keeps the layout (0 to 1) by beginning with the picture,
    stretched, under less noise; the closed form by its settings."""
    if run.learned is None or keep_layout == 0:
        return draw(run, size)
    start = resample(run.pyramid.levels[0].image, run.pyramid.size_at(0, size))
    return draw(run, size, start=start, sigma=SIGMA_MAX * LEAST_NOISE**keep_layout)


def tile(run: Run, size: tuple[int, int], axis: str) -> list[Tensor]:
    """Variations that repeat without a seam along x, y or both ("xy"): every neighbourhood wraps around.

    Without borders nothing tells one place from another, and noise alone would become the commonest texture
    everywhere. So the start is the picture, rolled by chance and under enough noise to lose its seam and its details.
    """
    wrap = "y" in axis, "x" in axis
    results, settings = [], replace(run.settings, balance=TILE_BALANCE)
    for one in each(replace(run, settings=settings)):
        start = _rolled(run.pyramid.levels[0].image, run.pyramid.size_at(0, size), wrap, one.seeds[0])
        made = draw(one, size, start=start, sigma=TILE_NOISE, wrap=wrap)[0]
        results.append(_calm_edges(made, wrap))
    return results


def _calm_edges(tile: Tensor, wrap: tuple[bool, bool]) -> Tensor:
    """The same tile (C, h, w), begun where least happens, so that its edges cut through as little as possible."""
    for axis in (1, 2):
        if wrap[axis - 1]:
            change = (tile - tile.roll(1, axis)).abs().sum(0).sum(2 - axis)  # between a line and the one before
            tile = tile.roll(-int(change.argmin()), axis)
    return tile


def _rolled(image: Tensor, size: tuple[int, int], wrap: tuple[bool, bool], seed: int) -> Tensor:
    """The picture (C, h, w) repeated to `size` and moved along the axes that wrap, by a chance of that seed."""
    rng = torch.Generator().manual_seed(seed)
    shift = [int(torch.randint(n, (1,), generator=rng)) if w else 0 for n, w in zip(size, wrap, strict=True)]
    repeats = [-(-n // have) for n, have in zip(size, image.shape[-2:], strict=True)]
    return image.repeat(1, *repeats)[:, : size[0], : size[1]].roll(shift, (1, 2))


def fill(run: Run, picture: Tensor, hole: Tensor, frame: Frame = WHOLE) -> list[Tensor]:
    """The hole (1 inside) filled from the pyramid; what is known (0) is kept at every scale, but for a
    feather around the hole.

    frame: (top, left, height, width) of what was learned, relative to the picture that is filled.
    """
    firm = replace(run, settings=replace(run.settings, layout=FIRM_LAYOUT, balance=FILL_BALANCE))
    size = (picture.shape[-2], picture.shape[-1])
    return draw(firm, size, guides=[Keep(picture, 1 - hole, 1 - feathered(hole))], frame=frame)


def feathered(hole: Tensor) -> Tensor:
    """The hole (H, W), still 1 inside, with an edge that falls to 0 over FEATHER pixels of what is known."""
    side = FEATHER // 2 * 2 + 1
    grown = F.max_pool2d(hole[None, None], side, stride=1, padding=side // 2)
    soft = F.avg_pool2d(F.pad(grown, [side // 2] * 4, mode="replicate"), side, stride=1)[0, 0]
    return torch.maximum(hole, soft)


def paint(run: Run, painting: Tensor, strength: float) -> list[Tensor]:
    """A rough painting rendered in the picture's look.

    The painting, its colours moved to the palette, is the start at a coarse scale, under the more noise the greater
    the strength (0 to 1). All patches of that scale are compared, so that every part of the picture gets its chance.
    A network knows that much noise at its coarsest scale only.
    """
    size = painting.shape[-2], painting.shape[-1]
    scale = 0 if run.learned else _start_at(run.pyramid, PAINT_SHORT_SIDE)
    settings = replace(run.settings, exact_scales=scale + 1, layout=NO_LAYOUT)
    start = snap_to_palette(resample(painting, run.pyramid.size_at(scale, size)), _colors(run.pyramid), 0.15)
    sigma = 0.4 * 5**strength
    return draw(replace(run, settings=settings), size, start=start, first=scale, sigma=sigma)


def style(run: Run, content: Tensor, strength: float) -> list[Tensor]:
    """Another picture in this one's style, which it follows closely at strength 0 and only in its forms at 1.

    The content, its colours matched, is the start at a middle scale, and what all scales above it lean towards.
    """
    last, size = len(run.pyramid) - 1, (content.shape[-2], content.shape[-1])
    first = max(0, min(last - round(2 * strength), _start_at(run.pyramid, STYLE_SHORT_SIDE)))
    if run.learned:  # the network has its say
        first = min(first, run.learned.coarse - 1)
    matched = match_colors(content, _colors(run.pyramid))
    start = resample(matched, run.pyramid.size_at(first, size))
    settings = replace(run.settings, exact_scales=1, vote=min(7, run.settings.vote))  # crisp strokes
    lean = Follow(matched, 0.95 * (1 - strength**3), last)
    strokes = replace(run, settings=settings)
    sigma = min(0.2, run.pyramid.starts[first] or 0.2) if run.learned else 0.2  # what the network has practised
    return draw(strokes, size, start=start, first=first, sigma=sigma, guides=[lean])


def harmonize(run: Run, composite: Tensor, mask: Tensor, strength: float) -> list[Tensor]:
    """A pasted object (1 in the mask) redrawn by the network under a little noise at the finest scale; beyond the grown
    mask everything is kept (Kulikov et al. 2023, section 5.3). Raises InputError if the network does not know it.
    """
    last, size = len(run.pyramid) - 1, (composite.shape[-2], composite.shape[-1])
    if run.learned is None or last not in run.learned.network.config.scales:
        raise InputError(
            "The network of this texture does not know the finest scale: harmonize with the instant engine, or learn "
            "the texture anew with its finest scale."
        )
    near = F.max_pool2d((mask > 0.5).float()[None, None], 2 * GROWN + 1, stride=1, padding=GROWN)[0, 0]
    keep = Keep(composite, 1 - near, 1 - feathered(near))
    sigma = MOST_HARMONY_NOISE * strength
    return draw(run, size, start=composite, first=last, sigma=max(sigma, SIGMA_MIN), guides=[keep], serves=[last])


def place(run: Run, regions: list[Region], size: tuple[int, int]) -> list[Tensor]:
    """Variations in which regions of the picture stand where they are wanted: pairs of (x, y, width, height)."""
    return draw(run, size, guides=[Pull(run.pyramid.levels, regions, size)], regions=regions)


def _start_at(pyramid: Pyramid, short_side: float) -> int:
    """The scale whose short side is nearest to `short_side`."""
    return min(range(len(pyramid)), key=lambda s: abs(min(pyramid.levels[s].size) / short_side - 1))


def _colors(pyramid: Pyramid) -> Tensor:
    """(C, N) colours that may be learned from."""
    level = pyramid.levels[-1]
    return level.image[:, level.used]


def settings_for(quality: str, closeness: float = 0.5, keep_layout: float = 0.0) -> Settings:
    """Settings of a quality, a closeness to the picture (0 free, 1 close) and how far the layout is kept (0 to 1)."""
    base = QUALITY[quality]
    patch = 6 + round(8 * closeness)
    pull = 400 * keep_layout**2
    vertical, horizontal = base.layout
    return replace(base, patch=patch, layout=(vertical + pull, horizontal + pull))
