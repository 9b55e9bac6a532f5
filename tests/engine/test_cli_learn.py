"""`sinddm learn`: from pictures to a texture in the library, through pauses, full disks and kills."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import environment, pixels, written
from scenery import landscape

from sinddm import Cancelled, InputError, Texture, files
from sinddm.atomic import UNFINISHED
from sinddm.cli import main, outputs
from sinddm.cli.progress import interruptible
from sinddm.library import Library
from sinddm.training.session import Session

TINY = landscape(24, 30)
ODD = "Grüne Wiese, 2. 'Versuch' für Öl"


@pytest.fixture
def library(workplace, monkeypatch) -> Library:
    """An empty library, and a very small picture to learn."""
    library = Library(workplace / "Texturen für Öl")
    monkeypatch.setenv("SINDDM_LIBRARY", str(library.folder))
    files.write("tiny.png", files.Picture(TINY))
    return library


def learned(name: str, steps: int = 1, *more: str) -> None:
    """A texture of the library that was learned so many steps."""
    assert main(["learn", "tiny.png", "--name", name, "--steps", str(steps), *more]) == 0


def facts(name: str, capsys) -> dict:
    """What the library says of a texture."""
    capsys.readouterr()
    assert main(["textures", "show", name, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def contents(library: Library) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in library.folder.glob("*")}


# Learning


def test_learn_keeps_a_texture_and_says_how_to_use_it(library, workplace, capsys):
    assert main(["learn", "tiny.png", "--name", ODD, "--steps", "2"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert re.fullmatch(rf"Learned {re.escape(ODD)} in 2 steps in \d+ s, loss \d+\.\d+\. Use it: [^\n]+\n", out)
    use = shlex.split(out.split("Use it: sinddm ")[1])
    assert main([*use, "--quality", "draft"]) == 0
    assert pixels("new.png").shape == TINY.shape
    assert library.names() == [ODD]


def test_learn_remembers_what_was_learned_and_how(library, capsys):
    main(["learn", "tiny.png", "meadow.png", "--name", "two", "--steps", "2", "--seed", "7"])
    said = facts("two", capsys)
    assert (said["preset"], said["steps"], said["seed"]) == ("fast", 2, 7)
    assert said["sources"] == ["tiny.png", "meadow.png"]
    assert said["loss"] > 0


def test_the_same_seed_learns_the_same(library):
    for name, seed in (("a", "0"), ("again", "0"), ("other", "1")):
        learned(name, 2, "--seed", seed)
    first, again, other = (Texture.load(library.find(n), device="cpu") for n in ("a", "again", "other"))
    picture = first.generate(quality="draft")[0]
    assert np.array_equal(picture, again.generate(quality="draft")[0])
    assert not np.array_equal(picture, other.generate(quality="draft")[0])


def test_no_seconds_keep_the_picture_without_a_network(library, workplace, capsys):
    assert main(["learn", "tiny.png", "--name", "plain", "--seconds", "0"]) == 0
    assert re.fullmatch(r"Kept plain, without a network\. Use it: [^\n]+\n", capsys.readouterr().out)
    main(["generate", "--texture", "plain", "-o", "results/a.png", "--quality", "draft"])
    main(["generate", "tiny.png", "-o", "results/b.png", "--quality", "draft"])
    assert np.array_equal(pixels("results/a.png"), pixels("results/b.png"))


def test_some_seconds_learn_some_steps(library, capsys):
    assert main(["learn", "tiny.png", "--name", "short", "--seconds", "0.3"]) == 0
    assert facts("short", capsys)["steps"] >= 1


def test_a_mask_says_what_of_which_picture_is_learned(library, workplace):
    mask = np.zeros(TINY.shape[:2], np.uint8)
    mask[:, :20] = 255
    files.write("left.png", files.Picture(mask))
    learned("left", 1, "--learn-mask", "left.png")
    source = Texture.load(library.find("left"), device="cpu").source
    assert tuple(source.image.shape) == (3, 24, 20)


@pytest.mark.parametrize("kind", ["gray", "alpha", "16 bit", "maps"])
def test_the_preview_shows_what_is_learned_of_every_kind_of_picture(kind, library, workplace, monkeypatch):
    monkeypatch.setattr(Session.run, "__defaults__", (None, 0.0))  # no seconds between previews
    pictures = {
        "gray": TINY[..., 0].copy(),
        "alpha": np.dstack([TINY, np.where(TINY[..., 0] > 60, 255, 0).astype(np.uint8)]),
        "16 bit": TINY.astype(np.uint16) * 257,
        "maps": np.concatenate([TINY, TINY[..., :2]], 2),
    }
    files.write("kind.tif", files.Picture(pictures[kind]))
    assert main(["learn", "kind.tif", "--name", kind, "--steps", "1", "--preview", "results/so far.png"]) == 0
    preview = pixels("results/so far.png")
    assert preview.shape == (TINY.shape[:2] if kind == "gray" else TINY.shape)
    assert preview.std() > 5
    assert written(workplace) == ["results/so far.png"]


def test_learning_goes_on_where_the_preview_cannot_be_written(library, workplace, monkeypatch):
    """A file has come where its folder was to be, after it was found that one could be made there."""
    monkeypatch.setattr(Session.run, "__defaults__", (None, 0.0))
    check = outputs.check

    def found(path: Path, picture: files.Picture) -> None:
        check(path, picture)
        path.parent.write_text("a file")

    monkeypatch.setattr(outputs, "check", found)
    learned("x", 2, "--preview", "results/new/so far.png")
    assert library.names() == ["x"]


# Going on


def test_resume_goes_on_to_the_end_that_is_asked_for(library, capsys):
    learned("x", 2)
    assert main(["learn", "--resume", "--name", "x", "--steps", "3"]) == 0
    assert facts("x", capsys)["steps"] == 5


def test_resume_without_a_time_keeps_the_network(library, capsys):
    learned("x", 2)
    before = facts("x", capsys)
    assert main(["learn", "--resume", "--name", "x", "--seconds", "0"]) == 0
    assert {**facts("x", capsys), "saved": ""} == {**before, "saved": ""}


# What is wrong

WRONG = {
    "nothing": ("learn", "--name"),
    "no name": ("learn tiny.png", "--name"),
    "no picture": ("learn --name new", "at least one picture"),
    "a picture and resume": ("learn tiny.png --resume --name old", "leave out"),
    "a learn mask and resume": ("learn --resume --name old --learn-mask mask.png", "leave out"),
    "seconds and steps": ("learn tiny.png --name new --seconds 5 --steps 5", "not allowed with"),
    "seconds and until settled": ("learn tiny.png --name new --seconds 5 --until-settled", "not allowed with"),
    "no steps": ("learn tiny.png --name new --steps 0", "whole number"),
    "half a step": ("learn tiny.png --name new --steps 2.5", "whole number"),
    "fewer seconds than none": ("learn tiny.png --name new --seconds=-1", "seconds"),
    "seconds that are no number": ("learn tiny.png --name new --seconds nan", "seconds"),
    "endless seconds": ("learn tiny.png --name new --seconds inf", "seconds"),
    "an unknown preset": ("learn tiny.png --name new --preset slow", "slow"),
    "a taken name": ("learn tiny.png --name old", "already a texture called 'old'"),
    "resume what is not there": ("learn --resume --name new", "the library has old, plain"),
    "resume what has come to its end": ("learn --resume --name old", "learned to the end"),
    "resume without a network": ("learn --resume --name plain --steps 2", "no trained network"),
    "resume with another preset": ("learn --resume --name old --preset paper --steps 2", "preset fast"),
    "a name with a folder": ("learn tiny.png --name a/b", "cannot be a texture's name"),
    "a name out of the library": ("learn tiny.png --name ../new", "cannot be a texture's name"),
    "a hidden name": ("learn tiny.png --name .new", "cannot be a texture's name"),
    "an empty name": ("learn tiny.png --name=", "cannot be a texture's name"),
    "a device as a name": ("learn tiny.png --name CON", "device names"),
    "a name too long for a file": (f"learn tiny.png --name {'画' * 100}", "fewer characters"),
    "no picture of that name": ("learn missing.png --name new", "missing.png"),
    "one of two pictures missing": ("learn tiny.png missing.png --name new", "missing.png"),
    "a text": ("learn text.png --name new", "text.png"),
    "a dot": ("learn dot.png --name new", "too small"),
    "a transparent picture": ("learn clear.png --name new", "transparent"),
    "a mask of another size": ("learn tiny.png --learn-mask mask.png --name new", "same size"),
    "an empty mask": ("learn tiny.png --learn-mask empty.png --name new", "Nothing to learn"),
    "more masks than pictures": ("learn tiny.png --learn-mask mask.png --learn-mask mask.png --name new", "2 learn"),
    "a folder as the preview": ("learn tiny.png --name new --preview results", "folder"),
    "a preview of no format": ("learn tiny.png --name new --preview results/x.doc", "x.doc"),
    "a preview below a file": ("learn tiny.png --name new --preview tiny.png/x.png", "tiny.png is a file"),
    "a preview over what is learned": ("learn tiny.png --name new --preview results/../tiny.png", "would replace"),
    "a device that is not there": ("learn tiny.png --name new --device mps", "mps"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_in_one_sentence_and_changes_nothing(case, library, workplace, trained, texture, capsys):
    if case == "a device that is not there" and torch.backends.mps.is_available():
        pytest.skip("it is there")
    library.folder.mkdir()
    trained.save(library.path("old"))
    texture.save(library.path("plain"))
    (workplace / "text.png").write_text("no picture")
    files.write("dot.png", files.Picture(TINY[:1, :1]))
    files.write("clear.png", files.Picture(np.dstack([TINY, np.zeros_like(TINY[..., 0])])))
    files.write("empty.png", files.Picture(np.zeros_like(TINY[..., 0])))
    before = {path: path.stat().st_mtime_ns for path in workplace.rglob("*") if path.is_file()}
    line, words = WRONG[case]
    assert main(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"\S[^\n]{15,400}\.\n", err), err
    assert words in err
    assert {path: path.stat().st_mtime_ns for path in workplace.rglob("*") if path.is_file()} == before


# Full disks


@pytest.fixture
def full_disk(library):
    """No file can be longer than a few bytes, as when the disk is full."""
    resource = pytest.importorskip("resource")
    learned("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("argv", ["learn tiny.png --name new --steps 1", "learn --resume --name old --steps 1"])
def test_a_full_disk_is_told_in_one_sentence_and_what_was_there_stays(argv, library, full_disk, capsys):
    before = contents(library)
    capsys.readouterr()
    assert main(argv.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"[^\n]+could not be written \([^\n]+\.\n", err), err
    assert contents(library) == before


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_what_goes_wrong_after_ctrl_c_is_not_kept_back():
    """The work saves what it has until then, and the disk is full."""

    def work(check) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            try:
                check()
            except Cancelled:
                raise InputError("It could not be written.") from None

    with pytest.raises(InputError, match="It could not be written"):
        interruptible(work, grace=60)


# Stopped and killed

SAVING_EVERY_STEP = "import sys; from sinddm.cli import learn, main; learn.SAVE_EVERY = 0; sys.exit(main(sys.argv[1:]))"


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_ctrl_c_pauses_and_what_it_says_goes_on(library, workplace, capsys):
    argv = [sys.executable, "-c", SAVING_EVERY_STEP, "learn", "tiny.png", "--name", ODD, "--steps", "25"]
    process = subprocess.Popen(
        argv, cwd=workplace, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not library.path(ODD).exists():
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert out == ""
    assert re.fullmatch(rf"Paused {re.escape(ODD)} after \d+ steps in \d+ s; go on with: [^\n]+\n", err), err
    steps = facts(ODD, capsys)["steps"]
    assert 1 <= steps < 25
    assert f"after {steps:.0f} steps" in err
    assert main(shlex.split(err.split("go on with: sinddm ")[1])) == 0
    assert facts(ODD, capsys)["steps"] == 25


KILLED = """
import json, os, random, signal, sys, time
import torch, torch._dynamo  # an optimizer imports it, in seconds
from sinddm.cli import learn, main
from sinddm.library import Library
from sinddm.texture import Texture
torch.set_num_threads(1)  # threads do not survive a fork
learn.SAVE_EVERY = 0
library = Library()
library.folder.mkdir()

