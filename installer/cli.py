"""The commands of the installer.

Exit codes: 0 done, 1 it could not be done (one sentence says why), 2 a command line that makes no sense, 130 stopped.
"""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from sinddm_installer import console, gimp, krita, ready_made, telling, window
from sinddm_installer.editors import found
from sinddm_installer.plan import Choices, look
from sinddm_installer.removing import uninstall
from sinddm_installer.work import install
from sinddm_plugin.client.version import VERSION
from sinddm_plugin.setup import Done, Event, Plan

from sinddm.errors import Cancelled, InputError

DONE, FAILED, STOPPED = 0, 1, 130
COMMANDS = {
    "look": "say what is here and what would be done",
    "install": "set SinDDM up and put the plugin into Krita and GIMP",
    "update": "put this version in the place of an older one",
    "repair": "check all that is installed, and put in again what is not as it was",
    "uninstall": "take SinDDM away; the textures stay",
}
EDITORS = {"krita": krita.main, "gimp": gimp.main}
YES_NO = ("yes", "y", "no", "n")
STOPPED_WORDS = "Stopped. What was fetched is kept: start this again to go on."
UNKNOWN = "Something went wrong in the installer ({}): start it again, and report it if it stays so."


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. words: without the program's name."""
    given = list(sys.argv[1:] if words is None else words)
    if given and given[0] in EDITORS:
        return EDITORS[given[0]](given[1:])
    try:
        asked = _parser().parse_args(given or ["window" if window.can_open() else "install"])
    except SystemExit as stop:
        return int(stop.code or 0)
    if asked.command == "window":
        return window.run()
    return _for_programs(asked) if asked.json else _for_people(asked)


def _for_programs(asked: argparse.Namespace) -> int:
    """A line of JSON for all that happens."""
    try:
        if asked.command == "look":
            telling.tell(look(_choices(asked)))
        else:
            telling.tell(_do(asked, telling.tell, telling.cancelled()))
    except InputError as error:
        telling.fail(str(error), _causes(error))
    except (Cancelled, KeyboardInterrupt):
        return STOPPED
    except Exception as error:
        telling.fail(UNKNOWN.format(type(error).__name__), traceback.format_exc())
    else:
        return DONE
    return FAILED


def _for_people(asked: argparse.Namespace) -> int:
    """Plain lines."""
    shown = console.Console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if asked.command == "uninstall":
            _agreed(asked, "Take SinDDM away?" + (" The textures as well?" if asked.textures else ""))
        else:
            plan = look(_choices(asked))
            console.show(plan)
            if asked.command == "look" or plan.problem:
                return FAILED if plan.problem else DONE
            if not asked.yes and asked.command == "install":
                _choose(asked, plan)
            _agreed(asked, "Go on?")
        shown.end(_do(asked, shown.tell, lambda: False).words)
    except (Cancelled, KeyboardInterrupt, EOFError):
        shown.end(STOPPED_WORDS)
        return STOPPED
    except InputError as error:
        shown.end("")
        print(error, file=sys.stderr)
        return FAILED
    return DONE


def _do(asked: argparse.Namespace, tell: Callable[[Event], object], cancelled: Callable[[], bool]) -> Done:
    """The work itself."""
    if asked.command == "uninstall":
        return uninstall(asked.textures, tell, cancelled)
    return install(_choices(asked), tell, cancelled)


def _choices(asked: argparse.Namespace) -> Choices:
    """What was chosen on the command line."""
    keys = asked.editors
    if keys is None and asked.command in ("update", "repair"):
        keys = [one.key for one in found() if one.has]
    return Choices(
        build=asked.build,
        wheels=asked.wheels.absolute() if asked.wheels else None,
        extras=tuple(asked.extras),
        editors=None if keys is None else tuple(keys),
        thorough=asked.command == "repair",
    )


def _choose(asked: argparse.Namespace, plan: Plan) -> None:
    """Let the user choose otherwise."""
    possible = [one.key for one in plan.builds if one.possible]
    if len(possible) > 1 and not asked.build:
        asked.build = console.ask(f"What is it to run on ({', '.join(possible)})?", plan.chosen, possible.__contains__)
    able = [one.key for one in plan.targets if not one.problem]
    if able and asked.editors is None:
        answer = console.ask(
            "Which editors get the plugin?", ",".join(able), lambda text: set(_keys(text)) <= set(able)
        )
        asked.editors = _keys(answer)
    if not asked.extras and not plan.text and (asked.build or plan.chosen) != ready_made.KEY:
        answer = console.ask(
            "Text as well, by which what is made follows your words (20 MB)?", "no", YES_NO.__contains__
        )
        asked.extras = ["text"] if answer.startswith("y") else []


def _agreed(asked: argparse.Namespace, question: str) -> None:
    """Raise Cancelled if the user does not want it."""
    if not asked.yes and console.ask(question, "yes", YES_NO.__contains__).startswith("n"):
        raise Cancelled


def _keys(text: str) -> list[str]:
    """Words with commas between them; none is none."""
    return [] if text == "none" else [word.strip() for word in text.split(",") if word.strip()]


def _causes(error: BaseException) -> str:
    """What a sentence leaves out."""
    cause = error.__cause__
    return "".join(traceback.format_exception(type(cause), cause, cause.__traceback__)) if cause else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sinddm_installer", description="Sets SinDDM up on this computer.")
    parser.add_argument("--version", action="version", version=f"SinDDM {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("window", help="choose in a window (also without any command)")
    for name, help in COMMANDS.items():
        one = commands.add_parser(name, help=help)
        one.add_argument("--json", action="store_true", help="for programs: a line of JSON for all that happens")
        one.add_argument("--yes", action="store_true", help="ask nothing")
        if name == "uninstall":
            one.add_argument("--textures", action="store_true", help="the textures as well")
            continue
        one.add_argument("--build", default="", help="what it is to run on: cuda, rocm, mps, cpu or bundle")
        one.add_argument("--wheels", type=Path, help="take all from this folder of wheels, and use no network")
        one.add_argument("--with", dest="extras", action="append", default=[], metavar="EXTRA", help="more than usual")
        one.add_argument("--editors", type=_keys, help="which get the plugin, with commas, or none (default: all)")
    for name in EDITORS:
        commands.add_parser(name, help=f"only the plugin for {name.title().replace('Gimp', 'GIMP')}", add_help=False)
    return parser
