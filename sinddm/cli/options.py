"""What the arguments of several commands share."""

import argparse

from sinddm.cli import values

_NEED_A_LOOK = ("paint", "style", "harmonize")
_FROM_THEMSELVES = ("generate", "tile", "place")
_ON_A_PICTURE = ("restyle", "region")  # modes of text


def command(commands, name: str, about: str, example: str) -> argparse.ArgumentParser:
    """One command, with an example."""
    return commands.add_parser(
        name,
        help=about,
        description=about,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def task(
    commands,
    name: str,
    picture: str,
    about: str,
    example: str,
    like: str = "learn from this picture too; can be repeated",
    needed: bool = True,
) -> argparse.ArgumentParser:
    """A command that makes pictures. needed: whether it works on a picture also where a texture is named."""
    p = command(commands, name, about, example)
    file = "a PNG, JPEG, WebP, TIFF or OpenEXR file"
    if needed:
        p.add_argument("picture", metavar=picture, help=file)
    else:
        p.add_argument("picture", metavar=picture, nargs="?", help=f"{file}; none with --texture")
    p.add_argument(
        "-o",
        "--out",
        required=True,
        metavar="OUT",
        help="a file; for several results a folder, or a name with {seed} in it",
    )
    p.add_argument("--like", action="append", default=[], metavar="PICTURE", help=like)
    p.add_argument("--texture", metavar="NAME", help="use this texture of the library, or .safetensors file, instead")
    learn_mask(p)
    p.add_argument("--count", type=values.count, default=1, metavar="N", help="how many results (default 1)")
    p.add_argument(
        "--seed",
        type=values.seed,
        default=0,
        metavar="S",
        help="the same seed gives the same result; result k uses S + k",
    )
    p.add_argument("--quality", choices=("draft", "normal", "best"), default="normal", help="speed against quality")
    p.add_argument(
        "--engine",
        choices=("instant", "learned"),
        help="instant, or the network of a texture that has one (its default to generate, paint and place)",
    )
    running(p)
    p.set_defaults(check=check_sources)
    return p


def running(p: argparse.ArgumentParser) -> None:
    """Where it runs, and how quietly."""
    p.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="where to compute")
    p.add_argument("--quiet", action="store_true", help="no progress bar")


def learn_mask(p: argparse.ArgumentParser) -> None:
    """What of the pictures is learned."""
    p.add_argument(
        "--learn-mask",
        action="append",
        default=[],
        metavar="MASK",
        help="learn only where this is white; repeated, one for each picture that is learned",
    )


def size(p: argparse.ArgumentParser) -> None:
    """How large results are."""
    group = p.add_mutually_exclusive_group()
    group.add_argument(
        "--size", type=values.dimensions, metavar="WxH", help="pixels of the result (default: the picture's)"
    )
    group.add_argument("--scale", type=values.factors, metavar="X,Y", help="times the picture's width and height")


def mask(p: argparse.ArgumentParser, what: str) -> None:
    """A picture that says where."""
    p.add_argument("--mask", required=True, metavar="MASK", help=f"a picture of the same size, {what}")


def strength(p: argparse.ArgumentParser, default: float | None, what: str) -> None:
    """How much of it."""
    p.add_argument("--strength", type=values.unit, default=default, metavar="0..1", help=f"{what} (default {default})")


def check_sources(args: argparse.Namespace) -> str | None:
    """A texture stands in the place of all pictures to learn from."""
    if args.texture is None:
        if args.picture is None:
            return "name a picture, or a texture of the library with --texture."
        if args.engine == "learned":
            return "the learned engine needs a texture that was learned: sinddm learn makes one, --texture names it."
        if args.command in _NEED_A_LOOK and not args.like:
            return "name the picture whose look to use with --like, or a texture of the library with --texture."
        return None
    if args.like or args.learn_mask or (args.picture is not None and _makes_its_own(args)):
        return "--texture stands in the place of the pictures to learn from: leave out those, or --texture."
    return None


def _makes_its_own(args: argparse.Namespace) -> bool:
    """Whether it works on no picture but on what was learned."""
    return args.command in _FROM_THEMSELVES or (args.command == "text" and args.mode not in _ON_A_PICTURE)