def steps():
    if library.names() == []:
        return 0
    return Texture.load(library.find("x"), device="cpu").figures["steps"]

def saved():
    return library.path("x").exists() and library.path("x").stat().st_mtime_ns

def saving():
    return sorted(name for name in os.listdir(library.folder) if name.endswith(".safetensors")), saved()

def child(argv):
    pid = os.fork()
    if pid == 0:
        os._exit(main(argv))
    return pid

def killed(argv, when=saving):
    before = when()
    pid = child(argv)
    while when() == before:
        time.sleep(0.0005)
    time.sleep(random.choice([0, 0.4 * random.random()]))
    os.kill(pid, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    return steps()

random.seed(3)
new, resumed = [], []
for _ in range(4):
    if library.names():
        library.delete("x")
    new.append(killed(["learn", "tiny.png", "--name", "x", "--steps", "10000"]))
if not library.names():
    os.waitpid(child(["learn", "tiny.png", "--name", "x", "--steps", "1"]), 0)
for when in [saving] * 3 + [saved]:
    resumed.append(killed(["learn", "--resume", "--name", "x", "--steps", "10000"], when))
print(json.dumps([new, resumed]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked and killed here")
def test_killed_at_any_moment_learn_leaves_no_texture_or_a_whole_one_and_resume_the_old_or_the_new(library, workplace):
    argv = [sys.executable, "-c", KILLED]
    done = subprocess.run(argv, check=False, cwd=workplace, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    new, resumed = json.loads(done.stdout.splitlines()[-1])
    assert len(new) == len(resumed) == 4
    assert resumed == sorted(resumed)
    assert resumed[0] >= max(1, new[-1])
    assert resumed[-1] > 1
    assert {name for name in contents(library) if not name.startswith(UNFINISHED)} == {"x.safetensors"}
