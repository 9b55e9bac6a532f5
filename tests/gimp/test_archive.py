"""The archive unpacked into a fresh profile's folder of plug-ins, as its instructions say: GIMP has the tasks, and they
make layers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gimp_places
import pytest
from cases import CASES, paint
from gimp_app import Gimp, make_profile
from paintings import KINDS
from shared_backend import SharedBackend

pytestmark = pytest.mark.skipif(not shutil.which("unzip"), reason="an artist's unzip keeps what may be run")


@pytest.fixture(scope="module")
def unpacked(_prepared: None, folder: Path, backend: SharedBackend) -> Iterator[Gimp]:
    """A GIMP whose plug-in comes out of the archive."""
    release = folder / "release"
    command = [sys.executable, "-m", "sinddm_installer.release", "--out", str(release)]
    subprocess.run(command, check=True, cwd=gimp_places.ROOT, capture_output=True)
    home = make_profile(folder / "unpacked", plug_in=False)
    (archive,) = release.glob("sinddm_gimp-*.zip")
    subprocess.run(["unzip", "-q", str(archive), "-d", str(home / "gimp" / "plug-ins")], check=True)
    gimp = Gimp(home, backend.variables, folders=(folder,))
    yield gimp
    gimp.end()


def test_gimp_has_all_tasks(unpacked: Gimp):
    assert {f"sinddm-{case.name}" for case in CASES} <= set(unpacked.agent.procedures("sinddm-"))


def test_a_task_makes_layers(unpacked: Gimp):
    agent, case = unpacked.agent, next(case for case in CASES if case.name == "variations")
    painting = paint(agent, next(iter(KINDS.values())))
    before = len(agent.layers(painting.image))
    answer = agent.call("sinddm-variations", painting.image, [case.on(painting)], seed=1, count=2, quality="draft")
    assert (answer["status"], answer["error"], len(answer["layers"])) == ("success", "", 2)
    assert len(agent.layers(painting.image)) == before + 2
