"""Krita and GIMP are found wherever they came from, and each gets the plugin in its own place."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from sinddm_installer import editors, flatpak
from sinddm_plugin.setup import pythons

from sinddm.errors import InputError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the folders of Linux")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with nothing, and no programs."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "SINDDM_DATA", "GIMP3_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "Jörg Müller"
    (folder / "programs").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", str(folder / "programs"))
    return folder


def program(home: Path, name: str, says: str = "") -> None:
    """A program on the path."""
    path = home / "programs" / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)


def found() -> dict[str, str]:
    """Names and problems."""
    return {one.name: one.problem for one in editors.found()}


def test_where_there_is_none_none_is_found(home: Path):
    assert found() == {}


def test_a_krita_that_has_run_is_found(home: Path):
    (home / ".local/share/krita").mkdir(parents=True)
    assert found() == {"Krita": ""}


def test_a_krita_that_never_ran_is_found_by_its_program(home: Path):
    program(home, "krita")
    assert found() == {"Krita": ""}


@pytest.mark.parametrize("folder", ["Downloads", "Applications", "Desktop"])
def test_a_krita_in_an_appimage_is_found(home: Path, folder: str):
    (home / folder).mkdir()
    (home / folder / "krita-5.2.9-x86_64.appimage").write_bytes(b"")
    assert found() == {"Krita (AppImage)": ""}


def test_every_gimp_that_has_run_is_found(home: Path):
    for folder in (".config/GIMP/3.0", ".config/GIMP/3.2", ".var/app/org.gimp.GIMP/config/GIMP/3.0"):
        (home / folder).mkdir(parents=True)
    assert found() == {"GIMP 3.0": "", "GIMP 3.2": "", "GIMP 3.0 (Flatpak)": ""}


def test_a_gimp_that_never_ran_has_to_be_started_first(home: Path):
    program(home, "gimp-3.0")
    assert found() == {"GIMP": "Start GIMP 3 once, so that it makes its folders, then look again."}


def test_a_gimp_2_is_too_old(home: Path):
    program(home, "gimp", "GNU Image Manipulation Program version 2.10.34")
    assert found() == {"GIMP": "This is GIMP 2, which is too old: get GIMP 3, start it once, then look again."}


def test_flatpaks_are_found_before_they_have_run(home: Path):
    for app in ("org.kde.krita", "org.gimp.GIMP"):
        (home / ".local/share/flatpak/app" / app).mkdir(parents=True)
    assert list(found()) == ["Krita (Flatpak)", "GIMP (Flatpak)"]
    assert found()["GIMP (Flatpak)"].startswith("Start GIMP 3 once")


def test_each_gets_the_plugin_and_gives_it_back(home: Path, own: Path):
    (home / ".local/share/krita").mkdir(parents=True)
    (home / ".config/GIMP/3.0").mkdir(parents=True)
    for one in editors.found():
        assert not one.has
        editors.put_in(one, ["/somewhere/sinddm"], own)
    assert all(one.has for one in editors.found())
    assert (home / ".local/share/krita/pykrita/sinddm_krita/packages" / own.name).read_bytes() == own.read_bytes()
    assert (home / ".config/GIMP/3.0/plug-ins/sinddm/packages" / own.name).is_file()
    assert os.access(home / ".config/GIMP/3.0/plug-ins/sinddm/sinddm.py", os.X_OK)
    for one in editors.found():
        editors.take_out(one)
    assert not any(one.has for one in editors.found())


def test_a_sandbox_that_cannot_be_opened_says_what_to_do(home: Path, own: Path):
    (home / ".local/share/flatpak/app/org.kde.krita").mkdir(parents=True)
    (one,) = editors.found()
    with pytest.raises(InputError, match="run this in a terminal, then try again: flatpak override --user --talk"):
        editors.put_in(one, ["/somewhere/sinddm"], own)


def test_what_starts_sinddm_from_a_sandbox_keeps_its_secrets_off_the_command_line(home: Path, tmp_path: Path):
    words = flatpak.write_program(tmp_path / "box", [str(home / "with 'odd' names/sinddm")])
    text = Path(words[0]).read_text()
    assert "--env-fd=3" in text
    assert "--env=" not in text
    assert os.access(words[0], os.X_OK)


def test_what_was_written_down_before_survives(home: Path, tmp_path: Path):
    from sinddm_installer.folders import write_record

    (tmp_path / "install.json").write_text(json.dumps({"extras": ["text"], "command": ["/old"]}))
    write_record(tmp_path, ["/new"], version="1")
    assert json.loads((tmp_path / "install.json").read_text()) == {
        "extras": ["text"],
        "command": ["/new"],
        "version": "1",
    }


def test_a_python_that_can_be_used_is_found(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", f"{home / 'programs'}:/usr/bin:/bin")
    program(home, "python3.12", "no Python at all")
    one = pythons.best()
    assert one
    assert one.version in pythons.VERSIONS
    assert "programs" not in str(one.path)


def test_without_a_python_it_says_how_to_get_one(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pythons, "_candidates", lambda: iter([home / "programs/python3"]))
    assert pythons.best() is None
    assert "install Python 3.12 (on Debian and Ubuntu: sudo apt install python3-venv)" in pythons.missing()
