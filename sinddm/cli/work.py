"""The commands that make pictures: read, learn, make, write."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sinddm import files
from sinddm.about import SUFFIX
from sinddm.cli import outputs
from sinddm.cli.progress import Report, bar, interruptible
from sinddm.errors import InputError

if TYPE_CHECKING:
    from sinddm.sampler import Step
    from sinddm.texture import Texture

OWN_TEXTURE = (
    "generate",
    "tile",
    "expand",
    "place",
)  # learn from the picture itself, and from --like as well


def run(args: argparse.Namespace) -> int:
    """Do one task and write its results; InputError and Cancelled come before anything is written."""
    picture, named = _picture(args)
    targets = outputs.paths(args.out, named, args.command, range(args.seed, args.seed + args.count))
    for target in {path.parent: path for path in targets}.values():
        outputs.check(target, picture)
    with bar(args.quiet) as report:
        results = interruptible(lambda check: make(args, picture, report, check))
    for target, array in zip(targets, results, strict=True):
        outputs.write(target, replace(picture, array=array))
    return 0


def make(
    args: argparse.Namespace, picture: files.Picture, report: Report, check: Callable[[], None]
) -> list[np.ndarray]:
    """The results of one task, arrays like the picture. check is called at each step; it may raise."""
    from sinddm.texture import Texture

    check()
    if args.texture is not None:
        report(0.0, "Reading the texture")
        texture = Texture.load(_file(args.texture), device=args.device)
    else:
        report(0.0, "Learning the texture")
        learned, masks = _sources(args)
        texture = Texture.from_images(learned, masks=masks, device=args.device)

    def on_step(step: "Step") -> None:
        check()
        report(step.fraction, _words(step, args.count))

    shared = {"count": args.count, "seed": args.seed, "quality": args.quality, "engine": args.engine}
    shared["on_step"] = on_step
    return TASKS[args.command](texture, args, picture, shared)


def _picture(args: argparse.Namespace) -> tuple[files.Picture, str]:
    """The picture to work on, and its file's name; for a texture alone, a white one like its first picture."""
    if args.picture is not None:
        return files.read(args.picture), args.picture
    from sinddm.saved import read

    source, path = read(_file(args.texture)).source, Path(args.texture)
    form = source.format
    channels = form.channels + form.alpha
    opaque = np.array(1 if form.dtype.kind == "f" else np.iinfo(form.dtype).max, form.dtype)
    array = np.broadcast_to(opaque, source.size if form.flat else (*source.size, channels))
    suffix = Path(source.names[0]).suffix if source.names else ".png"
    name = f"{path.stem if path.suffix == SUFFIX else args.texture}{suffix}"
    picture = files.Picture(array, form.linear, source.icc, form.alpha, chromaticities=source.chromaticities)
    return picture, name


def _file(texture: str) -> Path:
    """The file of a texture that is named, or is itself the name of a file."""
    from sinddm.library import Library

    return Path(texture) if texture.lower().endswith(SUFFIX) else Library().find(texture)


def _sources(args: argparse.Namespace) -> tuple[list[str], list[np.ndarray | None] | None]:
    """The pictures to learn from, and for each the mask of what to learn, or None for all of it."""
    learned = list(args.like)
    own = args.command in OWN_TEXTURE or (args.command == "text" and args.mode in ("content", "style"))
    if own or not learned:
        learned.insert(0, args.picture)
    masks = learn_masks(args.learn_mask, len(learned))
    if args.command == "fill" and not args.like:  # what is to be replaced is not to be learned
        keep = 1 - files.read_mask(args.mask)
        if masks[0] is not None and masks[0].shape != keep.shape:
            raise InputError("The mask and the learn mask have different sizes: make both as large as the picture.")
        masks[0] = keep if masks[0] is None else np.minimum(keep, masks[0])
    return learned, masks if any(mask is not None for mask in masks) else None


def learn_masks(paths: list[str], pictures: int) -> list[np.ndarray | None]:
    """The mask of each picture that is learned; None where there is none. Raises InputError for too many."""
    if len(paths) > pictures:
        raise InputError(f"There are {len(paths)} learn masks for {pictures} pictures: leave some out.")
    return [*(files.read_mask(path) for path in paths), *[None] * (pictures - len(paths))]


def _result_size(args: argparse.Namespace, picture: files.Picture) -> tuple[int, int] | None:
    """(height, width) that --size or --scale ask for; None: the picture's own."""
    if args.scale is None:
        return args.size
    height, width = picture.array.shape[:2]
    return max(1, round(height * args.scale[0])), max(1, round(width * args.scale[1]))


def _words(step: "Step", count: int) -> str:
    """What the step does, for the bar."""
    doing = "Composing" if step.scale == 0 else "Refining"
    return f"{doing} {step.variation + 1} of {count}" if count > 1 else doing


Shared = dict[str, Any]


def _generate(texture: "Texture", args: argparse.Namespace, picture: files.Picture, shared: Shared):
    size = _result_size(args, picture)
    return texture.generate(size=size, closeness=args.closeness, keep_layout=args.keep_layout, **shared)


def _tile(texture: "Texture", args: argparse.Namespace, picture: files.Picture, shared: Shared):
    return texture.tile(axis=args.axis, size=_result_size(args, picture), **shared)


def _expand(texture: "Texture", args: argparse.Namespace, picture: files.Picture, shared: Shared):
    sides = {side: getattr(args, side) for side in ("left", "right", "top", "bottom")}
    return texture.expand(args.picture, **sides, **shared)


def _fill(texture: "Texture", args: argparse.Namespace, picture: files.Picture, shared: Shared):
    return texture.fill(args.picture, files.read_mask(args.mask), **shared)


def _paint(texture: "Texture", args: argparse.Namespace, picture: files.Picture, shared: Shared):
    return texture.paint(args.picture, strength=args.strength, **shared)


def _style(texture: "Texture", args: argparse.Namespace, picture: files.Picture, shared: Shared):
    return texture.style(args.picture, strength=args.strength, **shared)


def _harmonize(texture: "Texture", args: argparse.Namespace, picture: files.Picture, shared: Shared):
    mask = files.read_mask(args.mask)
    return texture.harmonize(args.picture, mask, strength=args.strength, **shared)


def _place(texture: "Texture", args: argparse.Namespace, picture: files.Picture, shared: Shared):
    pairs = list(zip(args.region, args.at, strict=True))
    return texture.place(pairs, size=_result_size(args, picture), **shared)


def _text(texture: "Texture", args: argparse.Namespace, picture: files.Picture, shared: Shared):
    shared |= {"avoid": args.avoid, "model": args.model}
    if args.strength is not None:
        shared["strength"] = args.strength
    if args.mode == "restyle":
        return texture.text_restyle(args.picture, args.prompt, **shared)
    if args.mode == "region":
        return texture.text_region(args.picture, files.read_mask(args.mask), args.prompt, **shared)
    size = _result_size(args, picture)
    if args.mode == "style":
        return texture.text_style(args.prompt, size=size, **shared)
    return texture.text_content(args.prompt, size=size, share=args.share, **shared)


TASKS: dict[str, Callable[["Texture", argparse.Namespace, files.Picture, Shared], list[np.ndarray]]] = {
    "generate": _generate,
    "tile": _tile,
    "expand": _expand,
    "fill": _fill,
    "paint": _paint,
    "style": _style,
    "harmonize": _harmonize,
    "place": _place,
    "text": _text,
}
