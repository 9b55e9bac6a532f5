"""What is put into Krita, without Krita: the archive, and the installation into a folder."""

import ast
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sinddm_installer import krita
from sinddm_installer.krita_archive import NAME
from sinddm_installer.krita_places import places
from sinddm_installer.kritarc import disabled, enabled
from sinddm_plugin.krita.entries import ENTRIES

ROOT = Path(__file__).resolve().parents[2]
LINE = b"enable_sinddm_krita=true\n"


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "made.zip"
    assert krita.main(["build", "-o", str(path)]) == 0
    with zipfile.ZipFile(path) as opened:
        yield opened


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user with nothing."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "SINDDM_DATA", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_archive_is_what_krita_imports(archive):
    names = archive.namelist()
    assert f"{NAME}.desktop" in names
    assert f"{NAME}/" in names, "Krita finds no plugin without the entry of its folder"
    assert f"{NAME}/__init__.py" in names
    assert f"{NAME}/Manual.html" in names
    assert [name for name in names if name.endswith(".desktop")] == [f"{NAME}.desktop"]
    assert f"X-KDE-Library={NAME}\n" in archive.read(f"{NAME}.desktop").decode()
    for inside in ("sinddm_ui/host.py", "sinddm_plugin/client/client.py", "sinddm_plugin/krita/host.py"):
        assert f"{NAME}/packages/{inside}" in names
    assert not [name for name in names if "__pycache__" in name or "/desktop/" in name or "/gimp/" in name]


def test_the_archive_needs_nothing_but_python_and_qt(archive):
    known = {"sinddm_ui", "sinddm_plugin", "krita", "PyQt5", "PyQt6", *sys.stdlib_module_names}
    for name in archive.namelist():
        if name.endswith(".py"):
            for node in ast.walk(ast.parse(archive.read(name))):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.level == 0:
                    names = [node.module or ""]
                assert {one.partition(".")[0] for one in names} <= known, name


def test_the_actions_are_those_of_the_menu(archive):
    found = ElementTree.fromstring(archive.read(f"{NAME}.action")).iter("Action")
    assert [one.get("name") for one in found] == [entry.action for entry in ENTRIES]
    shortcuts = [entry.shortcut for entry in ENTRIES]
    assert len(set(shortcuts)) == len(shortcuts)


def test_the_same_sources_make_the_same_archive(tmp_path):
    for name in ("a.zip", "b.zip"):
        krita.main(["build", "-o", str(tmp_path / name)])
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_an_archive_that_cannot_be_written_is_told_in_a_sentence(tmp_path, capsys):
    assert krita.main(["build", "-o", str(tmp_path)]) == 1
    assert "folder" in capsys.readouterr().err


def test_the_plugin_imports_without_krita(archive, tmp_path):
    archive.extractall(tmp_path / "out")
    packages = tmp_path / "out" / NAME / "packages"
    code = "import sinddm_plugin.krita, sinddm_plugin.krita.entries, sinddm_plugin.krita.pixels; print('imported')"
    done = subprocess.run(  # noqa: PLW1510
        [sys.executable, "-S", "-c", code],
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "imported\n", done.stderr


def test_without_krita_nothing_is_written(home, capsys):
    assert krita.main(["install"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("No Krita was found")
    assert said.count("\n") == 1
    assert not list(home.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of Linux")
def test_it_is_installed_and_removed(home):
    resources, settings = home / ".local/share/krita", home / ".config/kritarc"
    resources.mkdir(parents=True)
    settings.parent.mkdir()
    settings.write_bytes(b"[General]\nname=\xff\n\n[python]\nenable_other=true\n\n[Last]\nx=1\n")
    settings.chmod(0o600)
    before = settings.read_bytes()
    for _ in range(2):  # also over itself
        assert krita.main(["install"]) == 0
    assert settings.read_bytes() == before.replace(b"[python]\n", b"[python]\n" + LINE)
    assert settings.stat().st_mode & 0o777 == 0o600
    assert (resources / "pykrita" / NAME / "packages/sinddm_plugin/krita/__init__.py").is_file()
    assert sorted(path.name for path in (resources / "pykrita").iterdir()) == [NAME, f"{NAME}.desktop"]
    assert (resources / "actions" / f"{NAME}.action").is_file()
    command = json.loads((home / ".local/share/sinddm/install.json").read_text())["command"]
    assert Path(command[0]).is_file()
    assert krita.main(["remove"]) == 0
    assert settings.read_bytes() == before
    assert not [path for path in resources.rglob("*") if path.is_file()]


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of Linux")
def test_every_krita_gets_it(home):
    for folder in (".local/share/krita", ".var/app/org.kde.krita/data/krita"):
        (home / folder).mkdir(parents=True)
    assert krita.main(["install"]) == 0
    assert (home / ".var/app/org.kde.krita/data/krita/pykrita" / NAME).is_dir()
    assert LINE in (home / ".var/app/org.kde.krita/config/kritarc").read_bytes()
    assert (home / ".var/app/org.kde.krita/data/sinddm/install.json").is_file()
    assert LINE in (home / ".config/kritarc").read_bytes()


def test_a_folder_can_be_given(home):
    assert krita.main(["install", "--resources", str(home / "mine")]) == 0
    assert (home / "mine/pykrita" / f"{NAME}.desktop").is_file()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="who may do everything is not refused")
def test_what_cannot_be_written_is_told_and_leaves_the_old_one(home, capsys):
    resources = home / "mine"
    assert krita.main(["install", "--resources", str(resources)]) == 0
    (resources / "pykrita").chmod(0o500)
    assert krita.main(["install", "--resources", str(resources)]) == 1
    assert "could not be changed" in capsys.readouterr().err
    (resources / "pykrita").chmod(0o700)
    assert (resources / "pykrita" / NAME / "__init__.py").is_file()


def test_a_failed_write_leaves_the_old_plugin(home, monkeypatch, capsys):
    resources = home / "mine"
    assert krita.main(["install", "--resources", str(resources)]) == 0
    before = {path: path.read_bytes() for path in resources.rglob("*") if path.is_file()}

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert krita.main(["install", "--resources", str(resources)]) == 1
    monkeypatch.undo()
    assert "No space left" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in resources.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"", b"[python]\n" + LINE),
        (b"[A]\nx=1", b"[A]\nx=1\n\n[python]\n" + LINE),
        (b"[python]\nenable_sinddm_krita=false\nenable_b=true\n", b"[python]\n" + LINE + b"enable_b=true\n"),
        (b"[A]\r\nx=1\r\n", b"[A]\r\nx=1\r\n\r\n[python]\r\nenable_sinddm_krita=true\r\n"),
        (b"[other]\nenable_sinddm_krita=false\n", b"[other]\nenable_sinddm_krita=false\n\n[python]\n" + LINE),
    ],
)
def test_one_line_of_the_settings_changes(text, wanted):
    assert enabled(text, NAME) == wanted
    assert enabled(wanted, NAME) == wanted
    assert LINE not in disabled(wanted, NAME)


def test_each_system_has_its_folders(home):
    assert places("win32")[0].resources == home / "AppData/Roaming/krita"
    assert places("win32")[0].settings == home / "AppData/Local/kritarc"
    assert places("darwin")[0].resources == home / "Library/Application Support/krita"
    assert places("linux")[0].settings == home / ".config/kritarc"
