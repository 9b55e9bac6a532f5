"""Installing, updating and repairing, which are one thing: what is there is brought to what should be."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from sinddm_installer import editors, environment, ready_made, wheels
from sinddm_installer.course import Course
from sinddm_installer.folders import read_record, write_record
from sinddm_installer.lock import alone
from sinddm_installer.making import DOWNLOADS, Making, unpack
from sinddm_installer.plan import Choices, extras_of, look, wheels_folder
from sinddm_installer.swap import clear
from sinddm_plugin.client.places import data_folder
from sinddm_plugin.client.version import VERSION
from sinddm_plugin.setup import Done, Event

from sinddm.errors import InputError

GPU = {"cuda": "the graphics card", "rocm": "the graphics card", "mps": "the graphics processor"}


def install(choices: Choices, tell: Callable[[Event], object], cancelled: Callable[[], bool] = lambda: False) -> Done:
    """Install, update or repair. tell: gets the plan and every step. cancelled: asked several times a second. Raises
    InputError and Cancelled; what was there before is still there then."""
    data, folder = data_folder(), wheels_folder(choices)
    with alone(data):
        for name in (environment.NAME, ready_made.NAME):
            clear(data / name)
        plan = look(choices)
        tell(plan)
        if plan.problem:
            raise InputError(plan.problem)
        wanted, own, extras = _wanted(choices), wheels.own(folder, data), _extras(choices, data)
        archive = ready_made.archive() if plan.chosen == ready_made.KEY else None
        if archive is not None and choices.extras:
            raise InputError(
                f"The ready-made SinDDM comes without {choices.extras[0]}: choose what it runs on instead."
            )
        again = read_record(data).get("torch") == plan.chosen and (data / environment.NAME).exists()
        thorough = choices.thorough or (again and not plan.installed)  # else something is missing
        if archive is not None:
            course = Course(2 + len(wanted), tell, cancelled)
            made = unpack(archive, data, course)
        else:
            course = Course(5 + thorough + len(wanted), tell, cancelled)
            build = plan.build()
            disk = build.disk if build else 0
            made = Making(data, plan.chosen, own, extras, folder, again, thorough, disk, course).run()
        wheels.keep(own, data)
        for editor in wanted:
            course.begin(f"Putting the plugin into {editor.name}")
            editors.put_in(editor, made.command, data / own.name)
        having = [one.key for one in editors.found() if one.has]
        write_record(data, made.command, version=VERSION, torch=plan.chosen, extras=list(extras), editors=having)
        shutil.rmtree(data / DOWNLOADS, ignore_errors=True)
        return Done(_told(plan.chosen, made.on, [one.name for one in wanted]))


def _wanted(choices: Choices) -> list[editors.Editor]:
    """The editors that get the plugin. Raises InputError."""
    known = {one.key: one for one in editors.found()}
    if choices.editors is None:
        return [one for one in known.values() if not one.problem]
    for key in choices.editors:
        if key not in known:
            raise InputError(f"There is no {key} here: choose of {', '.join(known) or 'none, as none was found'}.")
        if known[key].problem:
            raise InputError(f"{known[key].name}: {known[key].problem}")
    return [known[key] for key in choices.editors]


def _extras(choices: Choices, data: Path) -> tuple[str, ...]:
    """What was wanted once stays."""
    return tuple(dict.fromkeys([*extras_of(read_record(data)), *choices.extras]))


def _told(build: str, on: str, names: list[str]) -> str:
    """What is said at the end. names: of the editors that have got the plugin."""
    wanted = GPU.get(build)
    then = f" Start {' and '.join(names)} anew to find it there." if names else ""
    if wanted and on == "the processor":
        return f"SinDDM is ready, but it runs on the processor: torch does not find {wanted}; see to its driver.{then}"
    return f"SinDDM is ready and runs on {on}.{then}"
