"""What can be asked for in words: new content, another look, a selection that becomes what the words say."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from sinddm.denoisers.exact import WHOLE, Frame
from sinddm.guides import Keep
from sinddm.pyramid import resample
from sinddm.tasks import Run, draw, each, feathered, generate
from sinddm.text.guide import Text, Tinted, Toward, part_of

EXACT = 3  # scales in closed form that a text can rearrange: finer ones only look for patches nearby
REARRANGED = 1.2  # noise of the first of them
STEPS = 8  # noise levels at each of them
BALANCE = 1  # how evenly the picture is used there: a text wants some of its patches more than others
MOST_TINT_NOISE = 0.1  # under which a given picture's details are drawn anew


def content(run: Run, size: tuple[int, int], text: Text) -> list[Tensor]:
    """Variations whose content is drawn towards a text (Kulikov et al. 2023, section 5.1). Where it has only a share of
    them, the rest of each is as it would be without."""
    if text.strength == 0 or text.share == 0:
        return generate(run, size)
    made = []
    for one in each(run):
        seed = one.seeds[0]
        if text.share == 1:
            made += draw(_rearranging(one), size, guides=[Toward(text, _drawn_scales(one), seed)])
            continue
        plain = generate(_part_of_work(one, 0), size)[0]
        part = part_of(plain, text, run.pyramid.size_at(_drawn_scales(one)[0], size), seed)
        made += region(_part_of_work(one, 1), plain, part, text)
    return made


def style(run: Run, size: tuple[int, int], text: Text, picture: Tensor | None = None) -> list[Tensor]:
    """Variations in the colours and the light of a text; or a picture (C, H, W), which keeps its layout. With a network
    that knows the finest scale, in its strokes too (Kulikov et al. 2023, section 5.2)."""
    last, made = len(run.pyramid) - 1, []
    for one in each(run):
        start = {} if picture is None else {"start": picture, "first": last, "sigma": MOST_TINT_NOISE}
        guides = [] if text.strength == 0 else [Tinted(text, last, one.seeds[0])]
        made += draw(one, size, guides=guides, **start)
    return made


def region(run: Run, picture: Tensor, hole: Tensor, text: Text, frame: Frame = WHOLE) -> list[Tensor]:
    """A part of a picture (1 in the hole) becomes what a text says, and fits what surrounds it, which is kept at every
    scale, but for a feather around the hole (after Kulikov et al. 2023, section 5.4)."""
    size = picture.shape[-2], picture.shape[-1]
    first = 0 if run.learned else _drawn_scales(run)[0]  # a network knows so much noise at its coarsest scale only
    start, keep = resample(picture, run.pyramid.size_at(first, size)), Keep(picture, 1 - hole, 1 - feathered(hole))
    made = []
    for one in each(_rearranging(run)):
        toward = [Toward(text, _drawn_scales(one), one.seeds[0], hole)] if text.strength else []
        made += draw(one, size, start=start, first=first, sigma=REARRANGED, guides=[*toward, keep], frame=frame)
    return made


def _part_of_work(run: Run, half: int) -> Run:
    """A run that is the first or the second half of the work."""
    on_step = run.on_step
    return replace(run, on_step=on_step and (lambda step: on_step(step._replace(fraction=(half + step.fraction) / 2))))


def _rearranging(run: Run) -> Run:
    """With noise and steps enough for a text to have its way."""
    settings = replace(
        run.settings,
        exact_scales=max(EXACT, run.settings.exact_scales),
        exact_steps=STEPS,
        exact_noise=REARRANGED,
        balance=min(BALANCE, run.settings.balance),
    )
    return replace(run, settings=settings)


def _drawn_scales(run: Run) -> range:
    """All that can be rearranged, but the coarsest (Kulikov et al. 2023)."""
    scales = len(run.pyramid)
    return range(min(1, scales - 1), min(scales, run.learned.coarse if run.learned else EXACT))
