"""What is released: packages and archives, the same however often they are made."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from sinddm_installer.release import programs
from sinddm_installer.release.__main__ import main
from sinddm_installer.release.packages import ROOT
from sinddm_plugin.client.commands import PROGRAM
from sinddm_plugin.client.version import VERSION

FOLDERS = {"sinddm": "sinddm", "ui": "sinddm_ui", "plugin": "sinddm_plugin", "installer": "sinddm_installer"}
NOT_INSTALLED = {"sinddm_installer/bundle", "sinddm_installer/release"}  # they make releases, of a clone
SCRIPT = (
    "import sinddm, sinddm_ui, sinddm_plugin.client, sinddm_installer.cli; print(sinddm.__file__, sinddm.__version__)"
)


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Path:
    """A release's folder, without programs."""
    out = tmp_path_factory.mktemp("release")
    assert main(["--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def venv(release, tmp_path_factory) -> Path:
    """A Python that has the released wheel and nothing else."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    pip_install(folder, release / f"sinddm-{VERSION}-py3-none-any.whl")
    return folder


def pip_install(venv: Path, package: Path) -> None:
    """Without what it depends on, which takes minutes."""
    command = [sys.executable, "-m", "pip", "--python", str(python(venv)), "install", "--quiet", "--no-index"]
    subprocess.run([*command, "--no-deps", "--no-build-isolation", str(package)], check=True)


def python(venv: Path, name: str = "python") -> Path:
    """A program of an environment."""
    return venv / ("Scripts" if sys.platform == "win32" else "bin") / name


def say(*command: str | Path) -> str:
    """What a program says that knows nothing of this clone."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=True).stdout


def test_it_consists_of_these_files(release):
    names = {f"sinddm-{VERSION}-py3-none-any.whl", f"sinddm-{VERSION}.tar.gz", "SHA256SUMS"}
    assert {path.name for path in release.iterdir()} == names | {
        f"sinddm_krita-{VERSION}.zip",
        f"sinddm_gimp-{VERSION}.zip",
    }


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="the system's own tool checks")
def test_its_checksums_hold(release):
    done = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=release, capture_output=True, text=True, check=True
    )
    assert done.stdout.count(": OK\n") == len(list(release.iterdir())) - 1


@pytest.mark.skipif(os.name != "posix", reason="the rights of Unix")
def test_made_again_it_is_the_same_to_the_byte(release, tmp_path):
    """By another user, elsewhere, in another time zone, of files of today that others must not read."""
    clone, links, again = (tmp_path / name for name in ("Ein Klon", "links", "again"))
    ignored = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "out")
    shutil.copytree(ROOT, clone, ignore=ignored, copy_function=shutil.copyfile)
    for path in clone.rglob("*.py"):
        path.chmod(0o600)
    links.mkdir()
    for folder, package in FOLDERS.items():
        (links / package).symlink_to(clone / folder)
    own = {"PYTHONPATH": str(links), "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "1700000000"}
    command = [sys.executable, "-m", "sinddm_installer.release", "--out", str(again)]
    subprocess.run(command, env={**os.environ, **own}, cwd=tmp_path, umask=0o077, check=True)
    for path in release.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_wheel_has_all_of_the_clone_that_runs(release):
    with zipfile.ZipFile(release / f"sinddm-{VERSION}-py3-none-any.whl") as wheel:
        found = {name for name in wheel.namelist() if ".dist-info/" not in name}
    wanted = set()
    for folder, package in FOLDERS.items():
        for path in (ROOT / folder).rglob("*"):
            name = f"{package}/{path.relative_to(ROOT / folder).as_posix()}"
            if path.is_file() and "__pycache__" not in name and not name.startswith(tuple(NOT_INSTALLED)):
                wanted.add(name)
    assert found == wanted


def test_the_wheel_installs_and_runs(venv):
    where, version = say(python(venv), "-c", SCRIPT).split()
    assert Path(where).is_relative_to(venv)
    assert version == VERSION
    assert say(python(venv, "sinddm"), "--version") == f"sinddm {VERSION}\n"
    assert say(python(venv), "-m", "sinddm_installer", "--version") == f"SinDDM {VERSION}\n"


def test_the_sources_install_too(release, venv, tmp_path):
    """They make the same wheel."""
    sources = release / f"sinddm-{VERSION}.tar.gz"
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(sources)], check=True)
    (made,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(made) as one, zipfile.ZipFile(release / made.name) as other:
        assert {name: one.read(name) for name in one.namelist()} == {
            name: other.read(name) for name in other.namelist()
        }


def test_the_sources_have_what_tests_and_makes_them(release):
    with tarfile.open(release / f"sinddm-{VERSION}.tar.gz") as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"Makefile", "LICENSE", "CHANGELOG.md", "requirements.lock", "requirements-bundle.lock"}
    assert wanted | {"tests/installer/test_release.py", "installer/bundle/sinddm.spec", "docs/protocol.md"} <= names


