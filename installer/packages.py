"""What pip does for us: it finds out what is needed, and installs it. What it fetches is fetched by `fetching`, which
can go on where it stopped."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from sinddm_installer.course import CommandFailed, Course
from sinddm_installer.environment import Environment
from sinddm_installer.network import NOT_THERE, Downloads, unreachable

from sinddm.errors import InputError

NEW_PIP = (25, 0)
"""Older ones fetch all that is needed only to find out what it is."""
LEASHED = """
import os, runpy, sys, threading
def watch():
    while os.read(0, 1 << 10):
        pass
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""
"""A pip that ends with whoever started it, also where that is killed: else it would go on in a folder that the next
run takes away."""
PIP = "https://pypi.org/pypi/pip/json"
"""Where one is for Pythons that bring none."""
LAZY = ["--use-feature", "fast-deps"]
"""Reads of a wheel only what it needs, where the index does not tell."""
BLOCK = 4096  # bytes of which disks give out room


class Source(NamedTuple):
    """Where packages come from."""

    folder: Path | None
    """A folder of wheels; None for the network."""
    torch: str = ""
    """On the network, where torch comes from; empty for where all comes from."""


class Wheel(NamedTuple):
    """A file that is to be installed."""

    name: str
    version: str
    url: str
    sha256: str

    @property
    def file(self) -> str:
        """What it is called."""
        return unquote(urlsplit(self.url).path.rpartition("/")[2])

    @property
    def path(self) -> Path | None:
        """Where it is on this computer; None if it is not."""
        parts = urlsplit(self.url)
        return Path(url2pathname(parts.path)) if parts.scheme == "file" else None


def provide_pip(made: Environment, source: Source, downloads: Downloads, course: Course) -> None:
    """See to it that the environment has a pip that can do all this. Raises InputError."""
    if _pip_version(made, course) >= NEW_PIP:
        return
    wheel = next(iter(sorted(source.folder.glob("pip-*.whl"), reverse=True)), None) if source.folder else None
    if wheel is None and not _own_pip(made, course):
        if source.folder:
            raise InputError(f"{source.folder} has no pip, and neither has this Python: put pip's wheel there.")
        wheel = downloads.fetch_newest(PIP, made.minor)
    if wheel is not None:
        _discard_pip(made)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(made.packages)
    elif not source.folder and _pip_version(made, course) < NEW_PIP:
        _pip(made, ["--upgrade", "pip"], source, course)


def resolve(made: Environment, own: Path, extras: tuple[str, ...], source: Source, course: Course) -> list[Wheel]:
    """What is missing in the environment: torch and all that SinDDM needs, and SinDDM itself, the last one. Raises
    InputError."""
    asked = [f"{own}[{','.join(extras)}]" if extras else str(own)]
    if source.torch:  # torch alone has to come from there; which one it is decides for all the others
        alone = ["--no-deps", _torch_of(own)]
        torch = _report(made, alone, source, course, source.torch)
        if torch:
            asked += ["--extra-index-url", source.torch, *(f"{one.name}=={one.version}" for one in torch)]
    found = [one for one in _report(made, asked, source, course) if one.name.lower() != "sinddm"]
    return [*found, Wheel("sinddm", "", own.as_uri(), "")]


def install(made: Environment, wheels: list[Path], course: Course) -> None:
    """Put them into the environment. Raises InputError."""
    total, before, most = unpacked(wheels), shutil.disk_usage(made.folder).used, 0

    def watch() -> None:
        nonlocal most  # pip tells nothing, and others write and remove as well
        most = max(most, min(shutil.disk_usage(made.folder).used - before, total - 1))
        course.at(most, total)

    options = ["--no-index", "--no-deps", "--force-reinstall", "--no-compile", "--no-warn-script-location"]
    command = [made.python, "-I", "-c", LEASHED, "install", *options, *wheels]
    try:
        course.run(*command, watch=watch, variables={"PIP_CONFIG_FILE": os.devnull})
    except CommandFailed as error:
        raise InputError(_in_words(error.said, Source(None), made)) from error
    course.at(total, total)


