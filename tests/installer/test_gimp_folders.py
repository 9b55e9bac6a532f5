"""What is put into GIMP, without GIMP: the plug-in's folder, wherever this user's GIMPs look for it."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sinddm_installer import gimp
from sinddm_installer.gimp import NAME
from sinddm_installer.gimp_places import places

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the folders of Linux")
INSIDE_GIMP = {"gi"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user with nothing."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "SINDDM_DATA", "GIMP3_DIRECTORY", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def files(folder):
    """What is in a folder, by path."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_plug_in_needs_nothing_but_python_and_gimp(own):
    known = {"sinddm_ui", "sinddm_plugin", *INSIDE_GIMP, *sys.stdlib_module_names}
    for name, data in gimp.contents(own).items():
        for node in ast.walk(ast.parse(data)) if name.endswith(".py") else ():
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            assert {one.partition(".")[0] for one in names} <= known, name


def test_all_that_it_imports_of_its_own_is_in_its_folder(home):
    assert gimp.main(["install", "--plug-ins", str(home / "mine")]) == 0
    packages = home / "mine" / NAME / "packages"
    modules = sorted(
        ".".join(path.relative_to(packages).with_suffix("").parts)
        for path in packages.rglob("*.py")
        if path.name != "__init__.py" and not (path.parent.name == "gimp" and b"Needs no gi" not in path.read_bytes())
    )
    assert len(modules) > 30
    code = "import importlib, sys; sys.path[:] = [sys.argv[1], *(p for p in sys.path if 'site-packages' not in p)]\n"
    code += "for name in sys.argv[2:]: importlib.import_module(name)\n"
    code += "print([name for name in sys.modules if 'Qt' in name])"
    line = [sys.executable, "-S", "-c", code, str(packages), *modules]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=home)
    assert done.stdout == "[]\n", done.stderr


def test_without_gimp_nothing_is_written(home, capsys):
    assert gimp.main(["install"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("No GIMP 3 was found")
    assert said.count("\n") == 1
    assert not list(home.iterdir())


@LINUX
def test_it_is_installed_over_itself_and_removed(home, capsys):
    plug_ins = home / ".config/GIMP/3.0/plug-ins"
    other = plug_ins / "other" / "other.py"
    other.parent.mkdir(parents=True)
    other.write_text("")
    assert gimp.main(["install"]) == 0
    left = plug_ins / NAME / "packages" / "left_from_an_older_version.py"
    left.write_text("")
    assert gimp.main(["install"]) == 0
    assert "Start GIMP anew" in capsys.readouterr().out
    assert not left.exists()
    assert sorted(path.name for path in plug_ins.iterdir()) == ["other", NAME]
    script = plug_ins / NAME / f"{NAME}.py"
    assert os.access(script, os.X_OK), "GIMP leaves out what cannot be executed, and does not say so"
    command = json.loads((home / ".local/share/sinddm/install.json").read_text())["command"]
    assert Path(command[0]).is_file()
    assert gimp.main(["remove"]) == 0
    assert list(plug_ins.iterdir()) == [other.parent]


@LINUX
def test_every_gimp_that_has_run_gets_it(home):
    folders = (".config/GIMP/3.0", ".config/GIMP/3.2", ".var/app/org.gimp.GIMP/config/GIMP/3.2")
    for folder in folders:
        (home / folder).mkdir(parents=True)
    assert gimp.main(["install"]) == 0
    for folder in folders:
        assert (home / folder / "plug-ins" / NAME / f"{NAME}.py").is_file()
    assert not (home / ".var/app/org.gimp.GIMP/config/GIMP/3.0").exists()
    for data in (".local/share", ".var/app/org.gimp.GIMP/data"):
        assert (home / data / "sinddm/install.json").is_file()


@LINUX
def test_an_older_gimp_does_not_get_it(home):
    (home / ".config/GIMP/2.10").mkdir(parents=True)
    assert gimp.main(["install"]) == 1
    assert not list((home / ".config/GIMP/2.10").iterdir())


def test_a_folder_with_odd_letters_can_be_given(home):
    plug_ins = home / "Füße und Bäume" / "plug ins"
    assert gimp.main(["install", "--plug-ins", str(plug_ins)]) == 0
    assert (plug_ins / NAME / f"{NAME}.py").is_file()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="who may do everything is not refused")
def test_what_cannot_be_written_is_told(home, capsys):
    (home / "mine").mkdir(mode=0o500)
    assert gimp.main(["install", "--plug-ins", str(home / "mine" / "plug-ins")]) == 1
    assert "could not be changed" in capsys.readouterr().err


def test_a_full_disk_leaves_the_old_plug_in(home, monkeypatch, capsys):
    plug_ins = home / "mine"
    assert gimp.main(["install", "--plug-ins", str(plug_ins)]) == 0
    before = files(plug_ins)

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert gimp.main(["install", "--plug-ins", str(plug_ins)]) == 1
    monkeypatch.undo()
    assert "No space left" in capsys.readouterr().err
    assert files(plug_ins) == before


@pytest.mark.parametrize(
    ("system", "folder"),
    [
        ("win32", "AppData/Roaming/GIMP/{}/plug-ins"),
        ("darwin", "Library/Application Support/GIMP/{}/plug-ins"),
        ("linux", ".config/GIMP/{}/plug-ins"),
        ("linux", ".var/app/org.gimp.GIMP/config/GIMP/{}/plug-ins"),
    ],
)
@pytest.mark.parametrize("version", ["3.0", "3.2"])
def test_each_system_has_its_folders(home, system, folder, version):
    assert home / folder.format(version) in [place.plug_ins for place in places(system)]


def test_the_folder_of_the_environment_comes_first(home, monkeypatch):
    monkeypatch.setenv("GIMP3_DIRECTORY", str(home / "own"))
    assert places()[0].plug_ins == home / "own" / "plug-ins"
