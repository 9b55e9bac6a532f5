"""The arguments of every command. Only the standard library, so that --help answers at once."""

import argparse
from collections.abc import Callable
from typing import NoReturn

from sinddm.cli import options, values


class Parser(argparse.ArgumentParser):
    """An argparse parser that refuses in one sentence."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and one sentence on stderr."""
        message = " ".join(message.split())
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help).\n")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_) -> NoReturn:
        from sinddm import __version__

        print(f"sinddm {__version__}")
        parser.exit()


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
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version, and end")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _generate(commands)
    _tile(commands)
    _expand(commands)
    _fill(commands)
    _paint(commands)
    _style(commands)
    _harmonize(commands)
    _place(commands)
    _text(commands)
    _learn(commands)
    _textures(commands)
    _models(commands)
    _compare(commands)
    _doctor(commands)
    _app(commands)
    _backend(commands)
    return parser


# The commands


def _generate(commands) -> None:
    p = options.task(
        commands,
        "generate",
        "PICTURE",
        "Make variations of a picture, at any size.",
        _EXAMPLES["generate"],
        needed=False,
    )
    options.size(p)
    p.add_argument(
        "--closeness", type=values.unit, default=0.5, metavar="0..1", help="from free to close (default 0.5)"
    )
    p.add_argument(
        "--keep-layout",
        type=values.unit,
        default=0.0,
        metavar="0..1",
        help="how much things stay in place (default 0)",
    )


def _tile(commands) -> None:
    p = options.task(
        commands, "tile", "PICTURE", "Make a variation that repeats without a seam.", _EXAMPLES["tile"], needed=False
    )
    p.add_argument("--axis", choices=("x", "y", "xy"), default="xy", help="where it repeats (default xy)")
    options.size(p)


def _expand(commands) -> None:
    p = options.task(commands, "expand", "PICTURE", "Continue a picture beyond its borders.", _EXAMPLES["expand"])
    for side in ("left", "right", "top", "bottom"):
        p.add_argument(f"--{side}", type=values.extent, default=0, metavar="N", help=f"pixels to add at the {side}")
    p.set_defaults(check=_check_expand)


def _fill(commands) -> None:
    about = "Fill the masked part of a picture with its own texture, or with that of others (--like)."
    p = options.task(commands, "fill", "PICTURE", about, _EXAMPLES["fill"], like="learn from this picture instead")
    options.mask(p, "white where to fill")


def _paint(commands) -> None:
    about = "Render roughly painted shapes in the look of a picture."
    p = options.task(commands, "paint", "PAINTING", about, _EXAMPLES["paint"], like=_LOOK)
    options.strength(p, 0.5, "how much the painting changes")


def _style(commands) -> None:
    about = "Show one picture in the style of another."
    p = options.task(commands, "style", "CONTENT", about, _EXAMPLES["style"], like=_LOOK)
    options.strength(p, 0.5, "how much of the style")


def _harmonize(commands) -> None:
    about = "Make a pasted object belong to the picture it was pasted into."
    p = options.task(commands, "harmonize", "COMPOSITE", about, _EXAMPLES["harmonize"], like=_LOOK)
    options.mask(p, "white on the pasted object")
    options.strength(p, 0.6, "how much the object changes")


def _place(commands) -> None:
    about = "Make a variation with chosen regions of the picture at chosen places."
    p = options.task(commands, "place", "PICTURE", about, _EXAMPLES["place"], needed=False)
    p.add_argument(
        "--region",
        type=values.region,
        action="append",
        required=True,
        metavar="X,Y,W,H",
        help="a region of the picture; can be repeated, each with its --at",
    )
    p.add_argument(
        "--at",
        type=values.place_at,
        action="append",
        required=True,
        metavar="X,Y[,W,H]",
        help="where it comes to lie in the result, and how large if that changes",
    )
    options.size(p)
    p.set_defaults(check=_check_place)


