"""What would be done on this computer, before anything is."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sinddm_installer import builds, editors, ready_made, wheels
from sinddm_installer.environment import NAME, program
from sinddm_installer.folders import read_record
from sinddm_installer.probe import probe
from sinddm_plugin.client.commands import PROGRAM
from sinddm_plugin.client.places import data_folder
from sinddm_plugin.client.version import VERSION
from sinddm_plugin.setup import Build, Plan, Target
from sinddm_plugin.setup.pythons import Python, best, missing

from sinddm.errors import InputError

TEXT = "text"
"""The extra that bends pictures towards words: about 20 MB more to fetch, and 60 on the disk."""
WHEELS = "SINDDM_WHEELS"
"""The variable of a folder of wheels, for where no option can be given."""
NO_TORCH = "{} has no torch for a Python of this computer: add its wheel, or install without this folder."


@dataclass(frozen=True)
class Choices:
    """What the artist has chosen; what is empty is as the last time, or what suits this computer."""

    build: str = ""
    wheels: Path | None = None
    """A folder of wheels, instead of the network."""
    extras: tuple[str, ...] = ()
    """More than what every SinDDM has."""
    editors: tuple[str, ...] | None = None
    """The keys of those that get the plugin; None for all that can."""
    thorough: bool = False
    """Whether every file that is there is checked."""


def look(choices: Choices) -> Plan:
    """What would be done. It tells every obstacle and raises nothing."""
    data, folder = data_folder(), wheels_folder(choices)
    record = read_record(data)
    there = installed(data)
    found = _builds(folder, data, str(record.get("torch", "")) if there else "")
    known = [one.key for one in found if one.possible]
    wanted = [choices.build, str(record.get("torch", "")), *known]
    chosen = choices.build or next((one for one in wanted if one in known), "")
    return Plan(
        version=VERSION,
        installed=there,
        folder=str(data),
        free=free(data),
        builds=tuple(found),
        chosen=chosen,
        targets=tuple(Target(one.key, one.name, one.has, one.problem, one.note) for one in editors.found()),
        source=str(folder or ""),
        problem=_problem(chosen, found, folder, data),
        text=bool(there) and TEXT in extras_of(record),
    )


def extras_of(record: dict[str, Any]) -> list[str]:
    """What the installation that was written down has beyond what every SinDDM has."""
    found = record.get("extras")
    return found if isinstance(found, list) else []


def wheels_folder(choices: Choices) -> Path | None:
    """Where wheels are taken from instead of the network."""
    named = os.environ.get(WHEELS, "").strip()
    return choices.wheels or (Path(named) if named else None)


def base_python(folder: Path | None) -> Python | None:
    """Of which Python the environment is made; None if there is none. folder: of wheels, which it has to suit."""
    own = [] if getattr(sys, "frozen", False) else [Path(getattr(sys, "_base_executable", "") or sys.executable)]
    return best(own, lambda one: folder is None or _torch_in(folder, one) is not None)


def free(folder: Path) -> int:
    """Bytes that there are for a folder that may not be there yet."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def installed(data: Path) -> str:
    """The version of what is there; empty if nothing is."""
    programs = (program(data / NAME), data / ready_made.NAME / PROGRAM)
    if not any(one.is_file() for one in programs):
        return ""
    return str(read_record(data).get("version") or "unknown")


def _builds(folder: Path | None, data: Path, current: str) -> list[Build]:
    """What can be chosen. current: the key of what is there, of which little is new."""
    found = []
    if folder is not None:
        python = base_python(folder)
        torch = _torch_in(folder, python) if python else None
        if torch is not None:
            key = builds.kind_of(torch.name.split("-")[1])
            bytes = sum(one.stat().st_size for one in folder.glob("*.whl"))
            found = [
                Build(key, builds.NAMES[key], f"From the wheels in {folder}.", True, 0, bytes * ready_made.UNPACKED)
            ]
    else:
        found = builds.builds(probe())
    archive = ready_made.archive()
    if archive is not None:
        if base_python(folder) is None:
            found = []  # all others are for computers with Python
        found.append(ready_made.build(archive))
    return [_with_little_new(one) if one.key == current else one for one in found]


def _with_little_new(build: Build) -> Build:
    return Build(build.key, build.name, build.why, build.possible, 0, 0)


def _problem(chosen: str, found: list[Build], folder: Path | None, data: Path) -> str:
    """What stands against it, and what to do; empty if nothing does."""
    build = next((one for one in found if one.key == chosen), None)
    if folder is not None and not folder.is_dir():
        return f"The folder of wheels {folder} is not there: give another one, or install without it."
    if build is None or not build.possible:
        return _impossible(chosen, found, folder) if build is None else build.why
    if build.key == ready_made.KEY:
        return ""
    if base_python(folder) is None:
        return missing()
    try:
        wheels.own(folder, data)
    except InputError as error:
        return str(error)
    return ""


def _impossible(chosen: str, found: list[Build], folder: Path | None) -> str:
    """Why there is no such build."""
    if chosen and found:
        return f"There is no such choice as {chosen}: choose one of {', '.join(one.key for one in found)}."
    return NO_TORCH.format(folder) if folder is not None else next((one.why for one in found), missing())


def _torch_in(folder: Path, python: Python) -> Path | None:
    """The newest torch of a folder that suits a Python."""
    tag = f"-cp{python.version[0]}{python.version[1]}-"
    found = [one for one in folder.glob("torch-*.whl") if tag in one.name]
    return max(found, key=lambda one: [int(part) for part in re.findall(r"\d+", one.name)], default=None)
