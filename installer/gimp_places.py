"""Where a user's GIMP 3 looks for plug-ins."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

from sinddm_plugin.client.places import data_folder

APP = "org.gimp.GIMP"  # in Flatpak
VERSIONS = ("3.0", "3.2")


class Place(NamedTuple):
    """One GIMP of this user."""

    plug_ins: Path
    """The folder of plug-ins."""
    data: Path
    """Where the plug-in, run by this GIMP, looks for the backend's command."""
    app: str = ""
    """What Flatpak calls this GIMP; empty where it is none of Flatpak's."""


def places(system: str = sys.platform) -> list[Place]:
    """Where GIMP may be; that of the environment first."""
    home, data = Path.home(), data_folder(system)
    found = []
    if own := os.environ.get("GIMP3_DIRECTORY"):
        found.append(Place(Path(own) / "plug-ins", data))
    if system == "win32":
        folders = [(Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming") / "GIMP", data, "")]
    elif system == "darwin":
        folders = [(home / "Library" / "Application Support" / "GIMP", data, "")]
    else:
        wanted = os.environ.get("XDG_CONFIG_HOME", "")
        config = Path(wanted) if wanted.startswith("/") else home / ".config"
        boxed = home / ".var/app" / APP
        folders = [(config / "GIMP", data, ""), (boxed / "config" / "GIMP", boxed / "data" / "sinddm", APP)]
    known = [Place(folder / version / "plug-ins", of, app) for folder, of, app in folders for version in VERSIONS]
    return [*found, *known]


def chosen(plug_ins: Path | None) -> list[Place]:
    """Every GIMP 3 that has run, or the one of a folder that was given, which need not be there yet."""
    known = places()
    if plug_ins is None:
        return [place for place in known if place.plug_ins.parent.is_dir()]
    wanted = plug_ins.absolute()
    same = [place for place in known if place.plug_ins == wanted]
    return same or [known[0]._replace(plug_ins=wanted)]
