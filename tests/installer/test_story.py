"""An artist's SinDDM from its first day to its last, on a fresh Debian without a network. The tests are in this order,
and each goes on where the one before it ended, since an installation takes most of a minute."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import editors_here
import pytest
from krita_app import Launch
from machines import OLD, ROOT, Machine, Run
from paintings import USUAL
from sinddm_plugin.client import Client, ClientError
from sinddm_plugin.client.places import read_address
from sinddm_plugin.client.version import VERSION

STEPS = Path(__file__).parent / "steps"
PICTURES = ROOT / "out" / "installer"
TEXTURE = b"no part of any installation"
needs_editors = pytest.mark.skipif(bool(editors_here.lacking()), reason=editors_here.lacking())


def left_in(machine: Machine) -> list[str]:
    """What is in the installer's folder."""
    return sorted(path.name for path in machine.data.iterdir())


def wrong_files(wheel: Path, folder: Path) -> list[str]:
    """The files of a wheel that are not there as they are in it."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name and name[-1] != "/"]
        return [name for name in names if not _is_same(folder / name, archive.read(name))]


def _is_same(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


@pytest.fixture(scope="module", autouse=True)
def backend(machine: Machine) -> Iterator[None]:
    """What the editors start, ended afterwards."""
    yield
    stop_backend(machine)


def stop_backend(machine: Machine) -> None:
    """End the one that an editor has started."""
    address = read_address(machine.home / ".local/state/sinddm")
    if address:
        try:
            Client(address).stop()
        except ClientError:
            return


@pytest.fixture(scope="module")
def killed(machine: Machine, old: Path, wheels: Path) -> Machine:
    """The computer after an installation that ended as by the power."""
    (machine.home / ".local/share/krita").mkdir(parents=True)
    (machine.home / editors_here.GIMP).mkdir(parents=True)
    run = machine.start(old, "install", "--wheels", wheels)
    run.until(lambda told: told.get("words") == "Installing" and told["done"] > 200e6).kill()
    return machine


@pytest.fixture(scope="module")
def second(killed: Machine, old: Path, wheels: Path) -> Run:
    """The installation that was started after that."""
    return killed.install(old, "install", "--wheels", wheels)


@pytest.fixture(scope="module")
def update(machine: Machine, second: Run, own: Path, wheels: Path) -> Run:
    """That of a newer version, when the artist has a texture."""
    assert second.code == 0, second.about
    (machine.data / "textures").mkdir()
    (machine.data / "textures/Meadow.safetensors").write_bytes(TEXTURE)
    return machine.install(own, "update", "--wheels", wheels)


@pytest.fixture(scope="module")
def bad_update(machine: Machine, update: Run, broken: Path, wheels: Path) -> Run:
    """One to a version that does not work."""
    assert update.code == 0, update.about
    return machine.install(broken, "update", "--wheels", wheels)


@pytest.fixture(scope="module")
def repair(machine: Machine, bad_update: Run, own: Path, wheels: Path) -> Run:
    """One of what was deleted, and of what was changed by a bad disk."""
    assert bad_update.code == 1, bad_update.about
    shutil.rmtree(machine.packages / "numpy/linalg")
    shutil.rmtree(machine.packages / "pip")
    (machine.packages / "rich/panel.py").write_text("zeros")
    (machine.packages / "sinddm/tasks.py").unlink()
    (machine.home / editors_here.PLUGIN / "__init__.py").unlink()
    return machine.install(own, "repair", "--wheels", wheels)


@pytest.fixture(scope="module")
def in_krita(machine: Machine, repair: Run, shared: Path, display: str, wheels: Path) -> Iterator[Launch]:
    """A Krita in which SinDDM is set up, since its program was deleted."""
    assert repair.code == 0, repair.about
    (machine.venv / "bin/sinddm").unlink()
    launch = editors_here.start_krita(machine, shared, display, STEPS / "setting_up.py", wheels)
    yield launch.finish()
    stop_backend(machine)
    for path in launch.folder.glob("*.png"):  # for who wants to look
        PICTURES.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, PICTURES / f"krita-{path.name}")


@pytest.fixture(scope="module")
def removal(machine: Machine, repair: Run, own: Path) -> Run:
    """Its end. The installer would end what an editor has started, but it sees no network here, not even that one."""
    assert repair.code == 0, repair.about
    stop_backend(machine)
    return machine.install(own, "uninstall")


def test_what_was_interrupted_is_not_taken_for_an_installation(killed: Machine):
    assert not (killed.data / "install.json").exists()
    assert not killed.venv.exists()
    assert [name.partition("-")[0] for name in left_in(killed)] == ["install.lock", "venv.new"]


def test_a_second_run_installs_as_if_nothing_had_been(second: Run, machine: Machine):
    assert second.code == 0, second.about
    assert second.words == "SinDDM is ready and runs on the processor. Start Krita and GIMP 3.0 anew to find it there."
    assert left_in(machine) == ["install.json", "install.lock", f"sinddm-{OLD}-py3-none-any.whl", "venv"]
    assert machine.said(machine.venv / "bin/sinddm", "--version").split()[-1] == OLD


def test_it_says_before_what_will_be_done_and_then_how_far_it_is(second: Run):
    plan, steps = second.told[0], [one for one in second.told if one["tell"] == "step"]
    assert plan["tell"] == "plan"
    assert plan["chosen"] == "cpu"
    assert 1e9 < plan["builds"][0]["disk"] < 4e9 < plan["free"]
    assert [target["name"] for target in plan["targets"]] == ["Krita", "GIMP 3.0"]
    assert second.steps == [
        *("Making the engine's environment", "Finding out what is needed", "Everything is here", "Installing"),
        *("Trying it out", "Putting the plugin into Krita", "Putting the plugin into GIMP 3.0"),
    ]
    assert {one["count"] for one in steps} == {7}
    installing = [one["done"] for one in steps if one["words"] == "Installing"]
    assert len(installing) > 10
    assert installing == sorted(installing)


def test_it_writes_down_what_the_plugins_and_its_next_run_need(second: Run, machine: Machine):
    assert machine.record == {
        "command": [str(machine.venv / "bin/sinddm")],
        "version": OLD,
        "torch": "cpu",
        "extras": [],
        "editors": ["krita", "gimp-3.0"],
    }


def test_an_update_keeps_the_textures(update: Run, machine: Machine, own: Path):
    assert update.code == 0, update.about
    assert (machine.data / "textures/Meadow.safetensors").read_bytes() == TEXTURE
    assert left_in(machine) == ["install.json", "install.lock", own.name, "textures", "venv"]
    assert machine.record["version"] == VERSION
    assert not wrong_files(own, machine.packages)
    assert (machine.home / editors_here.PLUGIN / "packages" / own.name).is_file()
    assert not list((machine.home / editors_here.PLUGIN).rglob(f"sinddm-{OLD}-*"))


@needs_editors
def test_the_first_job_in_krita(update: Run, machine: Machine, tmp_path: Path):
    """The plugin as it was put in starts the backend as it was installed."""
    assert update.code == 0
    found = editors_here.first_job(machine, tmp_path)
    assert "error" not in found, found["error"]
    assert found["names"] == ["Meadow - variation", "Meadow", "Background"]
    assert found["values"] > 20


@needs_editors
def test_the_first_job_in_gimp(update: Run, machine: Machine, shared: Path):
    assert update.code == 0
    gimp = editors_here.start_gimp(machine, shared)
    try:
        agent = gimp.agent
        image = agent.new_image(96, 72)
        layer = agent.add_layer(image, "Meadow", 96, 72, USUAL.waves(96, 72).tobytes())
        done = agent.call("sinddm-variations", image, [layer], seed=3, count=1, quality="draft")
        assert done["status"] == "success", done
        assert [one["name"] for one in agent.layers(image)] == ["Meadow - variation (seed 3)", "Meadow"]
    finally:
        gimp.end()


def test_an_update_that_does_not_work_is_undone(bad_update: Run, machine: Machine, own: Path):
    assert bad_update.code == 1
    assert bad_update.told[-1]["tell"] == "failed"
    assert bad_update.words.startswith("What was installed does not work")
    assert machine.record["version"] == VERSION
    assert not wrong_files(own, machine.packages)
    assert [name for name in left_in(machine) if name.startswith("venv")] == ["venv"]
    assert machine.said(machine.venv / "bin/sinddm", "--version").split()[-1] == VERSION


def test_what_was_deleted_or_spoilt_is_repaired(repair: Run, machine: Machine, own: Path, wheels: Path):
    assert repair.code == 0, repair.about
    assert "Checking what is there" in repair.steps
    for name in ("numpy", "pip", "rich"):
        (wheel,) = wheels.glob(f"{name}-[0-9]*.whl")
        assert not wrong_files(wheel, machine.packages)
    assert not wrong_files(own, machine.packages)
    assert (machine.home / editors_here.PLUGIN / "__init__.py").is_file()
    assert (machine.data / "textures/Meadow.safetensors").read_bytes() == TEXTURE


def test_what_was_not_broken_was_not_touched(repair: Run, machine: Machine, wheels: Path):
    """A torch is large: it is not put in again because of a small file."""
    assert repair.code == 0
    torch = machine.packages / "torch/__init__.py"
    assert torch.stat().st_mtime < (machine.packages / "rich/panel.py").stat().st_mtime


@needs_editors
def test_where_its_program_was_deleted_krita_offers_to_set_it_up_and_shows_it(in_krita: Launch):
    title, about, told, button = in_krita["it_is_offered_with_what_it_takes"]
    assert title == "SinDDM is not on this computer yet"
    assert about.startswith("SinDDM works on this computer")
    assert "GB are free there." in told
    assert button == "Set SinDDM up"
    found = in_krita["it_is_set_up_inside_krita"]
    assert found["told"] == ["SinDDM is ready and runs on the processor."]
    assert found["steps"][-2:] == ["Installing", "Trying it out"]


@needs_editors
def test_then_the_panel_in_krita_works(in_krita: Launch):
    assert "variation" in in_krita["then_a_variation_is_made"][0]


def test_in_the_end_only_the_textures_are_left(removal: Run, machine: Machine):
    assert removal.code == 0, removal.about
    assert removal.words == f"SinDDM is gone. Your textures are still in {machine.data / 'textures'}."
    files = [str(path.relative_to(machine.home)) for path in machine.home.rglob("*") if not path.is_dir()]
    left = [name for name in files if "sinddm" in name and "sinddm_probe" not in name]
    assert left == [".local/share/sinddm/textures/Meadow.safetensors"]
    assert b"sinddm_krita" not in (machine.home / ".config/kritarc").read_bytes()
