"""Installing, updating and repairing, which are one thing: what is there is brought to what should be; and taking it
all away."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sinddm_installer import builds, editors, environment, packages, ready_made, wheels
from sinddm_installer.course import POLL, Course
from sinddm_installer.environment import opened, tell_scripts
from sinddm_installer.folders import RECORD, read_record, write_record
from sinddm_installer.lock import FILE, alone
from sinddm_installer.network import Downloads
from sinddm_installer.packages import Source, Wheel
from sinddm_installer.plan import Choices, base_python, free, look, wheels_folder
from sinddm_installer.swap import beside, clear, put_in_place
from sinddm_installer.trial import try_out
from sinddm_plugin.client import ClientError, Refused
from sinddm_plugin.client.commands import PROGRAM
from sinddm_plugin.client.connection import ask
from sinddm_plugin.client.places import data_folder, state_folder
from sinddm_plugin.client.starting import living
from sinddm_plugin.client.version import VERSION
from sinddm_plugin.setup import Done, Event, Plan
from sinddm_plugin.setup.events import size
from sinddm_plugin.setup.pythons import missing

from sinddm.errors import InputError

DOWNLOADS = "downloads"
TEXTURES = "textures"
MARGIN = 300_000_000  # bytes of the disk that are left to others
ENDS_WITHIN = 15.0  # seconds that a backend takes to end
NO_ROOM = (
    "There is not enough room in {}: {} are free and {} are needed; make room, or set SINDDM_DATA to a folder on "
    "another disk."
)
GPU = {"cuda": "the graphics card", "rocm": "the graphics card", "mps": "the graphics processor"}


def install(choices: Choices, tell: Callable[[Event], object], cancelled: Callable[[], bool] = lambda: False) -> Done:
    """Install, update or repair. tell: gets the plan and every step. cancelled: asked several times a second. Raises
    InputError and Cancelled; what was there before is still there then."""
    data = data_folder()
    with alone(data):
        plan = look(choices)
        tell(plan)
        if plan.problem:
            raise InputError(plan.problem)
        wanted = _wanted(choices, plan)
        folder = wheels_folder(choices)
        own = wheels.own(folder, data)
        ready = ready_made.archive() if plan.chosen == ready_made.KEY else None
        course = Course((3 if ready else 5) + choices.thorough + len(wanted), tell, cancelled)
        for name in (environment.NAME, ready_made.NAME):
            clear(data / name)
        if ready:
            command, on = _unpack(ready, data, course)
        else:
            command, on = _make(choices, plan, own, folder, data, course)
        wheels.keep(own, data)
        for editor in wanted:
            course.begin(f"Putting the plugin into {editor.name}")
            editors.put_in(editor, command, data / own.name)
        write_record(
            data,
            command,
            version=VERSION,
            torch=plan.chosen,
            extras=list(_extras(choices, data)),
            editors=[one.key for one in editors.found() if one.has],
        )
        shutil.rmtree(data / DOWNLOADS, ignore_errors=True)
        return Done(_told(plan.chosen, on, [one.name for one in wanted]))


def uninstall(textures: bool, tell: Callable[[Event], object], cancelled: Callable[[], bool] = lambda: False) -> Done:
    """Take everything away but the textures, or these as well. Raises InputError and Cancelled."""
    data, state = data_folder(), state_folder()
    having = [editor for editor in editors.found() if editor.has]
    with alone(data):
        course = Course(1 + len(having), tell, cancelled)
        for editor in having:
            course.begin(f"Taking the plugin out of {editor.name}")
            editors.take_out(editor)
        course.begin("Taking SinDDM away")
        _end_backend(course)
        for path in (data / RECORD, *data.glob("sinddm-*.whl"), *data.glob(".sinddm-*.part")):
            path.unlink(missing_ok=True)
        kept = set() if textures else {TEXTURES}
        for name in (DOWNLOADS, *([TEXTURES] if textures else [])):
            shutil.rmtree(data / name, ignore_errors=True)
        for name in (environment.NAME, ready_made.NAME):
            clear(data / name)
            _remove(data / name)
        _remove(state)
        (data / FILE).unlink(missing_ok=True)
    with suppress(OSError):  # something else is in it
        data.rmdir()
    left = data / TEXTURES
    return Done(f"SinDDM is gone. Your textures are still in {left}." if kept and left.is_dir() else "SinDDM is gone.")


def _make(
    choices: Choices, plan: Plan, own: Path, folder: Path | None, data: Path, course: Course
) -> tuple[list[str], str]:
    """An environment with all that is needed, in its place. Returns SinDDM's command and what it ran on."""
    current = data / environment.NAME
    source = Source(folder, "" if folder else builds.index(plan.chosen))
    course.begin("Making the engine's environment")
    python = base_python(folder)
    if python is None:
        raise InputError(missing())
    same, build = plan.installed and read_record(data).get("torch") == plan.chosen, plan.build()
    made = beside(current)
    try:
        like = opened(current) if same else None
        suits = like is not None and (folder is None or like.minor == python.version[1])
        fresh = environment.begun(made, python.path, course, like if suits else None)
        if choices.thorough:
            course.begin("Checking what is there")
            environment.discard(fresh, environment.broken(fresh, course))
        downloads = Downloads(data / DOWNLOADS, course, fresh.packages / "pip/_vendor/certifi/cacert.pem")
        packages.provide_pip(fresh, source, downloads, course)
        course.begin("Finding out what is needed")
        needed = packages.resolve(fresh, own, _extras(choices, data), source, course)
        files = _fetch(needed, downloads, build.disk if build and not same else 0, data, course)
        course.begin("Installing")
        packages.install(fresh, files, course)
        tell_scripts(made, current)
        return _use(made, current, [str(environment.program(current))], course)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _fetch(needed: list[Wheel], downloads: Downloads, disk: int, data: Path, course: Course) -> list[Path]:
    """Have all files here. disk: bytes that they will take, about; 0 where nobody knows."""
    away = [one for one in needed if one.path is None]
    course.begin("Fetching what is needed" if away else "Everything is here")
    bytes = dict(zip(away, downloads.sizes([one.url for one in away]), strict=True))
    total, done = sum(bytes.values()), 0
    if away:
        course.say(f"Fetching {len(away)} files, {size(total)}")
        left = total - sum(min(downloads.have(one.file), bytes[one]) for one in away)
        _check_room(data, left + (disk or left * ready_made.UNPACKED))
    files = []
    for one in needed:
        path = one.path
        if path is None:
            path = downloads.fetch(one.url, one.file, one.sha256, done, total)
            done += bytes[one]
        files.append(path)
    _check_room(data, packages.unpacked(files))
    return files


