"""The bundle does everything in a system without Python, in a folder with an odd name that cannot be written to."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from bare import BUNDLE, Bare, until
from commands import HEIGHT, TASKS, WIDTH, arguments, waves
from hosts import waves as host_waves
from layers import layer
from PIL import Image
from programs import Paintings, Program
from screens import photograph, screen, xdotool
from sinddm_plugin.client import Client, Generate, JobFailed, Learn
from sinddm_plugin.client.version import VERSION
from sinddm_plugin.gimp.companion import Companion

from sinddm import files

LARGEST = 700e6  # bytes
OF_A_DESKTOP = ("libEGL", "libGL", "libwayland", "libdrm")
"""Libraries that belong to the graphics driver or the desktop, and come from there."""
PACKED = ("lzw", "zlib", "zstd", "lzma", "jpeg", "webp", "packbits")


def pixels(system: Bare, name: str) -> np.ndarray:
    """A result."""
    found = files.read(system.work / name).array
    assert found.std() > 1, "it is empty"
    return found


def test_the_system_has_no_python(system):
    beside = ["-path", "/usr/share", "-o", "-path", BUNDLE]  # tools of other programs may show Python how to use them
    found = system.run("find", "/", "-xdev", "(", *beside, ")", "-prune", "-o", "-iname", "*python*", "-print")
    assert (found.stdout, found.stderr) == ("", "")


def test_it_says_its_version(system):
    assert system.sinddm("--version") == f"sinddm {VERSION}\n"


def test_it_can_be_given_away(made):
    """It has a limited size, nothing for graphics cards, and nothing that points out of it."""
    size, folder = 0, made / "sinddm"
    for path in folder.rglob("*"):
        assert not re.search(r"lib(cu|nv|torch_cu|c10_cu)|nvidia", path.name), path
        if path.is_symlink():
            assert folder in path.resolve().parents, path
        elif path.is_file():
            size += path.stat().st_size
    assert size < LARGEST


def test_it_brings_all_libraries(system, made):
    libraries = [path for path in (made / "sinddm").rglob("*.so*") if path.is_file() and not path.is_symlink()]
    names = [f"{BUNDLE}/{path.relative_to(made / 'sinddm')}" for path in libraries]
    said = system.run("ldd", *names, LD_LIBRARY_PATH=f"{BUNDLE}/_internal:{BUNDLE}/_internal/torch/lib").stdout
    missing = {line.split()[0] for line in said.splitlines() if "not found" in line}
    assert not {name for name in missing if not name.startswith(OF_A_DESKTOP)}
    assert len(libraries) > 100


@pytest.mark.parametrize("task", TASKS)
def test_every_task_makes_a_picture(system, task):
    system.sinddm(*arguments(task, f"{task}.png"))
    height, width = pixels(system, f"{task}.png").shape[:2]
    assert (height, width) == ((HEIGHT + 7, WIDTH + 9) if task == "expand" else (HEIGHT, WIDTH))


@pytest.mark.parametrize("preset", ["fast", "paper"])
def test_a_texture_is_learned_and_used(system, preset):
    said = system.sinddm("learn", "meadow.png", "--name", preset, "--preset", preset, "--steps", "3", "--finest")
    assert f"Learned {preset} in 3 steps" in said
    system.sinddm("generate", "--texture", preset, "-o", f"{preset}.png")
    pixels(system, f"{preset}.png")
    line = ["harmonize", "pasted.png", "--mask", "mask.png", "--texture", preset, "--engine", "learned"]
    system.sinddm(*line, "-o", f"together-{preset}.png")
    assert preset in system.sinddm("textures", "list")


@pytest.mark.parametrize("name", ["half.exr", "deep.png", "deep.tif", "lossy.webp", "lossy.jpg", "new.avif"])
def test_every_kind_of_file_is_read(system, name):
    array = waves(HEIGHT, WIDTH)
    if name.endswith((".webp", ".jpg", ".avif")):
        Image.fromarray(array).save(system.work / name)
    else:
        deep = (array / 255).astype(np.float16) if name.endswith(".exr") else array.astype(np.uint16) * 257
        files.write(system.work / name, files.Picture(deep, linear=name.endswith(".exr")))
    kept = name if not name.endswith(".avif") else "new.png"
    system.sinddm("generate", name, "-o", f"of-{kept}", "--quality", "draft")
    assert files.read(system.work / f"of-{kept}").array.shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("packing", PACKED)
def test_every_packing_of_tiff_is_read(system, packing):
    import tifffile

    path = system.work / f"{packing}.tif"
    tifffile.imwrite(path, waves(HEIGHT, WIDTH), compression=packing, photometric="rgb")
    system.sinddm("generate", path.name, "-o", f"of-{packing}.png", "--quality", "draft")
    pixels(system, f"of-{packing}.png")


def test_samples_are_measured(system):
    system.sinddm("generate", "meadow.png", "-o", "measured.png", "--quality", "draft")
    assert "measured.png" in system.sinddm("compare", "meadow.png", "measured.png")


def test_the_doctor_finds_everything(system):
    said = system.sinddm("doctor")
    assert "missing" not in said
    assert "ok                      yes" in said


def test_bad_input_gets_its_sentence(system):
    done = system.run(f"{BUNDLE}/sinddm", "generate", "nothing.png", "-o", "x.png")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    done = system.run(f"{BUNDLE}/sinddm", "app")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "needs a display" in done.stderr


@pytest.fixture
def served(system: Bare) -> Iterator[Client]:
    """A client of the bundle's backend."""
    process = system.start("serve")
    client = system.client
    until(lambda: client.health().engine == "ready")
    yield client
    client.stop()
    process.wait(30)


