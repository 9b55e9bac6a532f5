"""This computer's Krita, and the GIMP of the tests in GIMP, in the home of an artist of these tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "krita"))
sys.path.append(str(Path(__file__).parents[1] / "gimp"))
import gimp_places
import krita_places
from gimp_app import Gimp, make_profile
from krita_app import PROBE, KritaApp, Launch
from machines import OWN_PYTHON, Machine

PLUGIN = ".local/share/krita/pykrita/sinddm_krita"
GIMP = ".config/GIMP/3.0"
RUNNER, LONGEST = 180.0, 400.0  # seconds for a job of kritarunner's, and for a Krita in which SinDDM is set up
XDG = {"CONFIG": ".config", "DATA": ".local/share", "STATE": ".local/state", "CACHE": ".cache"}


def variables(machine: Machine) -> dict[str, str]:
    """The environment of the artist's editors."""
    return {"HOME": str(machine.home), **{f"XDG_{name}_HOME": str(machine.home / path) for name, path in XDG.items()}}


def first_job(machine: Machine, folder: Path) -> dict[str, Any]:
    """What kritarunner's job found, with the plugin that the installer has put in."""
    found = folder / "found.json"
    own = {"SINDDM_TEST_PLUGIN": str(machine.home / PLUGIN), "SINDDM_TEST_FOUND": str(found)}
    quiet = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path(__file__).parent / "steps"), "LANG": "C.UTF-8"}
    done = subprocess.run(
        ["kritarunner", "-s", "first_job", "-f", "main"],
        env={**variables(machine), **own, **quiet, "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=RUNNER,
        check=False,
    )
    assert found.exists(), done.stderr[-3000:]
    return json.loads(found.read_text())


def start_krita(machine: Machine, folder: Path, display: str, steps: Path, wheels: Path) -> Launch:
    """Start Krita with the artist's own profile; the probe runs the steps. wheels: what an installation takes."""
    resources, config = machine.home / ".local/share/krita", machine.home / ".config/kritarc"
    kept = krita_places.CACHE / krita_places.profile_name()
    if kept.exists():  # a first start takes long
        shutil.copytree(kept / "data/krita", resources, dirs_exist_ok=True)
    shutil.copytree(PROBE, resources / "pykrita", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    text = config.read_text()
    config.write_text(text.replace("[python]\n", "[python]\nenable_sinddm_probe=true\n"))
    app = KritaApp(folder, display, {}, None)
    (folder / "run").mkdir(mode=0o700)
    own = {**variables(machine), "SINDDM_WHEELS": str(wheels)}
    return app.start(str(steps), home=folder, longest=LONGEST, variables=own)


def start_gimp(machine: Machine, folder: Path) -> Gimp:
    """Start GIMP without windows, with the plug-in that the installer has put in."""
    home = make_profile(folder / "gimp", plug_in=False, more=[machine.home / GIMP / "plug-ins"])
    return Gimp(home, variables(machine), folders=(*OWN_PYTHON, folder))


def lacking() -> str:
    """What these tests lack here; empty if nothing, and where they are the point."""
    return "" if os.environ.get("CI") else krita_places.missing() or gimp_places.missing()