def _text(commands) -> None:
    about = "Bend what is made towards words."
    p = options.task(commands, "text", "PICTURE", about, _EXAMPLES["text"], needed=False)
    p.add_argument(
        "--prompt",
        type=values.prompt,
        action="append",
        required=True,
        metavar="TEXT[:WEIGHT]",
        help="what it is to become, in a few words; can be repeated",
    )
    p.add_argument(
        "--avoid",
        type=values.prompt,
        action="append",
        default=[],
        metavar="TEXT[:WEIGHT]",
        help="what it is not to be; can be repeated",
    )
    p.add_argument(
        "--mode",
        choices=("content", "style", "restyle", "region"),
        default="content",
        help="new content in variations (default), variations in another look, PICTURE itself in another look, or its "
        "masked part",
    )
    p.add_argument("--mask", metavar="MASK", help="a picture of the same size, white where to change; for region")
    p.add_argument(
        "--strength", type=values.unit, metavar="0..1", help="how far towards the words (default 0.8 or 0.5)"
    )
    p.add_argument(
        "--share", type=values.unit, default=0.5, metavar="0..1", help="of a variation that may change (default 0.5)"
    )
    p.add_argument("--model", metavar="NAME", help="a model that sinddm models lists (default: the usual one)")
    options.size(p)
    p.set_defaults(check=_check_text)


def _learn(commands) -> None:
    about = "Train a small network on pictures, for freer results, and keep it as a texture with a name."
    p = options.command(commands, "learn", about, _EXAMPLES["learn"])
    p.add_argument("pictures", nargs="*", metavar="PICTURE", help="what to learn, all together; none with --resume")
    p.add_argument("--name", required=True, metavar="NAME", help="what the texture is called in the library")
    p.add_argument("--resume", action="store_true", help="go on learning a texture of the library")
    long = p.add_mutually_exclusive_group()
    long.add_argument("--seconds", type=values.seconds, metavar="S", help="how long (default 60; 0: no network)")
    long.add_argument("--steps", type=values.steps, metavar="N", help="how many steps instead")
    long.add_argument("--until-settled", action="store_true", help="until it no longer improves, for an hour at most")
    p.add_argument("--preset", choices=("fast", "paper"), help="fast (default), or paper: as SinDDM was published")
    p.add_argument("--finest", action="store_true", help="learn the finest scale as well, to harmonize by the network")
    p.add_argument("--preview", metavar="FILE", help="a picture file that shows, every few seconds, what is learned")
    options.learn_mask(p)
    p.add_argument("--seed", type=values.seed, default=0, metavar="S", help="the same seed learns in the same way")
    options.running(p)
    p.set_defaults(check=_check_learn)


def _textures(commands) -> None:
    p = options.command(commands, "textures", "The library of textures that were learned.", _EXAMPLES["textures"])
    actions = p.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, about: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=about, description=about, allow_abbrev=False)

    one = action("list", "List all textures.")
    one.add_argument("--json", action="store_true", help="print JSON instead of a table")
    one = action("show", "Say what a texture was learned from, and how.")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--json", action="store_true", help="print JSON instead of a table")
    one = action("rename", "Give a texture another name.")
    one.add_argument("name", metavar="NAME")
    one.add_argument("new", metavar="NEW", help="its new name")
    one = action("delete", "Remove a texture.")
    one.add_argument("name", metavar="NAME")
    one = action("export", "Copy a texture to a file, to give it away.")
    one.add_argument("name", metavar="NAME")
    one.add_argument("file", metavar="FILE", help="a .safetensors file, or a folder")
    one = action("import", "Copy a texture file into the library.")
    one.add_argument("file", metavar="FILE", help="a file that export made")
    one.add_argument("--name", metavar="NAME", help="what it is to be called (default: as the file)")


def _models(commands) -> None:
    p = options.command(commands, "models", "The models that connect words with pictures.", _EXAMPLES["models"])
    actions = p.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, about: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=about, description=about, allow_abbrev=False)

    one = action("list", "List the models that are there, and some that can be fetched.")
    one.add_argument("--json", action="store_true", help="print JSON instead of a table")
    one = action("get", "Fetch a model: says how large it is and where it comes from, and asks first.")
    one.add_argument("name", metavar="NAME", nargs="?", help="as open_clip calls it, ARCHITECTURE/TRAINING")
    one.add_argument("--yes", action="store_true", help="do not ask")
    one.add_argument("--quiet", action="store_true", help="no progress bar")
    one = action("add", "Add a model from a file of weights, or a folder as open_clip saves it.")
    one.add_argument("file", metavar="FILE")
    one.add_argument("--name", required=True, metavar="NAME", help="ARCHITECTURE/NAME, as ViT-B-32/mine")
    one = action("remove", "Remove a model.")
    one.add_argument("name", metavar="NAME")