def test_its_backend_serves_an_editor(system, served):
    job = served.wait(served.submit(Generate(source=[layer()], count=2, quality="draft")).id)
    assert [(one.width, one.height) for one in job.results] == [(72, 54)] * 2
    assert len(set(bytes(served.result(job.id, 1).picture.data))) > 20
    job = served.wait(served.submit(Learn(source=[layer()], name="Wälder", seconds=1)).id)
    assert job.texture == "Wälder"
    state = (system.work / "state" / "backend.json").stat()
    assert stat.S_IMODE(state.st_mode) == 0o600


def test_a_worker_that_is_killed_costs_one_job(system, served):
    (worker,) = system.backend.children()
    assert worker.cmdline()[:2] == [f"{BUNDLE}/sinddm", "worker"]
    job = served.submit(Generate(source=[layer()], width=2000, height=2000))  # takes longer than this test
    until(lambda: served.job(job.id).fraction)
    worker.send_signal(signal.SIGKILL)
    with pytest.raises(JobFailed):
        served.wait(job.id)
    done = served.wait(served.submit(Generate(source=[layer()], quality="draft")).id)
    assert len(done.results) == 1
    assert system.backend.children() != [worker]


def test_its_window_opens(system, pictures):
    with screen("1280x900x24") as display:
        running = system.start("app", "meadow.png", DISPLAY=display)
        found = until(lambda: windows(display, "meadow.png - SinDDM")).split()[0]
        client = system.client  # the panel has woken it
        until(lambda: client.health().engine == "ready")
        made = photograph(display, pictures / "bundle-window.png")
        assert files.read(made).array.std() > 20
        xdotool(display, "windowfocus", found)
        subprocess.run(["xdotool", "key", "ctrl+q"], env={**os.environ, "DISPLAY": display}, check=False, timeout=20)
        assert running.wait(30) == 0
        client.stop()


def test_a_double_click_opens_the_window(system):
    with screen("1280x900x24") as display:
        running = system.start(DISPLAY=display)
        until(lambda: windows(display, "SinDDM"))
        running.kill()


def test_its_panel_comes_to_gimp(system, pictures, tmp_path, monkeypatch):
    """As GIMP's plug-in starts it, and ends it."""
    with screen("800x900x24") as display:
        monkeypatch.setenv("SINDDM_BACKEND", str(into_the_system(system, tmp_path / "sinddm", DISPLAY=display)))
        monkeypatch.setenv("SINDDM_STATE", str(tmp_path / "state"))
        host, said = Paintings(), []
        host.add("meadow", "Meadow", host_waves())
        program = Program(host)
        companion = Companion(program.server, program.post, said.append)
        program.do(companion.open)
        until(lambda: windows(display, "SinDDM") and program.server.connected)
        client = system.client  # the panel has woken it
        until(lambda: client.health().engine == "ready")
        photograph(display, pictures / "bundle-panel.png")
        program.do(companion.close)
        until(lambda: not windows(display, "SinDDM"))
        program.end()
        client.stop()
        assert not said


def into_the_system(system: Bare, path: Path, **more: str) -> Path:
    """A program of this system that is the bundle's in the other. more: variables."""
    known = [f"{name}={value}" for name, value in system.variables(**more).items()]
    line = shlex.join([*known, *system.line(f"{BUNDLE}/sinddm")])
    path.write_text(f'#!/bin/sh\nexec env -i SINDDM_PANEL_TOKEN="$SINDDM_PANEL_TOKEN" {line} "$@"\n')
    path.chmod(0o755)
    return path


def windows(display: str, title: str) -> str:
    """The numbers of the windows with a title."""
    return xdotool(display, "search", "--onlyvisible", "--name", title)


MAKE_ONE = """
import sys
sys.path.insert(0, sys.argv[1])
from sinddm_plugin.client import Client, Generate, Picture
client = Client.connect()
layer = Picture(bytes(range(256)) * 36, 64, 48, "rgb")
job = client.wait(client.submit(Generate(source=[layer], quality="draft")).id)
print(len(job.results), client.health().version)
client.stop()
"""


def test_a_plugin_finds_it_and_starts_it(made, tmp_path):
    """Both as they are given away, where the installer puts them."""
    data, plugin = tmp_path / "data", tmp_path / "plugin"
    data.mkdir()
    (data / "bundle").symlink_to(made / "sinddm")
    (archive,) = (made / "release").glob("sinddm_gimp-*.zip")
    shutil.unpack_archive(archive, plugin)
    command = [sys.executable, "-I", "-S", "-c", MAKE_ONE, str(plugin / "sinddm" / "packages")]
    own = {f"SINDDM_{name.upper()}": str(tmp_path / name) for name in ("state", "library", "data")}
    done = subprocess.run(command, env={"PATH": "/usr/bin", **own}, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (f"1 {VERSION}\n", "")
    assert (tmp_path / "state" / "start.log").read_text().startswith("The backend serves")
