"""What a computer computes with is found out without torch, and the build of torch that suits it is chosen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from sinddm_installer import builds
from sinddm_installer.probe import Amd, Found, Nvidia, probe

CARD = Nvidia("NVIDIA GeForce RTX 3060", (8, 6), 13)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the files of Linux")


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Has nvidia-smi say something, as a program."""
    folder = tmp_path / "Meine Programme"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")

    def says(text: str, code: int = 0) -> None:
        program = folder / "nvidia-smi"
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {code}\n")
        program.chmod(0o755)

    return says


@pytest.fixture
def amd(tmp_path: Path):
    """A folder with the kernel's files of these cards; each by its version, 0 for a processor."""

    def cards(*versions: int) -> Path:
        for number, version in enumerate(versions):
            node = tmp_path / "sys/class/kfd/kfd/topology/nodes" / str(number)
            node.mkdir(parents=True)
            (node / "properties").write_text(f"cpu_cores_count 0\ngfx_target_version {version}\nvendor_id 4098\n")
        return tmp_path

    return cards


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("NVIDIA GeForce RTX 3060, 580.65.06, 8.6", CARD),
        ("NVIDIA GeForce GTX 1080, 535.183.01, 6.1", Nvidia("NVIDIA GeForce GTX 1080", (6, 1), 12)),
        ("Tesla K80, 470.256.02, 3.7", Nvidia("Tesla K80", (3, 7), 11)),
        ("Some, odd name, 390.1, [N/A]", Nvidia("Some, odd name", (0, 0), 0)),
        ("Quadro P400, 551.23, 6.1\nNVIDIA RTX A4000, 551.23, 8.6", Nvidia("NVIDIA RTX A4000", (8, 6), 12)),
    ],
)
def test_the_best_card_of_nvidias_is_found_by_their_tool(tool, tmp_path, said, found):
    tool(said)
    assert probe(tmp_path).nvidia == found


@pytest.mark.parametrize(
    ("said", "code"), [("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9), ("", 0)]
)
def test_a_driver_that_does_not_answer_is_no_card(tool, tmp_path, said, code):
    tool(said, code)
    assert probe(tmp_path).nvidia is None


@pytest.mark.parametrize(
    ("versions", "name"), [((0, 100300), "gfx1030"), ((0, 110001, 90010), "gfx1101"), ((90010,), "gfx90a")]
)
def test_amds_cards_are_found_by_their_driver(amd, monkeypatch, versions, name):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert probe(amd(*versions)).amd == Amd(name)


def test_a_card_of_amds_without_its_driver_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (tmp_path / "sys/class/drm/card0/device").mkdir(parents=True)
    (tmp_path / "sys/class/drm/card0/device/vendor").write_text("0x1002\n")
    assert probe(tmp_path).amd == Amd("")


def chosen(found: Found, system: str = "linux") -> str:
    """What is chosen if nobody chooses otherwise."""
    return next(one.key for one in builds.builds(found, system) if one.possible)


@pytest.mark.parametrize(
    ("found", "system", "key", "place"),
    [
        (Found(), "linux", "cpu", "/cpu"),
        (Found(), "win32", "cpu", ""),
        (Found(nvidia=CARD), "linux", "cuda", ""),
        (Found(nvidia=CARD), "win32", "cuda", "/cu130"),
        (Found(nvidia=CARD._replace(cuda=12)), "linux", "cuda", "/cu126"),
        (Found(nvidia=Nvidia("GTX 1080", (6, 1), 13)), "linux", "cuda", "/cu126"),
        (Found(nvidia=Nvidia("GTX 1080", (6, 1), 11)), "linux", "cpu", "/cpu"),
        (Found(nvidia=Nvidia("Tesla K80", (3, 7), 12)), "linux", "cpu", "/cpu"),
        (Found(amd=Amd("gfx1030")), "linux", "rocm", "/rocm6.4"),
        (Found(amd=Amd("gfx803")), "linux", "cpu", "/cpu"),
        (Found(amd=Amd("")), "linux", "cpu", "/cpu"),
        (Found(nvidia=CARD, amd=Amd("gfx1030")), "linux", "cuda", ""),
        (Found(apple=True), "darwin", "mps", ""),
    ],
)
def test_the_build_suits_what_was_found(found, system, key, place, monkeypatch):
    monkeypatch.delenv("SINDDM_TORCH_INDEX", raising=False)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert chosen(found, system) == key
    assert builds.index(key, found, system) == (f"https://download.pytorch.org/whl{place}" if place else "")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Found(nvidia=Nvidia("GTX 1080", (6, 1), 11)), "The driver of the GTX 1080 is too old: update it"),
        (Found(nvidia=Nvidia("Tesla K80", (3, 7), 12)), "The Tesla K80 is too old"),
        (Found(amd=Amd("")), "install ROCm to use it"),
        (Found(amd=Amd("gfx803")), "(gfx803) is not among those"),
    ],
)
def test_why_a_card_is_not_used_is_said(found, said):
    assert any(said in one.why for one in builds.builds(found, "linux") if not one.possible)


def test_a_mac_with_an_intel_processor_is_told_at_once():
    (only,) = builds.builds(Found(), "darwin")
    assert not only.possible
    assert only.why.startswith("The engine's libraries are no longer made for Macs with an Intel processor")


def test_a_mirror_of_torchs_builds_can_be_given(monkeypatch):
    monkeypatch.setenv("SINDDM_TORCH_INDEX", "https://mirror.example/wheels/")
    assert builds.index("rocm", Found()) == "https://mirror.example/wheels/rocm6.4"


@pytest.mark.parametrize(
    ("version", "system", "key"),
    [
        ("2.13.0+cpu", "linux", "cpu"),
        ("2.13.0+cu130", "win32", "cuda"),
        ("2.9.1+rocm6.4", "linux", "rocm"),
        ("2.13.0", "darwin", "mps"),
        ("2.13.0", "win32", "cpu"),
        ("2.13.0", "linux", "cuda"),
    ],
)
def test_a_torch_tells_by_its_version_which_build_it_is(version, system, key, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert builds.kind_of(version, system) == key
