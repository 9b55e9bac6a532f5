"""`sinddm learn`: train a network on pictures, and keep it in the library."""

import argparse
import shlex
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sinddm import files
from sinddm.cli import STOPPED, outputs
from sinddm.cli.progress import Report, bar, interruptible
from sinddm.cli.work import learn_masks
from sinddm.errors import Cancelled, InputError, Paused
from sinddm.library import Library

if TYPE_CHECKING:
    from sinddm.texture import Texture
    from sinddm.training.session import Progress

SAVE_EVERY = 30.0  # seconds, so that no more is lost if the computer stops
STOP_WITHIN = 10.0  # seconds after Ctrl-C for the step to end and what was learned to be saved


def run(args: argparse.Namespace) -> int:
    """Learn, save, and say how to use it. Ctrl-C pauses: what was learned until then is kept."""
    library = Library()
    path = library.find(args.name) if args.resume else library.free(args.name)
    library.try_writing()
    preview = Path(args.preview) if args.preview else None
    if preview:
        if any(preview.resolve() == Path(picture).resolve() for picture in [*args.pictures, *args.learn_mask]):
            raise InputError(f"The preview would replace {preview}, which is to be learned: choose another file.")
        outputs.check(preview, files.Picture(np.zeros((8, 8, 3), np.uint8)))
    with bar(args.quiet) as report:
        texture, done = interruptible(lambda check: _learn(args, path, preview, report, check), STOP_WITHIN)
    quoted, figures = shlex.quote(args.name), texture.figures
    use = f"Use it: sinddm generate --texture {quoted} -o new.png"
    if figures is None:
        print(f"Kept {args.name}, without a network. {use}")
        return 0
    taken = f"{figures['steps']:.0f} steps in {figures['seconds']:.0f} s"
    if not done:
        go_on = f"sinddm learn --resume --name {quoted}"
        print(f"Paused {args.name} after {taken}; go on with: {go_on}", file=sys.stderr)
        return STOPPED
    print(f"Learned {args.name} in {taken}, loss {figures['loss']:.3f}. {use}")
    return 0


def _learn(
    args: argparse.Namespace, path: Path, preview: Path | None, report: Report, check: Callable[[], None]
) -> tuple["Texture", bool]:
    """The texture, saved at `path`, and whether it was learned to the end."""
    from sinddm.texture import Texture
    from sinddm.training.recipe import FINEST, named

    report(0.0, "Getting ready")
    if args.resume:
        texture = Texture.load(path, device=args.device)
    else:
        masks = learn_masks(args.learn_mask, len(args.pictures))
        texture = Texture.from_images(args.pictures, masks=masks, device=args.device)
    check()
    if args.seconds == 0:
        texture.save(path)
        return texture, True
    saved, preset = time.monotonic(), args.preset
    if args.finest:
        preset = replace(named(args.preset or "fast"), finest=FINEST)

    def pausing() -> None:
        try:
            check()
        except Cancelled:
            raise Paused from None

    def on_progress(progress: "Progress") -> None:
        nonlocal saved
        pausing()
        report(progress.fraction, progress.note or f"Learning, loss {progress.loss:.3f}")
        if preview and progress.preview is not None:
            shown = progress.preview[: 3 if len(progress.preview) >= 3 else 1].permute(1, 2, 0).cpu().numpy()
            with suppress(InputError):  # learning goes on while a viewer holds the file
                outputs.write(preview, files.Picture(((shown + 1) * 127.5).clip(0, 255).astype(np.uint8)))
        if time.monotonic() - saved > SAVE_EVERY:
            texture.save(path)
            saved = time.monotonic()

    done = texture.learn(
        preset=preset,
        seconds=args.seconds,
        steps=args.steps,
        until_settled=args.until_settled,
        seed=args.seed,
        resume=args.resume,
        on_progress=on_progress,
        check=pausing,
    )
    if texture.figures is None:
        raise Cancelled  # before the first step there is nothing to keep
    texture.save(path)
    return texture, done