def unpacked(wheels: list[Path]) -> int:
    """Bytes that they take when they are installed. Raises InputError."""
    total = 0
    for wheel in wheels:
        try:
            with zipfile.ZipFile(wheel) as archive:
                total += sum(-(-one.file_size // BLOCK) * BLOCK for one in archive.infolist())
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(f"{wheel} is not complete: remove it, then start this again.") from error
    return total


def _report(made: Environment, asked: list[str], source: Source, course: Course, index: str = "") -> list[Wheel]:
    """What pip would install for this. index: the only one to look at. Raises InputError."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.json"
        _pip(made, ["--dry-run", "--report", str(report), *asked], source, course, index)
        told = json.loads(report.read_text(encoding="utf-8"))
    return [_wheel(one) for one in told["install"]]


def _pip(made: Environment, words: list[str], source: Source, course: Course, index: str = "") -> None:
    """Have pip find or install something. index: the only one to look at. Raises InputError."""
    variables = {"PIP_INDEX_URL": index, "PIP_EXTRA_INDEX_URL": index} if index else {}
    options = ["--quiet", "--only-binary", ":all:", "--retries", "2", "--timeout", "20"]
    if source.folder:
        options += ["--no-index", "--find-links", str(source.folder)]
        variables["PIP_CONFIG_FILE"] = os.devnull
    for more in [LAZY, []] if "--dry-run" in words and not source.folder else [[]]:
        try:
            course.run(made.python, "-I", "-c", LEASHED, "install", *options, *more, *words, variables=variables)
            return
        except CommandFailed as error:
            if not more or LAZY[0] not in error.said:  # else it is a newer pip that does not know this any more
                raise InputError(_in_words(error.said, source, made)) from error


def _wheel(told: dict) -> Wheel:
    info = told["download_info"]
    hashes = info.get("archive_info", {}).get("hashes", {})
    return Wheel(told["metadata"]["name"], told["metadata"]["version"], info["url"], hashes.get("sha256", ""))


def _torch_of(own: Path) -> str:
    """Which torch a wheel of SinDDM needs, as pip reads it."""
    with zipfile.ZipFile(own) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        told = archive.read(name).decode()
    match = re.search(r"^Requires-Dist: (torch\b[^;\n]*)", told, re.MULTILINE)
    return match[1].strip() if match else "torch"


def _pip_version(made: Environment, course: Course) -> tuple[int, ...]:
    try:
        said = course.run(made.python, "-I", "-m", "pip", "--version")
    except CommandFailed:
        return (0,)
    match = re.match(r"pip (\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else (0,)


def _own_pip(made: Environment, course: Course) -> bool:
    """Have the pip that Python itself brings, where it brings one."""
    try:
        course.run(made.python, "-I", "-m", "ensurepip", "--default-pip")
    except CommandFailed:
        return False
    return True


def _discard_pip(made: Environment) -> None:
    for old in (made.packages / "pip", *made.packages.glob("pip-*.dist-info")):
        shutil.rmtree(old, ignore_errors=True)


def _in_words(said: str, source: Source, made: Environment) -> str:
    """Why pip could not do it, and what to do."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    python = f"Python 3.{made.minor}"
    if "No space left" in said:
        return "The disk is full: make room, then start this again."
    if not source.folder and unreachable(said):
        return NOT_THERE
    if match := re.search(r"No matching distribution found for ([^\s;]+)", said):
        what = match[1]
        if source.folder:
            return f"{source.folder} has no {what} for {python}: add its wheel, or install without this folder."
        return f"There is no {what} for {python} on this kind of computer: install Python 3.12, then try again."
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR:")]
    last = [*(lines or ["it said nothing"]), *errors][-1]
    return f"The packages could not be installed ({last.rstrip('.')}): start this again."
