"""What goes into the bundle, and what stays out of it. The bundle itself is tested by make test-bundle."""

from __future__ import annotations

import ast
import importlib.util
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core import sigutils
from sinddm_installer.bundle import compiled, parts
from sinddm_installer.release.packages import ROOT

from sinddm import Texture
from sinddm.denoisers import search_cpu

HOOKS = ROOT / "installer" / "bundle" / "hooks"
OURS = {"sinddm": "sinddm", "sinddm_ui": "ui", "sinddm_plugin": "plugin"}


def pinned(name: str) -> dict[str, set[str]]:
    """The versions of a lock file, by what they are of."""
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([\w.+]+)", (ROOT / name).read_text(), re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


def imported(path: Path) -> set[str]:
    """All modules that a file names to import, and the packages that they are in."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return {name.rsplit(".", count)[0] for name in found for count in range(name.count(".") + 1)}


def test_what_is_bundled_is_what_is_tested():
    tested = pinned("requirements.lock")
    bundled = pinned("requirements-bundle.lock")
    assert {name for name, versions in bundled.items() if name in tested and versions != tested[name]} == {"torch"}


def test_nothing_that_is_imported_here_is_left_out():
    left = set(parts.MODULES_LEFT_OUT)
    for package in parts.PACKAGES:
        top, *below = package.split(".")
        for path in (ROOT / OURS[top]).joinpath(*below).rglob("*.py"):
            allowed = {"numba"} if path.name == "search_cpu.py" else {parts.COMPILED}
            assert not imported(path) & left - allowed, path


def test_all_that_is_left_out_has_a_reason():
    for why in (*parts.MODULES_LEFT_OUT.values(), *parts.FILES_LEFT_OUT.values()):
        assert len(why.split()) > 1 or why.endswith("'s")


@pytest.mark.parametrize(
    ("path", "stays"),
    [
        ("PyQt6/Qt6/plugins/platforms/libqxcb.so", False),
        ("PyQt6/Qt6/plugins/platforms/libqwayland.so", False),
        ("PyQt6/Qt6/plugins/platforms/libqoffscreen.so", False),
        ("PyQt6/Qt6/plugins/platforms/qwindows.dll", False),
        ("PyQt6/Qt6/plugins/platforms/libqcocoa.dylib", False),
        ("PyQt6/Qt6/plugins/imageformats/libqsvg.so", False),
        ("PyQt6/Qt6/plugins/imageformats/qjpeg.dll", False),
        ("PyQt6/Qt6/plugins/platforms/libqminimalegl.so", True),
        ("PyQt6/Qt6/plugins/platformthemes/libqgtk3.so", True),
        ("PyQt6/Qt6/plugins/imageformats/libqpdf.so", True),
        ("PyQt6/Qt6/translations/qtbase_de.qm", True),
    ],
)
def test_the_window_keeps_what_it_needs(path, stays):
    assert parts.left_out(f"/somewhere/site-packages/{path}") == stays


def test_the_codecs_that_come_along_exist():
    for name in runpy.run_path(str(HOOKS / "hook-imagecodecs.py"))["hiddenimports"]:
        assert importlib.util.find_spec(name), name


def test_the_search_is_compiled_for_what_it_is_given():
    spots = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    Texture.from_image(spots, device="cpu").generate(size=(96, 96), quality="draft")
    for name, types in compiled.SIGNATURES.items():
        wanted = sigutils.normalize_signature(f"void({', '.join(types)})")[0]
        assert getattr(search_cpu, name).signatures == [wanted]


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_the_compiled_search_finds_the_same(tmp_path):
    """But for rounding, as it is compiled for any processor."""
    command = [sys.executable, "-m", "sinddm_installer.bundle.compiled", parts.COMPILED, str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = tmp_path.iterdir()
    spec = importlib.util.spec_from_file_location("search_cpu", path)
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    rng, side, patch = np.random.default_rng(1), 40, 9
    source = rng.random(side * side * 3, np.float32)
    query = rng.random((side + patch - 1) ** 2 * 3, np.float32)
    allowed = np.zeros((side, side), bool)
    allowed[4:-4, 4:-4] = True
    field = rng.choice(np.flatnonzero(allowed), side * side).astype(np.int32)
    weights = np.ones((patch, patch), np.float32)
    outcomes = []
    for module in (search_cpu, made):
        matches, voted = np.empty_like(field), np.empty_like(source)
        shape, wrap = (side, side, side), (False, True)
        module.search(query, source, allowed.ravel(), field, matches, shape, 0, side, patch, 3, 8, 4, 7, wrap)
        module.vote(matches, source, weights, voted, shape, 0, side, 3, wrap)
        outcomes.append((matches, voted))
    assert (outcomes[0][0] != field).mean() > 0.5
    assert (outcomes[0][0] == outcomes[1][0]).mean() > 0.999
    assert np.abs(outcomes[0][1] - outcomes[1][1]).max() < 1e-4
