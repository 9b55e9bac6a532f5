"""The backend in its place: as an environment that is made here, or as the folder that came ready-made."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sinddm_installer import builds, editors, environment, packages, ready_made
from sinddm_installer.course import POLL, Course
from sinddm_installer.network import Downloads
from sinddm_installer.packages import Source, Wheel
from sinddm_installer.plan import base_python, free
from sinddm_installer.swap import beside, put_in_place
from sinddm_installer.trial import try_out
from sinddm_plugin.client import ClientError, Refused
from sinddm_plugin.client.commands import PROGRAM
from sinddm_plugin.client.connection import ask
from sinddm_plugin.client.places import read_address, state_folder
from sinddm_plugin.setup.events import size
from sinddm_plugin.setup.pythons import missing

from sinddm.errors import InputError

DOWNLOADS = "downloads"
MARGIN = 300_000_000  # bytes of the disk that are left to others
ENDS_WITHIN = 15.0  # seconds that a backend takes to end
BUSY = 409  # HTTP's answer of a backend that has jobs
NO_ROOM = (
    "There is not enough room in {}: {} are free and {} are needed; make room, or set SINDDM_DATA to a folder on "
    "another disk."
)


class Made(NamedTuple):
    """A backend that works."""

    command: list[str]
    """That starts SinDDM."""
    on: str
    """What it ran on, in words."""


@dataclass(frozen=True)
class Making:
    """An environment in the making. data: the folder that has it."""

    data: Path
    build: str
    own: Path
    """SinDDM's own wheel."""
    extras: tuple[str, ...]
    folder: Path | None
    """Of wheels, instead of the network."""
    again: bool
    """Whether what is there is of the same build, so that most of it can stay."""
    thorough: bool
    """Whether all is checked that stays."""
    disk: int
    """Bytes that it will take, about; 0 where nobody knows."""
    course: Course

    def run(self) -> Made:
        """Make it and put it in its place, if it works there. Raises InputError and Cancelled; what was there before
        is still there then."""
        current, course = self.data / environment.NAME, self.course
        source = Source(self.folder, "" if self.folder else builds.index(self.build))
        fresh = beside(current)
        try:
            course.begin("Making the engine's environment")
            made = self._begun(fresh, current)
            if self.thorough:
                course.begin("Checking what is there")
                environment.discard(made, environment.broken(made, course))
            downloads = Downloads(self.data / DOWNLOADS, course, made.packages / "pip/_vendor/certifi/cacert.pem")
            packages.provide_pip(made, source, downloads, course)
            course.begin("Finding out what is needed")
            needed = packages.resolve(made, self.own, self.extras, source, course)
            files = self._fetched(needed, downloads)
            course.begin("Installing")
            packages.install(made, files, course)
            environment.tell_scripts(fresh, current)
            return _use(fresh, current, [str(environment.program(current))], course)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _begun(self, fresh: Path, current: Path) -> environment.Environment:
        python = base_python(self.folder)
        if python is None:
            raise InputError(missing())
        like = environment.opened(current) if self.again else None
        if like is not None and self.folder is not None and like.minor != python.version[1]:
            like = None  # the folder's wheels are for another Python
        return environment.begun(fresh, python.path, self.course, like)

    def _fetched(self, needed: list[Wheel], downloads: Downloads) -> list[Path]:
        """Have all files here."""
        away = [one for one in needed if one.path is None]
        self.course.begin("Fetching what is needed" if away else "Everything is here")
        bytes = dict(zip(away, downloads.sizes([one.url for one in away]), strict=True))
        total, done = sum(bytes.values()), 0
        if away:
            left = total - sum(min(downloads.have(one.file), bytes[one]) for one in away)
            check_room(self.data, left + (0 if self.again else self.disk or left * ready_made.UNPACKED))
            self.course.say(f"Fetching {len(away)} files, {size(total)}")
        files = []
        for one in needed:
            path = one.path
            if path is None:
                path = downloads.fetch(one.url, one.file, one.sha256, done, total)
                done += bytes[one]
            files.append(path)
        check_room(self.data, packages.unpacked(files))
        return files


def unpack(archive: Path, data: Path, course: Course) -> Made:
    """The ready-made backend, put in its place, if it works there. Raises InputError and Cancelled."""
    current = data / ready_made.NAME
    fresh = beside(current)
    try:
        course.begin("Unpacking")
        check_room(data, archive.stat().st_size * ready_made.UNPACKED)
        ready_made.unpack(archive, fresh, course)
        return _use(fresh, current, [str(current / PROGRAM)], course)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def check_room(data: Path, needed: int) -> None:
    """Raise InputError if the disk has no room for so many bytes."""
    there = free(data)
    if there < needed + MARGIN:
        raise InputError(NO_ROOM.format(data, size(there), size(needed + MARGIN)))


def end_backend(course: Course) -> None:
    """Have none run that uses what is to be changed; what it works on is waited for. Raises InputError, Cancelled."""
    boxed = [editor.state for editor in editors.found() if editor.place.app]
    for folder in (state_folder(), *boxed):
        until = time.monotonic() + ENDS_WITHIN
        while (address := read_address(folder)) is not None:
            try:
                ask(address, "POST", "/stop", {"only_idle": True}, patience=ENDS_WITHIN)
            except Refused as error:
                if error.status != BUSY:
                    break  # it is another program that has its port now
                course.say("Waiting for SinDDM to end its jobs")
                until = time.monotonic() + ENDS_WITHIN
            except ClientError:
                break  # it has ended
            if time.monotonic() > until:
                raise InputError("SinDDM runs and does not end: restart the computer, then start this again.")
            time.sleep(POLL)
            course.check()


def _use(fresh: Path, current: Path, command: list[str], course: Course) -> Made:
    """Put it in place, if it works there; else what was there before is back."""
    course.begin("Trying it out")
    end_backend(course)
    settle = put_in_place(fresh, current)
    try:
        made = Made(command, try_out(command, course))
    except BaseException:
        settle(False)
        raise
    settle(True)
    return made