def test_the_licence_and_the_text_come_along(release):
    with zipfile.ZipFile(release / f"sinddm-{VERSION}-py3-none-any.whl") as wheel:
        about = message_from_bytes(wheel.read(f"sinddm-{VERSION}.dist-info/METADATA"))
        assert b"GNU GENERAL PUBLIC LICENSE" in wheel.read(f"sinddm-{VERSION}.dist-info/licenses/LICENSE")
    assert (about["License-Expression"], about["Version"]) == ("GPL-3.0-or-later", VERSION)
    assert str(about.get_payload()).startswith("# SinDDM")


def test_the_version_stands_in_one_place():
    """Where another file needs it, it reads it there."""
    found = []
    for folder in (*FOLDERS, "pyproject.toml"):
        for path in [ROOT / folder] if (ROOT / folder).is_file() else (ROOT / folder).rglob("*.py"):
            if re.search(rf"""["']{re.escape(VERSION)}["']""", path.read_text(encoding="utf-8")):
                found.append(path.relative_to(ROOT).as_posix())
    assert found == ["plugin/client/version.py"]
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("editor", ["krita", "gimp"])
def test_an_archive_takes_the_version_and_the_wheel_along(release, tmp_path, editor):
    shutil.unpack_archive(release / f"sinddm_{editor}-{VERSION}.zip", tmp_path)
    (packages,) = tmp_path.glob("*/packages")
    code = "import sys; sys.path.insert(0, sys.argv[1]); import sinddm_plugin.client as c; print(c.VERSION, c.__file__)"
    version, where = say(sys.executable, "-S", "-E", "-I", "-c", code, packages).split()
    assert (version, Path(where).is_relative_to(packages)) == (VERSION, True)
    (wheel,) = packages.glob("*.whl")
    assert wheel.read_bytes() == (release / wheel.name).read_bytes()


def test_gimps_archive_unpacks_into_its_folder_of_plug_ins(release):
    with zipfile.ZipFile(release / f"sinddm_gimp-{VERSION}.zip") as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert {name.partition("/")[0] for name in modes} == {"sinddm"}
    assert modes["sinddm/sinddm.py"] == 0o100755, "GIMP runs only what may be run"
    assert {mode for name, mode in modes.items() if name != "sinddm/sinddm.py"} == {0o100644}


def test_programs_are_packed_the_same_each_time(tmp_path):
    for name, umask in (("one", 0o022), ("two", 0o077)):
        before = os.umask(umask)
        folder = tmp_path / name / "sinddm"
        (folder / "_internal").mkdir(parents=True)
        (folder / PROGRAM).write_bytes(b"\x7fELF")
        (folder / PROGRAM).chmod(0o700)
        (folder / "_internal" / "a.so").write_bytes(bytes(100))
        (folder / "_internal" / "b.so").symlink_to("a.so")
        os.umask(before)
    first, second = (programs.pack(tmp_path / name / "sinddm", tmp_path / name) for name in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(first) as archive:
        assert {entry.name: entry.mode for entry in archive if entry.isfile()} == {
            f"sinddm/{PROGRAM}": 0o755,
            "sinddm/_internal/a.so": 0o644,
        }


@pytest.mark.parametrize("option", ["--bundle", "--installer"])
def test_what_was_not_made_is_told_in_a_sentence(tmp_path, capsys, option):
    assert main(["--out", str(tmp_path / "out"), option, str(tmp_path / "nothing")]) == 1
    said = capsys.readouterr().err
    assert "make" in said
    assert said.count("\n") == 1


def test_gimps_archive_needs_nothing_but_python_and_gimp(release):
    known = {"sinddm_ui", "sinddm_plugin", "gi", *sys.stdlib_module_names}
    with zipfile.ZipFile(release / f"sinddm_gimp-{VERSION}.zip") as archive:
        for name in archive.namelist():
            for node in ast.walk(ast.parse(archive.read(name))) if name.endswith(".py") else ():
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.level == 0:
                    names = [node.module or ""]
                assert {one.partition(".")[0] for one in names} <= known, name
