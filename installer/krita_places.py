"""Where a user's Krita keeps its plugins and its settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

from sinddm_plugin.client.places import data_folder

APP = "org.kde.krita"  # in Flatpak


class Place(NamedTuple):
    """One Krita of this user."""

    resources: Path
    """The folder of pykrita/ and actions/."""
    settings: Path
    """kritarc."""
    data: Path
    """Where the plugin, run by this Krita, looks for the backend's command."""
    app: str = ""
    """What Flatpak calls this Krita; empty where it is none of Flatpak's."""


def places(system: str = sys.platform) -> list[Place]:
    """Where Krita may be; its own first."""
    home = Path.home()
    if system == "win32":
        roaming = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
        local = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
        return [Place(roaming / "krita", local / "kritarc", data_folder(system))]
    if system == "darwin":
        library = home / "Library"
        return [Place(library / "Application Support/krita", library / "Preferences/kritarc", data_folder(system))]
    own = Place(
        _xdg("XDG_DATA_HOME", home / ".local/share") / "krita",
        _xdg("XDG_CONFIG_HOME", home / ".config") / "kritarc",
        data_folder(system),
    )
    boxed = home / ".var/app" / APP
    return [own, Place(boxed / "data/krita", boxed / "config/kritarc", boxed / "data/sinddm", APP)]


def chosen(resources: Path | None) -> list[Place]:
    """Every Krita that has run, or the one of a folder that was given, which need not be there yet."""
    known = places()
    if resources is None:
        return [place for place in known if place.resources.is_dir()]
    wanted = resources.absolute()
    same = [place for place in known if place.resources == wanted]
    return same or [known[0]._replace(resources=wanted)]


def _xdg(variable: str, usual: Path) -> Path:
    """A folder as the environment says it; what is not absolute does not count."""
    wanted = os.environ.get(variable, "")
    return Path(wanted) if wanted.startswith("/") else usual
