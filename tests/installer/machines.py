"""A computer with nothing on it but a fresh Debian, on which the installer runs as an artist would run it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))
import systems
from filelock import FileLock
from sinddm_installer.wheels import SOURCES, built
from sinddm_plugin.client.version import VERSION
from sinddm_plugin.setup.program import START

ROOT = Path(__file__).parents[2]
RELEASE, INSIDE, PYTHON = "bookworm", ("python3", "python3-venv"), "3.11"
OWN_PYTHON = (Path(f"/usr/bin/python{PYTHON}"), Path(f"/usr/lib/python{PYTHON}"))
"""Where it is, for other systems that are to run what was installed with it."""
TORCH, TORCH_INDEX = "torch==2.13.0+cpu", "https://download.pytorch.org/whl/cpu"
PLATFORMS = [f"--platform=manylinux_2_{number}_x86_64" for number in (36, 35, 34, 31, 28, 27, 17, 12, 5)]
OFFLINE = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
"""Before a command that is to reach nothing but its own computer."""
OLD, BROKEN = "0.0.9", "0.1.1"
"""Versions before and after this one."""
PATIENCE = 400.0  # seconds for a run, on a busy machine


def debian() -> Path:
    """The folder of a Debian with its Python, and nothing else."""
    return systems.build(f"python-{RELEASE}", RELEASE, INSIDE)


def wheels() -> Path:
    """A folder with all that SinDDM needs on the processor, for this Debian's Python: fetched once, 440 MB."""
    folder, own = systems.CACHE / f"wheels-{PYTHON}", built(ROOT)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        seal, wanted = folder / "needed.txt", "\n".join(_needed(own))
        if not seal.is_file() or seal.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            _fetch(folder, own)
            (folder / own.name).unlink()
            seal.write_text(wanted)
    return folder


def _needed(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        return re.findall(r"^Requires-Dist: (.*)$", archive.read(name).decode(), re.MULTILINE)


def _fetch(folder: Path, own: Path) -> None:
    """Torch for the processor is where its own builds are, or where this computer's pip looks anyway."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:", "--dest", str(folder)]
    command += ["--python-version", PYTHON, *PLATFORMS, TORCH, str(own), "pip"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        subprocess.run([*command, "--extra-index-url", TORCH_INDEX], check=True)


def wheel_of(version: str, folder: Path, spoilt: str = "") -> Path:
    """SinDDM's own wheel, as if it were of another version. folder: for its sources. spoilt: one of them, that does
    not even load."""
    sources = folder / f"sources-{version}"
    sources.mkdir()
    for name in SOURCES:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, sources / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(path, sources / name)
    for path in (*sources.rglob("*.py"), *sources.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if f'"{VERSION}"' in text:
            path.write_text(text.replace(f'"{VERSION}"', f'"{version}"'), encoding="utf-8")
    if spoilt:
        (sources / spoilt).write_text('raise ImportError("this version is broken")\n')
    return built(sources)


class Machine:
    """A user's home on a fresh Debian. home: its folder, under /tmp; folders: more that it sees."""

    def __init__(self, system: Path, home: Path, *folders: Path):
        self._system, self.home, self._folders = system, home, folders
        home.mkdir(parents=True, exist_ok=True)

    @property
    def data(self) -> Path:
        """Where SinDDM is, and its textures."""
        return self.home / ".local/share/sinddm"

    @property
    def venv(self) -> Path:
        """The engine's environment."""
        return self.data / "venv"

    @property
    def packages(self) -> Path:
        """Its packages."""
        return self.venv / f"lib/python{PYTHON}/site-packages"

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment of its programs."""
        return {"HOME": str(self.home), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}

    @property
    def record(self) -> dict[str, Any]:
        """What the installer wrote down."""
        return json.loads((self.data / "install.json").read_text())

    def command(self, *words: str | Path, offline: bool = True) -> list[str]:
        """A command line on it. offline: without a network."""
        inside = systems.command(str(self._system), *map(str, words), folders=self._folders)
        return [*OFFLINE, *inside] if offline else inside

    def start(
        self, wheel: Path, *words: str | Path, offline: bool = True, variables: dict[str, str] | None = None
    ) -> Run:
        """Start one of the installer's commands, as a program would. wheel: that it runs from."""
        command = self.command("python3", "-I", "-c", START, wheel, *words, "--json", "--yes", offline=offline)
        return Run(command, {**self.variables, **(variables or {})})

    def install(self, wheel: Path, *words: str | Path, **more: Any) -> Run:
        """Run one to its end."""
        return self.start(wheel, *words, **more).finish()

    def said(self, *words: str | Path) -> str:
        """What a program on it says."""
        return subprocess.run(
            self.command(*words), env=self.variables, check=True, capture_output=True, text=True, timeout=PATIENCE
        ).stdout


class Run:
    """The installer at work."""

    def __init__(self, command: list[str], variables: dict[str, str]):
        self.told: list[dict[str, Any]] = []
        self._errors = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 - for as long as this
        self._process = subprocess.Popen(
            command,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> Run:
        """Wait until it tells something."""
        assert self._process.stdout
        for line in self._process.stdout:
            self.told.append(json.loads(line))
            if holds(self.told[-1]):
                return self
        raise AssertionError(f"it ended before that: {self.about}")

    def kill(self) -> None:
        """As by the power."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def cancel(self) -> Run:
        """As by the button: its input ends."""
        assert self._process.stdin
        self._process.stdin.close()
        return self.finish()

    def finish(self) -> Run:
        """Wait for its end."""
        assert self._process.stdout
        self.told += [json.loads(line) for line in self._process.stdout]  # not communicate(): it ends the input
        self._process.wait(PATIENCE)
        return self

    @property
    def code(self) -> int:
        """Its exit code."""
        return self._process.returncode

    @property
    def words(self) -> str:
        """The last thing it told, in words."""
        return self.told[-1].get("words", "") if self.told else self.about

    @property
    def steps(self) -> list[str]:
        """What it did, in order."""
        return list(dict.fromkeys(one["words"] for one in self.told if one["tell"] == "step"))

    @property
    def about(self) -> str:
        """What helps to find out what went wrong."""
        self._errors.seek(0)
        return f"{self.told[-3:]} {self._errors.read()[-3000:]}"
