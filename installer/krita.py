"""`python -m sinddm_installer krita`: build the archive that Krita imports, or put the plugin into the user's Krita."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from sinddm_installer import wheels
from sinddm_installer.fixed import write_zip
from sinddm_installer.folders import replace_folder, this_command, unwritable, write, write_record
from sinddm_installer.krita_archive import ARCHIVE, NAME, contents
from sinddm_installer.krita_places import Place, chosen
from sinddm_installer.kritarc import disabled, enabled
from sinddm_plugin.client.places import data_folder

from sinddm.errors import InputError

NOT_FOUND = (
    "No Krita was found: start Krita once, or give its folder with --resources "
    "(in Krita: Settings > Manage Resources > Open Resource Folder)."
)


def main(words: list[str] | None = None) -> int:
    """The command. Returns its exit code."""
    asked = _parser().parse_args(words)
    try:
        if asked.command == "build":
            wheel = wheels.own(None, data_folder())
            write_zip(asked.output.absolute(), contents(wheel))
            print(asked.output)
            return 0
        found = chosen(asked.resources)
        if not found:
            raise InputError(NOT_FOUND)
        for place in found:
            if asked.command == "install":
                put_in(place, wheels.own(None, data_folder()))
                write_record(place.data, this_command())
                print(f"SinDDM is in Krita ({place.resources}). Start Krita anew: Settings > Dockers > SinDDM.")
            else:
                remove(place)
                print(f"SinDDM is no longer in Krita ({place.resources}). Start Krita anew.")
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def put_in(place: Place, wheel: Path) -> None:
    """Put the plugin in, or in the place of an older one, and switch it on. wheel: SinDDM's own. Raises InputError."""
    files = contents(wheel)
    try:
        plugins, actions = place.resources / "pykrita", place.resources / "actions"
        plugins.mkdir(parents=True, exist_ok=True)
        actions.mkdir(exist_ok=True)
        replace_folder(plugins / NAME, {name[len(NAME) + 1 :]: data for name, data in files.items() if _inside(name)})
    except OSError as error:
        raise unwritable(place.resources, error) from error
    write(actions / f"{NAME}.action", files[f"{NAME}.action"])
    write(plugins / f"{NAME}.desktop", files[f"{NAME}.desktop"])  # by which Krita finds it: when the rest is there
    _edit(place.settings, enabled)


def remove(place: Place) -> None:
    """Take the plugin out. Textures stay. Raises InputError."""
    try:
        for path in (place.resources / "pykrita" / f"{NAME}.desktop", place.resources / "actions" / f"{NAME}.action"):
            path.unlink(missing_ok=True)
        if (folder := place.resources / "pykrita" / NAME).is_dir():
            shutil.rmtree(folder)
    except OSError as error:
        raise unwritable(place.resources, error) from error
    if place.settings.is_file():
        _edit(place.settings, disabled)


def _inside(name: str) -> bool:
    """Whether it is a file of the plugin's folder."""
    return name.startswith(f"{NAME}/") and not name.endswith("/")


def _edit(path: Path, change) -> None:
    """Change Krita's settings; the file keeps who may read it."""
    path = path.resolve()  # it may be a link into the artist's own collection of settings
    try:
        text = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise unwritable(path, error) from error
    changed = change(text, NAME)
    if changed != text:
        write(path, changed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sinddm_installer krita", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="write the archive that Krita imports")
    build.add_argument("-o", "--output", type=Path, default=Path(ARCHIVE), help=f"its file (default: {ARCHIVE})")
    for name, help in (("install", "put the plugin into your Krita"), ("remove", "take it out again")):
        one = commands.add_parser(name, help=help)
        one.add_argument("--resources", type=Path, help="Krita's resources folder (default: every Krita that has run)")
    return parser
