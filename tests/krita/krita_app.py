"""A real Krita with a profile and a screen of its own, in which a file of steps runs."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import krita_places
import numpy as np
from screens import photograph, xdotool

LONGEST = 150.0  # seconds for a launch with all its steps
STEPS = Path(__file__).parent / "steps"
PROBE = Path(__file__).parent / "probe"


class Launch:
    """A Krita that runs, or has run."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, display: str, longest: float):
        self.process, self.folder, self._display = process, folder, display
        self._deadline = time.monotonic() + longest
        self._longest = longest
        self.hung = False

    def __getitem__(self, step: str) -> Any:
        """What a step returned. Fails as it failed, and where Krita did not end well."""
        self.finish()
        found = self.found
        steps = found.get("steps", {})
        if (done := steps.get(step)) is None:
            done = steps.get("the steps' file") or {"error": "it did not run: Krita ended before it"}
        assert not done["error"], f"inside Krita: {done['error']}\n{self.about if step not in steps else ''}"
        assert not self.hung, f"Krita did not close within {self._longest:.0f} seconds.\n{self.about}"
        assert found.get("finished"), f"Krita ended before its steps did.\n{self.about}"
        assert self.process.returncode == 0, f"Krita ended with {self.process.returncode}.\n{self.about}"
        return done["value"]

    @property
    def found(self) -> dict[str, Any]:
        """What the probe has written so far."""
        path = self.folder / "found.json"
        return json.loads(path.read_text()) if path.exists() else {}

    @property
    def about(self) -> str:
        """What helps to find out what went wrong."""
        output = (self.folder / "output.txt").read_text(errors="replace")[-3000:]
        stacks = (self.folder / "hang.txt").read_text()[-6000:] if (self.folder / "hang.txt").exists() else ""
        running = self.found.get("running", "no step")
        return f"In {self.folder}, while {running} ran. It said:\n{output}\nIts stacks:\n{stacks}"

    def array(self, name: str, dtype: Any, *shape: int) -> np.ndarray:
        """Pixels that a step has kept."""
        return np.fromfile(self.folder / name, dtype).reshape(shape)

    def until(self, holds: Callable[[], Any], patience: float = 60) -> Any:
        """Wait for something while Krita runs."""
        end = time.monotonic() + patience
        while not (found := holds()):
            assert time.monotonic() < end, f"it did not happen in time\n{self.about}"
            assert self.serve(), f"Krita ended before it happened\n{self.about}"
            time.sleep(0.02)
        return found

    def finish(self) -> Launch:
        """Wait until Krita has ended; one that does not end is photographed, then killed."""
        while self.serve():
            if time.monotonic() > self._deadline:
                self.hung = True
                self.screenshot("hang.png")
                self.end()
            time.sleep(0.02)
        return self

    def serve(self) -> bool:
        """Do what the steps ask for; whether Krita runs."""
        for path in sorted(self.folder.glob("hand-*.json")):
            asked = json.loads(path.read_text())
            if "screenshot" in asked:
                self.screenshot(asked["screenshot"])
            else:
                xdotool(self._display, *asked["xdotool"])
            path.unlink()
        return self.process.poll() is None

    def screenshot(self, name: str) -> Path:
        """The screen as it is, as a file of the launch's folder."""
        return photograph(self._display, self.folder / name)

    def end(self) -> None:
        """Kill it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class KritaApp:
    """Starts Kritas on one screen. folder: for all that they write; template: a profile of a Krita that ran once."""

    def __init__(self, folder: Path, display: str, variables: dict[str, str], archive: Path | None = None):
        self._folder, self._display, self._variables, self._archive = folder, display, variables, archive
        self.template: Path | None = None
        self._number = 0
        self.launches: list[Launch] = []

    def run(self, steps: str, only: str | tuple[str, ...] = (), **more: Any) -> Launch:
        """Run a file of steps, or some of them; returns when Krita has ended."""
        return self.start(steps, only, **more).finish()

    def start(
        self,
        steps: str,
        only: str | tuple[str, ...] = (),
        *,
        plugin: bool = True,
        home: Path | None = None,
        longest: float = LONGEST,
        variables: dict[str, str] | None = None,
        **arguments: Any,
    ) -> Launch:
        """Start a Krita that runs them. plugin: whether it is installed and enabled; home: one of an earlier launch;
        variables: of the environment; arguments: for the steps."""
        self._number += 1
        folder = self._folder / f"{self._number}-{Path(steps).stem}"
        folder.mkdir()
        home = home or self.profile(folder, plugin)
        wanted = [only] if isinstance(only, str) else list(only)
        plan = {"steps": str(STEPS / steps), "only": wanted, "folder": str(folder), "arguments": arguments}
        (folder / "plan.json").write_text(json.dumps(plan))
        environment = {
            **profile_variables(home),
            **self._variables,
            **(variables or {}),
            "DISPLAY": self._display,
            "SINDDM_PROBE": str(folder / "plan.json"),
        }
        with (folder / "output.txt").open("wb") as output:
            process = subprocess.Popen(
                krita_places.command("krita", "--nosplash", folders=(krita_places.ROOT, self._folder)),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.launches.append(Launch(process, folder, self._display, longest))
        return self.launches[-1]

    def make_template(self) -> None:
        """A profile of a Krita that ran once, as its first start takes long. It is kept for the next time."""
        name = krita_places.profile_name()
        kept = krita_places.CACHE / name
        if not kept.exists():
            first = self.run("first.py", plugin=False)
            assert first["first_start"] is True
            kept.parent.mkdir(parents=True, exist_ok=True)
            home = first.folder / "home"
            shutil.rmtree(home / "data" / "krita" / "pykrita")
            part = kept.with_name(f"{name}.{os.getpid()}")
            subprocess.run(["cp", "-a", str(home), str(part)], check=True)
            with suppress(OSError):  # another one was faster
                part.rename(kept)
            shutil.rmtree(part, ignore_errors=True)
        self.template = kept

    def profile(self, folder: Path, plugin: bool = True) -> Path:
        """A profile of its own, in which the probe is, and the plugin as Krita's importer would have put it there."""
        home = folder / "home"
        if self.template:
            subprocess.run(["cp", "-a", str(self.template), str(home)], check=True)
        for name in ("config", "data", "cache", "run"):
            (home / name).mkdir(parents=True, exist_ok=True)
        (home / "run").chmod(0o700)
        modules = home / "data" / "krita" / "pykrita"
        shutil.copytree(PROBE, modules, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        enabled = ["sinddm_probe"]
        if plugin and self._archive:
            enabled += import_archive(self._archive, home / "data" / "krita")
        enable(home, enabled)
        return home

    def end(self) -> None:
        """Kill what still runs."""
        for launch in self.launches:
            if launch.process.poll() is None:
                launch.end()


def build_archive(folder: Path) -> Path:
    """The plugin as it is handed out."""
    path = folder / "sinddm.zip"
    command = [sys.executable, "-m", "sinddm_installer", "krita", "build", "-o", str(path)]
    subprocess.run(command, check=True, cwd=krita_places.ROOT, stdout=subprocess.DEVNULL)
    return path


def profile_variables(home: Path) -> dict[str, str]:
    """An environment in which Krita knows nothing but this profile."""
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",  # else one is started, and stays
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "NO_AT_BRIDGE": "1",
    }


