"""`python -m sinddm_installer gimp`: put the plug-in into the user's GIMP 3, or take it out."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from sinddm_installer import wheels
from sinddm_installer.folders import package_files, replace_folder, this_command, unwritable, write_record
from sinddm_installer.gimp_places import Place, chosen
from sinddm_plugin.client.places import data_folder

from sinddm.errors import InputError

NAME = "sinddm"  # GIMP wants the folder and the script in it to have one name
NOT_FOUND = (
    "No GIMP 3 was found: start GIMP once, or give its folder with --plug-ins "
    "(in GIMP: Edit > Preferences > Folders > Plug-ins)."
)
SCRIPT = '''#!/usr/bin/env python3
"""SinDDM in GIMP. Its packages lie beside this file, so that they come and go with it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "packages"))

from sinddm_plugin.gimp.plugin import main  # noqa: E402

main()
'''
UI = ("__init__.py", "host.py", "tasks", "distant/__init__.py", "distant/values.py", "distant/wire.py")
"""What the plug-in needs of ui/: nothing that has to do with Qt."""


def main(words: list[str] | None = None) -> int:
    """The command. Returns its exit code."""
    asked = _parser().parse_args(words)
    try:
        found = chosen(asked.plug_ins)
        if not found:
            raise InputError(NOT_FOUND)
        for place in found:
            if asked.command == "install":
                put_in(place, wheels.own(None, data_folder()))
                write_record(place.data, this_command())
                print(f"SinDDM is in GIMP ({place.plug_ins}). Start GIMP anew: right click on a layer > SinDDM.")
            else:
                remove(place)
                print(f"SinDDM is no longer in GIMP ({place.plug_ins}). Start GIMP anew.")
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def put_in(place: Place, wheel: Path) -> None:
    """Put the plug-in in, or in the place of an older one. wheel: SinDDM's own. Raises InputError."""
    try:
        place.plug_ins.mkdir(parents=True, exist_ok=True)
        replace_folder(place.plug_ins / NAME, contents(wheel))
    except OSError as error:
        raise unwritable(place.plug_ins, error) from error


def remove(place: Place) -> None:
    """Take the plug-in out. Textures stay. Raises InputError."""
    try:
        if (folder := place.plug_ins / NAME).is_dir():
            shutil.rmtree(folder)
    except OSError as error:
        raise unwritable(place.plug_ins, error) from error


def contents(wheel: Path) -> dict[str, bytes]:
    """The files of the plug-in's folder. wheel: SinDDM's own, from which the plug-in can set it up."""
    found = {f"{NAME}.py": SCRIPT.encode(), f"packages/{wheel.name}": wheel.read_bytes()}
    for name, data in package_files("sinddm_plugin", {"krita"}):
        found[f"packages/sinddm_plugin/{name}"] = data
    for name, data in package_files("sinddm_ui", set()):
        if any(name == one or name.startswith(f"{one}/") for one in UI):
            found[f"packages/sinddm_ui/{name}"] = data
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sinddm_installer gimp", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help in (("install", "put the plug-in into your GIMP"), ("remove", "take it out again")):
        one = commands.add_parser(name, help=help)
        one.add_argument(
            "--plug-ins", type=Path, help="a folder of plug-ins (default: that of every GIMP 3 that has run)"
        )
    return parser