def _unpack(archive: Path, data: Path, course: Course) -> tuple[list[str], str]:
    """The ready-made backend, in its place. Returns SinDDM's command and what it ran on."""
    current = data / ready_made.NAME
    made = beside(current)
    course.begin("Unpacking")
    _check_room(data, archive.stat().st_size * ready_made.UNPACKED)
    try:
        ready_made.unpack(archive, made, course)
        return _use(made, current, [str(current / PROGRAM)], course)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _use(made: Path, current: Path, command: list[str], course: Course) -> tuple[list[str], str]:
    """Put it in place, if it works there."""
    course.begin("Trying it out")
    _end_backend(course)
    settle = put_in_place(made, current)
    try:
        on = try_out(command, course)
    except BaseException:
        settle(False)
        raise
    settle(True)
    return command, on


def _end_backend(course: Course) -> None:
    """Have none run that uses what is to be changed; what it works on is waited for."""
    found = living()
    until = time.monotonic() + ENDS_WITHIN
    while found is not None:
        try:
            ask(found.address, "POST", "/stop", {"only_idle": True})
        except Refused:
            course.say("Waiting for SinDDM to end its jobs")
            until = time.monotonic() + ENDS_WITHIN
        except ClientError:
            pass
        if time.monotonic() > until:
            raise InputError("SinDDM runs and does not end: restart the computer, then start this again.")
        time.sleep(POLL)
        course.check()
        found = living()


def _wanted(choices: Choices, plan: Plan) -> list[editors.Editor]:
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
    before = read_record(data).get("extras")
    return tuple(dict.fromkeys([*(before if isinstance(before, list) else []), *choices.extras]))


def _check_room(data: Path, needed: int) -> None:
    """Raise InputError if the disk has no room for so many bytes."""
    there = free(data)
    if there < needed + MARGIN:
        raise InputError(NO_ROOM.format(data, size(there), size(needed + MARGIN)))


def _remove(folder: Path) -> None:
    """Raises InputError."""
    if not folder.exists():
        return
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise InputError(f"{folder} could not be removed ({error.strerror}): close SinDDM, then try again.") from error


def _told(build: str, on: str, names: list[str]) -> str:
    """What is said at the end. names: of the editors that have got the plugin."""
    wanted = GPU.get(build)
    then = f" Start {' and '.join(names)} anew to find it there." if names else ""
    if wanted and on == "the processor":
        return f"SinDDM is ready, but it runs on the processor: torch does not find {wanted}; see to its driver.{then}"
    return f"SinDDM is ready and runs on {on}.{then}"
