"""The editors of this user, wherever they came from, and the plugin in them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sinddm_installer import flatpak, gimp, gimp_places, krita, krita_places
from sinddm_installer.folders import RECORD, read_record, write_record

FOLDERS = ("Applications", "Downloads", "Desktop", "bin", ".local/bin", "")
"""Of the user's, where AppImages are kept."""
PROGRAMS = {
    "krita": ("krita",),
    "gimp": ("gimp-3.0", "gimp-3.2", "gimp-3", "gimp"),
}
WINDOWS = {"krita": "Krita (x64)/bin/krita.exe", "gimp": "GIMP 3/bin/gimp-3.exe"}
MACS = {"krita": "krita.app", "gimp": "GIMP.app"}
BOXED = "It is in a sandbox of Flatpak's: it is allowed to start SinDDM outside of it, and to talk to it."
TOO_OLD = "This is GIMP 2, which is too old: get GIMP 3, start it once, then look again."
START_FIRST = "Start GIMP 3 once, so that it makes its folders, then look again."


class Editor(NamedTuple):
    """A Krita or a GIMP, with a user's own folders."""

    key: str
    name: str
    place: krita_places.Place | gimp_places.Place
    problem: str = ""
    """Why the plugin cannot be put in yet, and what to do."""

    @property
    def state(self) -> Path:
        """Where what this editor starts keeps its state, where it is in a sandbox."""
        return self.place.data.parents[1] / ".local/state/sinddm"

    @property
    def note(self) -> str:
        """What else is done for it; empty if nothing."""
        return BOXED if self.place.app else ""

    @property
    def has(self) -> bool:
        """Whether the plugin is in it."""
        if isinstance(self.place, krita_places.Place):
            return (self.place.resources / "pykrita" / krita.NAME).is_dir()
        return (self.place.plug_ins / gimp.NAME).is_dir()


def found(system: str = sys.platform) -> list[Editor]:
    """All that there are."""
    return [*_kritas(system), *_gimps(system)]


def put_in(editor: Editor, command: list[str], wheel: Path) -> None:
    """Put the plugin in, or in the place of an older one. command: which starts SinDDM. wheel: SinDDM's own. Raises
    InputError."""
    place = editor.place
    if place.app:
        allowed = flatpak.allow(place.app, editor.name)
        before = read_record(place.data).get("allowed", [])
        write_record(place.data, flatpak.write_program(place.data, command), allowed=[*before, *allowed])
    if isinstance(place, krita_places.Place):
        krita.put_in(place, wheel)
    else:
        gimp.put_in(place, wheel)


def take_out(editor: Editor) -> None:
    """Take the plugin out, with what was written and allowed for it. Raises InputError."""
    place = editor.place
    if isinstance(place, krita_places.Place):
        krita.remove(place)
    else:
        gimp.remove(place)
    if place.app:
        allowed = read_record(place.data).get("allowed")
        flatpak.forbid(place.app, allowed if isinstance(allowed, list) else [])
        for name in (RECORD, flatpak.PROGRAM):
            (place.data / name).unlink(missing_ok=True)
        shutil.rmtree(editor.state, ignore_errors=True)


def _kritas(system: str) -> Iterator[Editor]:
    own, *boxed = krita_places.places(system)
    kind = _program("krita", system)
    if own.resources.is_dir() or kind is not None:
        yield Editor("krita", f"Krita{kind or ''}", own)
    for place in boxed:
        if place.resources.is_dir() or flatpak.is_there(place.app):
            yield Editor("krita-flatpak", "Krita (Flatpak)", place)


def _gimps(system: str) -> Iterator[Editor]:
    """GIMP makes its folders itself, and takes over an older version's settings only where there are none yet."""
    known = gimp_places.places(system)
    used = [place for place in known if place.plug_ins.parent.is_dir()]
    for place in used:
        version = place.plug_ins.parent.name
        name = f"GIMP {version}" if version in gimp_places.VERSIONS else "GIMP"
        yield (
            Editor(f"gimp-{version}-flatpak", f"{name} (Flatpak)", place)
            if place.app
            else Editor(f"gimp-{version}", name, place)
        )
    if not any(place.app == "" for place in used) and (kind := _program("gimp", system)) is not None:
        old = shutil.which("gimp") and not any(shutil.which(name) for name in PROGRAMS["gimp"][:-1]) and _is_two()
        yield Editor("gimp", f"GIMP{kind}", known[0], TOO_OLD if old else START_FIRST)
    if not any(place.app for place in used) and flatpak.is_there(gimp_places.APP):
        yield Editor("gimp-flatpak", "GIMP (Flatpak)", known[-1], START_FIRST)


def _is_two() -> bool:
    """Whether the program of that name is GIMP 2."""
    try:
        done = subprocess.run(["gimp", "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return " 2." in done.stdout


def _program(editor: str, system: str) -> str | None:
    """What kind of program there is, as a word for its name; None if there is none."""
    if any(shutil.which(name) for name in PROGRAMS[editor]):
        return ""
    home = Path.home()
    if system == "win32":
        bases = (Path("C:/Program Files"), home / "AppData/Local/Programs")
        return "" if any((base / WINDOWS[editor]).is_file() for base in bases) else None
    if system == "darwin":
        bases = (Path("/Applications"), home / "Applications")
        return "" if any((base / MACS[editor]).is_dir() for base in bases) else None
    for folder in FOLDERS:
        if any((home / folder).glob(f"[{editor[0]}{editor[0].upper()}]{editor[1:]}*.[aA]pp[iI]mage")):
            return " (AppImage)"
    return None
