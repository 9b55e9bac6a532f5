"""The arguments of every command. Only the standard library, so that --help answers at once."""

import argparse
import re
from collections.abc import Callable
from typing import NoReturn

from sinddm import __version__

LONGEST = 32768  # pixels of one side that can be asked for
MOST = 1000  # variations in one call
LARGEST_SEED = 2**32 - 1


class Parser(argparse.ArgumentParser):
    """An argparse parser that refuses in one sentence."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and one sentence on stderr."""
        message = " ".join(message.split())
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help).\n")


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The parsed arguments. SystemExit 2 after one sentence on stderr for bad ones, 0 after --help."""
    parser = _parser()
    args = parser.parse_args(argv)
    check: Callable[[argparse.Namespace], str | None] | None = getattr(args, "check", None)
    if check and (problem := check(args)):
        parser.exit(2, f"sinddm {args.command}: {problem}\n")
    return args


def _parser() -> Parser:
    parser = Parser(
        prog="sinddm",
        description="Learn a picture's texture and make new pictures from it, here on this computer.",
        epilog="Each command explains itself: sinddm generate --help",
    )
    parser.add_argument("--version", action="version", version=f"sinddm {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _generate(commands)
    _tile(commands)
    _expand(commands)
    _fill(commands)
    _paint(commands)
    _style(commands)
    _harmonize(commands)
    _place(commands)
    _compare(commands)
    _doctor(commands)
    return parser


# The commands


def _generate(commands) -> None:
    p = _task(commands, "generate", "PICTURE", "Make variations of a picture, at any size.", _EXAMPLES["generate"])
    _size(p)
    p.add_argument("--closeness", type=_unit, default=0.5, metavar="0..1", help="from free to close (default 0.5)")
    p.add_argument(
        "--keep-layout",
        type=_unit,
        default=0.0,
        metavar="0..1",
        help="how much things stay in place (default 0)",
    )


def _tile(commands) -> None:
    p = _task(commands, "tile", "PICTURE", "Make a variation that repeats without a seam.", _EXAMPLES["tile"])
    p.add_argument("--axis", choices=("x", "y", "xy"), default="xy", help="where it repeats (default xy)")
    _size(p)


def _expand(commands) -> None:
    p = _task(commands, "expand", "PICTURE", "Continue a picture beyond its borders.", _EXAMPLES["expand"])
    for side in ("left", "right", "top", "bottom"):
        p.add_argument(f"--{side}", type=_extent, default=0, metavar="N", help=f"pixels to add at the {side}")
    p.set_defaults(check=_check_expand)


def _fill(commands) -> None:
    about = "Fill the masked part of a picture with its own texture, or with that of others (--like)."
    p = _task(commands, "fill", "PICTURE", about, _EXAMPLES["fill"], like="learn from this picture instead")
    _mask(p, "white where to fill")


def _paint(commands) -> None:
    about = "Render roughly painted shapes in the look of a picture."
    p = _task(commands, "paint", "PAINTING", about, _EXAMPLES["paint"], like=_LOOK, required=True)
    _strength(p, 0.5, "how much the painting changes")


def _style(commands) -> None:
    about = "Show one picture in the style of another."
    p = _task(commands, "style", "CONTENT", about, _EXAMPLES["style"], like=_LOOK, required=True)
    _strength(p, 0.5, "how much of the style")


def _harmonize(commands) -> None:
    about = "Make a pasted object belong to the picture it was pasted into."
    p = _task(commands, "harmonize", "COMPOSITE", about, _EXAMPLES["harmonize"], like=_LOOK, required=True)
    _mask(p, "white on the pasted object")
    _strength(p, 0.6, "how much the object changes")


def _place(commands) -> None:
    about = "Make a variation with chosen regions of the picture at chosen places."
    p = _task(commands, "place", "PICTURE", about, _EXAMPLES["place"])
    p.add_argument(
        "--region",
        type=_region,
        action="append",
        required=True,
        metavar="X,Y,W,H",
        help="a region of the picture; can be repeated, each with its --at",
    )
    p.add_argument(
        "--at",
        type=_place_at,
        action="append",
        required=True,
        metavar="X,Y[,W,H]",
        help="where it comes to lie in the result, and how large if that changes",
    )
    _size(p)
    p.set_defaults(check=_check_place)


def _compare(commands) -> None:
    p = _command(commands, "compare", "Measure samples against the picture they were made from.", _EXAMPLES["compare"])
    p.add_argument("reference", metavar="REFERENCE", help="the picture the samples were made from")
    p.add_argument("samples", metavar="SAMPLE", nargs="+", help="a picture to measure")
    p.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _doctor(commands) -> None:
    p = _command(commands, "doctor", "Show versions, device and memory, and try the engine.", _EXAMPLES["doctor"])
    p.add_argument("--json", action="store_true", help="print JSON instead of a table")


_LOOK = "the picture whose look to use; can be repeated"
_EXAMPLES = {
    "generate": "sinddm generate meadow.png -o variations/ --count 4 --scale 2,1",
    "tile": "sinddm tile bark.png -o bark-tile.png --size 512x512",
    "expand": "sinddm expand meadow.png -o wide.png --left 200 --right 200",
    "fill": "sinddm fill meadow.png --mask hole.png -o filled.png",
    "paint": "sinddm paint sketch.png --like meadow.png -o painted.png --strength 0.6",
    "style": "sinddm style valley.jpg --like starry.png -o valley-starry.png",
    "harmonize": "sinddm harmonize pasted.png --mask object.png --like meadow.png -o belongs.png",
    "place": "sinddm place meadow.png --region 40,60,32,32 --at 150,60 -o moved.png",
    "compare": "sinddm compare meadow.png variations/*.png",
    "doctor": "sinddm doctor --json",
}


# What the commands share


def _command(commands, name: str, about: str, example: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=about,
        description=about,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _task(
    commands,
    name: str,
    picture: str,
    about: str,
    example: str,
    like: str = "learn from this picture too; can be repeated",
    required: bool = False,
) -> argparse.ArgumentParser:
    p = _command(commands, name, about, example)
    p.add_argument("picture", metavar=picture, help="a PNG, JPEG, WebP, TIFF or OpenEXR file")
    p.add_argument(
        "-o",
        "--out",
        required=True,
        metavar="OUT",
        help="a file; for several results a folder, or a name with {seed} in it",
    )
    p.add_argument("--like", action="append", default=[], required=required, metavar="PICTURE", help=like)
    p.add_argument(
        "--learn-mask",
        action="append",
        default=[],
        metavar="MASK",
        help="learn only where this is white; repeated, one for each picture that is learned",
    )
    p.add_argument("--count", type=_count, default=1, metavar="N", help="how many results (default 1)")
    p.add_argument(
        "--seed",
        type=_seed,
        default=0,
        metavar="S",
        help="the same seed gives the same result; result k uses S + k",
    )
    p.add_argument("--quality", choices=("draft", "normal", "best"), default="normal", help="speed against quality")
    p.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="where to compute")
    p.add_argument("--quiet", action="store_true", help="no progress bar")
    return p


def _size(p: argparse.ArgumentParser) -> None:
    group = p.add_mutually_exclusive_group()
    group.add_argument("--size", type=_dimensions, metavar="WxH", help="pixels of the result (default: the picture's)")
    group.add_argument("--scale", type=_factors, metavar="X,Y", help="times the picture's width and height")


def _mask(p: argparse.ArgumentParser, what: str) -> None:
    p.add_argument("--mask", required=True, metavar="MASK", help=f"a picture of the same size, {what}")


def _strength(p: argparse.ArgumentParser, default: float, what: str) -> None:
    p.add_argument("--strength", type=_unit, default=default, metavar="0..1", help=f"{what} (default {default})")


def _check_expand(args: argparse.Namespace) -> str | None:
    if not (args.left or args.right or args.top or args.bottom):
        return "say how many pixels to add with --left, --right, --top or --bottom."
    return None


def _check_place(args: argparse.Namespace) -> str | None:
    if len(args.region) != len(args.at):
        regions, places = len(args.region), len(args.at)
        return f"give one --at for each --region; there are {regions} regions and {places} places."
    return None


# Values


def _dimensions(text: str) -> tuple[int, int]:
    """'WxH' as (height, width)."""
    match = re.fullmatch(r"(\d+)[xX](\d+)", text)
    if not match or not all(1 <= int(side) <= LONGEST for side in match.groups()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it as 640x480, each side up to {LONGEST}")
    return int(match[2]), int(match[1])


def _factors(text: str) -> tuple[float, float]:
    """'X,Y' as (times the height, times the width)."""
    numbers = _numbers(text, float)
    if len(numbers) != 2 or not all(0.05 <= n <= 20 for n in numbers):
        raise argparse.ArgumentTypeError(f"{text!r} is no scale; write it as 2,1, each from 0.05 to 20")
    return numbers[1], numbers[0]


def _region(text: str) -> tuple[int, ...]:
    numbers = _numbers(text, int)
    if len(numbers) != 4 or min(numbers[:2]) < 0 or min(numbers[2:]) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no region; write its left, top, width and height as 40,60,32,32")
    return numbers


def _place_at(text: str) -> tuple[int, ...]:
    numbers = _numbers(text, int)
    if len(numbers) not in (2, 4) or min(numbers[2:], default=1) < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no place; write its left and top as 150,60 or with a size as 150,60,64,64"
        )
    return numbers


def _numbers(text: str, kind: Callable[[str], int | float]) -> tuple:
    """The numbers of a comma-separated list, () if there is anything else in it."""
    try:
        return tuple(kind(part) for part in text.split(","))
    except ValueError:
        return ()


def _unit(text: str) -> float:
    numbers = _numbers(text, float)
    if len(numbers) != 1 or not 0 <= numbers[0] <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return numbers[0]


def _whole(text: str, low: int, high: int) -> int:
    numbers = _numbers(text, int)
    if len(numbers) != 1 or not low <= numbers[0] <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return numbers[0]


def _count(text: str) -> int:
    return _whole(text, 1, MOST)


def _seed(text: str) -> int:
    return _whole(text, 0, LARGEST_SEED)


def _extent(text: str) -> int:
    return _whole(text, 0, LONGEST)
