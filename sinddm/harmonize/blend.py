"""The harmonize task: from a composite, a mask and a picture to the object made to belong."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sinddm.errors import InputError
from sinddm.harmonize.measure import detail_distance
from sinddm.harmonize.photo import match_surface, painted
from sinddm.harmonize.rim import REACH, distance, nearest, outline, rebuild, thin_parts
from sinddm.harmonize.texture import Source, add_texture
from sinddm.harmonize.tone import Tick, Tone, fine_detail, sample

Progress = Callable[[float], None]
MARGIN = 10  # pixels around the mask that are worked on
ALIGNED = 0.02  # mean difference up to which a picture is the one behind the composite
ROOM = 600  # pixels of surroundings that are enough to learn from


@dataclass(frozen=True)
class Scene:
    """The part of a composite that matters for its object. Pictures (3, H, W) in [0, 1], masks (H, W)."""

    image: Tensor  # the composite
    mask: Tensor  # bool, the object
    soft: Tensor  # float, the mask as given
    back: Tensor  # what lies behind the object, as far as it is known
    away: np.ndarray  # distance to the object in pixels, 0 in it
    ring: Tensor  # bool, the surroundings
    around: Tensor  # colours (3, N) of the surroundings
    source: Source  # where strokes come from

    @property
    def size(self) -> float:
        return math.sqrt(float(self.mask.sum()))


def _three(x: Tensor) -> Tensor:
    """A picture in [-1, 1] of 1 or 3 channels as (3, H, W) in [0, 1]."""
    return (x.float() / 2 + 0.5).clamp(0, 1).expand(3, -1, -1)


def _check(
    composite: Tensor,
    mask: Tensor,
    picture: Tensor,
    behind: Tensor | None,
    strength: float,
    texture: float | None,
) -> None:
    if composite.ndim != 3 or composite.shape[0] not in (1, 3):
        raise InputError("Harmonize works on colour or gray pictures: give it one with three channels or one.")
    if picture.ndim != 3 or picture.shape[0] not in (1, 3) or 0 in picture.shape:
        raise InputError("The texture's picture must have three channels or one: choose a colour or a gray picture.")
    if mask.shape != composite.shape[1:]:
        size = " x ".join(str(d) for d in reversed(mask.shape))
        raise InputError(
            f"The mask is {size} pixels and the composite {composite.shape[2]} x {composite.shape[1]}: "
            "make the mask the same size."
        )
    if behind is not None and behind.shape != composite.shape:
        raise InputError("The layer behind the object must have the composite's size: give it whole.")
    if not all(bool(x.isfinite().all()) for x in (composite, mask, picture) + (() if behind is None else (behind,))):
        raise InputError("The picture holds pixels that are not numbers (NaN or infinite): repair them first.")
    if not (0 <= strength <= 1 and 0 <= (texture or 0) <= 1):
        raise InputError("Strength and texture must lie between 0 and 1.")
    if not bool((mask >= 0.5).any()):
        raise InputError("The mask selects nothing: select the pasted object first.")


def _window(mask: Tensor) -> tuple[slice, slice]:
    """The object with as much around it as is looked at."""
    margin = math.ceil(max(2 * MARGIN, 0.6 * math.sqrt(float((mask >= 0.5).sum())))) + 2
    spans = []
    for axis, length in ((1, mask.shape[0]), (0, mask.shape[1])):
        hit = (mask > 0).any(axis).nonzero()[:, 0]
        spans.append(slice(max(0, int(hit[0]) - margin), min(length, int(hit[-1]) + 1 + margin)))
    return spans[0], spans[1]


def _backdrop(composite: Tensor, mask: Tensor, picture: Tensor) -> Tensor | None:
    """The picture, if it is what the object was pasted on: the same around it, other pixels below it."""
    if picture.shape != composite.shape:
        return None
    differs = (composite - picture).abs().mean(0)
    outside = mask <= 0
    if not bool(outside.any()) or float(differs[outside].mean()) / 2 > ALIGNED:
        return None
    return picture if float(differs[mask >= 0.5].mean()) / 2 > 0.01 else None


def _nearest_outside(image: Tensor, mask: np.ndarray) -> Tensor:
    """Every pixel of the mask (H, W) takes the nearest one outside it."""
    if mask.all():
        return image
    return nearest(image, mask)


def _scene(composite: Tensor, soft: Tensor, picture: Tensor, behind: Tensor | None, rng: torch.Generator) -> Scene:
    window = _window(soft)
    behind = behind if behind is not None else _backdrop(composite, soft, picture)
    own = picture.shape == composite.shape and bool((picture == composite).all())
    image, soft = _three(composite[(slice(None), *window)]), soft[window]
    mask = soft >= 0.5
    hard = mask.cpu().numpy()
    size = math.sqrt(hard.sum())
    away = distance(~hard) if not hard.all() else np.zeros(hard.shape)

    def ring(near: float, far: float) -> Tensor:
        return torch.from_numpy((away > near) & (away <= max(far, 12))).to(image.device)

    near = ring(3, 0.5 * size)
    around = image[:, near]
    if behind is not None:
        back = _three(behind[(slice(None), *window)])
        source = Source(back, torch.from_numpy(away <= max(0.6 * size, 12)).to(image.device))
    else:
        back = _nearest_outside(image, (away <= 2) & ~((away == 0) & ~hard))
        source = Source(image, ring(8, 0.6 * size))
        if int(source.area.sum()) < min(ROOM, 0.5 * size**2):
            source = Source(image, ring(1, 0.6 * size))
        if int(source.area.sum()) < min(ROOM, 0.5 * size**2):
            if own:
                raise InputError(
                    "Hardly anything is left around the object to learn from: select less, or choose another texture."
                )
            source = Source(_three(picture), torch.ones(picture.shape[1:], dtype=torch.bool, device=image.device))
    if around.shape[1] < ROOM:  # too few to speak for the place
        around = torch.cat([around, sample(source.image[:, source.area], ROOM, rng)], 1)
    return Scene(image, mask, soft, back, away, near, around, source)


def _judged(composite: Tensor, mask: Tensor, scene: Scene) -> tuple[Tensor, Tensor]:
    """What a painting is told from a photograph by: all but the object, unless that is no source."""
    if scene.source.image.shape[1:] != scene.image.shape[1:]:
        return scene.source.image, scene.source.area
    return _three(composite), mask <= 0


def _is_feathered(soft: Tensor, mask: Tensor) -> bool:
    """Whether a mask fades over more than the pixel or two of an anti-aliased outline."""
    outline = (mask[1:] ^ mask[:-1]).sum() + (mask[:, 1:] ^ mask[:, :-1]).sum()
    return float(((soft > 0.05) & (soft < 0.95)).sum()) > 3 * float(outline) + 8


def _as_fitting_as_before(
    scene: Scene, pasted: Tensor, base: Tensor, compose: Callable[[Tensor], Tensor], tick: Tick
) -> Tensor:
    """base, or base with the pasted object's own fine detail, by whatever factor fits in best.

    Taken where the fine detail of base would stand out from its surroundings' more than the pasted one's.
    """
    if not bool(scene.ring.any()):
        return base

    def distance(x: Tensor) -> float:
        return detail_distance(x, scene.image, scene.mask, scene.ring, 32)

    before, best = 0.98 * distance(scene.image), distance(compose(base))
    everywhere = torch.ones_like(scene.mask)
    own, smooth = fine_detail(pasted, everywhere), base - fine_detail(base, everywhere)
    for gain in (1.0, 1.12, 1.25, 0.88, 0.75):
        if best <= before:
            break
        tick()
        candidate = smooth + gain * own
        if (found := distance(compose(candidate))) < best:
            best, base = found, candidate
    return base


def harmonize(
    composite: Tensor,
    mask: Tensor,
    picture: Tensor,
    strength: float = 0.6,
    *,
    texture: float | None = None,
    behind: Tensor | None = None,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> Tensor:
    """Make a pasted object belong: it takes on the light around it and the picture's texture, not its shape.

    composite (C, H, W), C 1 or 3, sRGB-encoded in [-1, 1]: the picture with the object pasted on.
    mask (H, W) bool, or float in [0, 1]: the object. Its outline may be anti-aliased; a feather fades the
      effect.
    picture (C, h, w): the texture's picture. If it is the composite without the object, it is what lies
      behind.
    strength in [0, 1]: how far the colours go; 0 leaves them.
    texture in [0, 1]: how far the strokes go. None: as far as strength in paintings; in photographs there are
      none, and the object gets the picture's noise and edge sharpness instead.
    behind (C, H, W): what lies behind the object, if it is known.
    on_progress(fraction done) is called several times a second and may raise Cancelled.
    Returns (C, H, W). More than REACH pixels outside the mask every pixel is the composite's, bit by bit. The
    same seed gives the same result. Raises InputError for input that cannot be used.
    """
    mask = mask.to(composite.device, torch.float32)
    _check(composite, mask, picture, behind, strength, texture)
    if strength == 0 and not texture:
        return composite.clone()
    rng = torch.Generator().manual_seed(seed)
    tick = on_progress or (lambda fraction: None)
    tick(0.0)
    scene = _scene(composite, mask, picture.to(composite), behind, rng)
    device = scene.image.device
    near = torch.from_numpy(scene.away <= MARGIN).to(device)
    near_rim = torch.from_numpy(scene.away <= REACH).to(device)
    tick(0.05)
    tone = Tone.between(scene.image, scene.mask, near, scene.ring, scene.around, strength)
    tick(0.08)
    feathered = _is_feathered(scene.soft, scene.mask)
    thin = torch.from_numpy(thin_parts(scene.mask.cpu().numpy())).to(device)
    pasted = scene.image if feathered else rebuild(scene.image, scene.mask, thin)
    tick(0.1)
    base = tone.apply(pasted, rng, lambda: tick(0.15))
    tick(0.2)
    seen = scene.source.area
    amount = strength * painted(*_judged(composite, mask, scene)) if texture is None else texture
    tick(0.22)
    finish = strength - min(amount, strength)
    if finish > 0:
        base = match_surface(base, near, scene.source.image, seen, finish, rng)
    tick(0.25)
    strokes = torch.zeros_like(base[:1])
    if amount > 0:
        base, strokes = add_texture(
            base, scene.mask, near, scene.source, amount, rng, lambda done: tick(0.25 + 0.7 * done)
        )
    base = tone.settle(base)
    tick(0.95)
    if feathered:
        alpha, touched, back = scene.soft[None], scene.soft > 0, scene.image
    else:
        alpha, back = outline(scene.mask, thin, strokes, amount), scene.back
        touched = (torch.from_numpy(scene.away <= 2).to(device) | (alpha[0] > 0)) & near_rim
    if amount == 0:
        base = _as_fitting_as_before(
            scene, pasted, base, lambda x: torch.lerp(back, x, alpha).clamp(0, 1), lambda: tick(0.97)
        )
    out = torch.lerp(back, base, alpha)
    result = composite.clone()
    out = (out.clamp(0, 1) * 2 - 1).to(composite)
    if composite.shape[0] == 1:
        out = out.mean(0, keepdim=True)
    view = result[(slice(None), *_window(mask))]
    view[:, touched] = out[:, touched]
    tick(1.0)
    return result