def import_archive(archive: Path, resources: Path) -> list[str]:
    """Lay an archive out as Krita's importer does: the modules and their descriptions, and their actions. Returns the
    modules' names."""
    layout = resources / "unpacked"
    shutil.unpack_archive(archive, layout, "zip")
    names = []
    for description in layout.rglob("*.desktop"):
        name = description.stem
        shutil.copytree(description.parent / name, resources / "pykrita" / name, dirs_exist_ok=True)
        shutil.copy(description, resources / "pykrita")
        names.append(name)
    (resources / "actions").mkdir(exist_ok=True)
    for actions in layout.rglob("*.action"):
        shutil.copy(actions, resources / "actions")
    shutil.rmtree(layout)
    return names


def enable(home: Path, names: list[str]) -> None:
    """Enable these plugins and no other."""
    path = home / "config" / "kritarc"
    before = path.read_text() if path.exists() else ""
    kept = [section for section in before.split("\n[") if not section.lstrip("[").startswith("python]")]
    lines = "".join(f"enable_{name}=true\n" for name in names)
    path.write_text("\n[".join(kept).rstrip("\n") + f"\n\n[python]\n{lines}")


def steps_of(file: str) -> list[str]:
    """The names of a file's steps, which can only be loaded inside Krita."""
    tree = ast.parse((STEPS / file).read_text())
    return [one.name for one in tree.body if isinstance(one, ast.FunctionDef) and _is_step(one)]


def _is_step(function: ast.FunctionDef) -> bool:
    """A public generator."""
    yields = any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function))
    return yields and not function.name.startswith("_")
