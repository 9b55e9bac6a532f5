"""`sinddm text` and `sinddm models`, as they are typed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scenery import fair

from sinddm.cli import main


@pytest.fixture(autouse=True)
def _place(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SINDDM_MODELS", str(models))
    monkeypatch.chdir(tmp_path)
    Image.fromarray(fair(64, 80)).save("fair.png")
    mask = np.zeros((64, 80), np.uint8)
    mask[20:44, 24:56] = 255
    Image.fromarray(mask).save("mask.png")


def run(*words: str) -> int:
    return main([*words, "--quiet", "--quality", "draft"])


@pytest.mark.parametrize(
    "more",
    [
        ("--share", "1"),
        ("--size", "96x72", "--avoid", "blue"),
        ("--mode", "style", "--prompt", "sunset:0.5"),
        ("--mode", "restyle", "--strength", "1"),
        ("--mode", "region", "--mask", "mask.png"),
    ],
)
def test_each_mode_makes_a_picture(more: tuple[str, ...]):
    assert run("text", "fair.png", "--prompt", "yellow", "-o", "out.png", *more) == 0
    assert Image.open("out.png").size == ((96, 72) if "--size" in more else (80, 64))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("fair.png",), "--prompt"),
        (("fair.png", "--prompt", " "), "says nothing"),
        (("fair.png", "--prompt", "red", "--mode", "region"), "needs --mask"),
        (("fair.png", "--prompt", "red", "--mask", "mask.png"), "no other mode"),
        (("--texture", "x", "--prompt", "red", "--mode", "restyle"), "works on a picture"),
        (("fair.png", "--prompt", "red", "--mode", "restyle", "--size", "9x9"), "keeps the picture's size"),
        (("fair.png", "--prompt", "red:99"), "weight"),
        (("fair.png", "--prompt", "red", "--model", "tiny/other"), "There is no model"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(words, told, capsys):
    assert run("text", *words, "-o", "out.png") == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert not Path("out.png").exists()


def test_models_are_listed_and_removed(capsys, models: Path, tmp_path, monkeypatch):
    assert main(["models", "list"]) == 0
    listed = capsys.readouterr().out
    assert "tiny/guide" in listed
    assert "ViT-B-32/laion2b_s34b_b79k  605 MB, can be fetched from https://huggingface.co/laion" in listed
    monkeypatch.setenv("SINDDM_MODELS", str(tmp_path / "mine"))
    assert main(["models", "add", str(models / "tiny" / "guide"), "--name", "tiny/copy"]) == 0
    assert main(["models", "remove", "tiny/copy"]) == 0
    assert main(["models", "remove", "tiny/copy"]) == 2


def test_nothing_is_fetched_unless_somebody_agrees(capsys, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert main(["models", "get"]) == 2
    said = capsys.readouterr()
    assert "605 MB" in said.out
    assert "MIT" in said.out
    assert "add --yes" in said.err


def test_what_can_be_had_is_told_without_complaints():
    done = subprocess.run(
        [sys.executable, "-m", "sinddm.cli", "models", "list"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "ViT-B-32/laion2b_s34b_b79k  605 MB, can be fetched from https://huggingface.co/" in done.stdout