def _compare(commands) -> None:
    p = options.command(
        commands, "compare", "Measure samples against the picture they were made from.", _EXAMPLES["compare"]
    )
    p.add_argument("reference", metavar="REFERENCE", help="the picture the samples were made from")
    p.add_argument("samples", metavar="SAMPLE", nargs="+", help="a picture to measure")
    p.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _doctor(commands) -> None:
    p = options.command(
        commands, "doctor", "Show versions, device and memory, and try the engine.", _EXAMPLES["doctor"]
    )
    how = p.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print JSON instead of a table")
    how.add_argument(
        "--report", action="store_true", help="a text to send when something fails, without private things"
    )
    p.add_argument("-o", "--out", metavar="FILE", help="write the report to a file instead of the screen")
    p.set_defaults(check=_check_doctor)


def _app(commands) -> None:
    about = "Make variations and more in a window of its own, with layers and a brush."
    p = options.command(commands, "app", about, _EXAMPLES["app"])
    p.add_argument(
        "pictures", nargs="*", metavar="PICTURE", help="what to open; further ones become layers above the first"
    )


def _backend(commands) -> None:
    p = options.command(
        commands, "serve", "Run the local backend that the plugins of Krita and GIMP use.", _EXAMPLES["serve"]
    )
    p.add_argument("--port", type=values.port, default=0, metavar="N", help="where to listen (default: any free port)")
    p.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="where to compute")
    p.add_argument("--idle", type=values.minutes, default=15, metavar="M", help="minutes without use until it ends")
    p.add_argument("--budget", type=values.gigabytes, default=4, metavar="GB", help="disk for jobs and their results")
    p = options.command(commands, "status", "Say whether the backend runs, and what it does.", _EXAMPLES["status"])
    p.add_argument("--json", action="store_true", help="print JSON instead")
    p = options.command(commands, "stop", "End the backend.", _EXAMPLES["stop"])
    p.add_argument("--now", action="store_true", help="also while it has jobs to do")
    p = commands.add_parser("panel")  # GIMP's plug-in starts it; without help it is not listed
    p.add_argument("--port", type=values.port, required=True, metavar="N", help="where GIMP's plug-in listens")
    commands.add_parser("display")  # the commands with windows start it
    p = commands.add_parser("worker")  # the backend starts it
    p.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")


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
    "text": 'sinddm text meadow.png --prompt "red flowers" -o flowers/ --count 4',
    "models": "sinddm models get",
    "learn": "sinddm learn meadow.png --name meadow && sinddm generate --texture meadow -o new.png",
    "textures": "sinddm textures list",
    "compare": "sinddm compare meadow.png variations/*.png",
    "doctor": "sinddm doctor --report -o report.txt",
    "app": "sinddm app meadow.png",
    "serve": "sinddm serve --idle 60",
    "status": "sinddm status",
    "stop": "sinddm stop --now",
}


def _check_learn(args: argparse.Namespace) -> str | None:
    if args.resume and (args.pictures or args.learn_mask or args.finest):
        return "--resume goes on with what the texture was begun with: leave out pictures, masks and --finest."
    if not args.resume and not args.pictures:
        return "name at least one picture to learn, or --resume."
    return None


def _check_doctor(args: argparse.Namespace) -> str | None:
    if args.out is not None and not args.report:
        return "--out says where the report goes: add --report."
    return None


def _check_expand(args: argparse.Namespace) -> str | None:
    if not (args.left or args.right or args.top or args.bottom):
        return "say how many pixels to add with --left, --right, --top or --bottom."
    return options.check_sources(args)


def _check_place(args: argparse.Namespace) -> str | None:
    if len(args.region) != len(args.at):
        regions, places = len(args.region), len(args.at)
        return f"give one --at for each --region; there are {regions} regions and {places} places."
    return options.check_sources(args)


def _check_text(args: argparse.Namespace) -> str | None:
    if (args.mode == "region") != (args.mask is not None):
        return "the mode region needs --mask, which says where, and no other mode does."
    if args.mode in ("restyle", "region") and args.picture is None:
        return f"the mode {args.mode} works on a picture: name it."
    if args.mode in ("restyle", "region") and (args.size or args.scale):
        return f"the mode {args.mode} keeps the picture's size: leave out --size and --scale."
    return options.check_sources(args)
