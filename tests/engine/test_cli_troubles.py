"""The command `sinddm` when something is wrong, or stopped, or asked about itself."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import HEIGHT, TASKS, WIDTH, arguments, environment, hole_mask, pixels, tensor, waves, written

import sinddm
from sinddm import files, metrics
from sinddm.cli import main

# Bad input


def truncated(workplace: Path) -> None:
    whole = (workplace / "meadow.png").read_bytes()
    (workplace / "cut.png").write_bytes(whole[: len(whole) // 2])


def not_finite(workplace: Path) -> None:
    light = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    light[5, 5] = np.nan
    files.write(workplace / "nan.tif", files.Picture(light, linear=True))


def transparent(workplace: Path) -> None:
    array = np.dstack([waves(HEIGHT, WIDTH), np.zeros((HEIGHT, WIDTH), np.uint8)])
    files.write(workplace / "clear.png", files.Picture(array))
    array[5, 5, 3] = 128
    array[..., 3] = np.where(np.arange(WIDTH) < 50, 255, array[..., 3])
    files.write(workplace / "partly.png", files.Picture(array))


def masks(workplace: Path) -> None:
    files.write(workplace / "other-size.png", files.Picture(hole_mask()[:-3]))
    files.write(workplace / "empty.png", files.Picture(np.zeros_like(hole_mask())))
    files.write(workplace / "all.png", files.Picture(np.full_like(hole_mask(), 255)))


def others(workplace: Path) -> None:
    (workplace / "text.png").write_text("no picture")
    files.write(workplace / "dot.png", files.Picture(np.zeros((1, 1, 3), np.uint8)))
    files.write(workplace / "light.exr", files.Picture(np.full((40, 40, 3), 0.5, np.float32), linear=True))


BAD = {
    "no command": "",
    "an unknown command": "vary meadow.png -o results/x.png",
    "no OUT": "generate meadow.png",
    "no picture of that name": "generate missing.png -o results/x.png",
    "a folder as the picture": "generate results -o results/x.png",
    "not an image": "generate text.png -o results/x.png",
    "a truncated image": "generate cut.png -o results/x.png",
    "one pixel": "generate dot.png -o results/x.png",
    "all transparent": "generate clear.png -o results/x.png",
    "not a number": "generate nan.tif -o results/x.tif",
    "one file for two results": "generate meadow.png -o results/x.png --count 2",
    "an unknown format": "generate meadow.png -o results/x.bmpp",
    "a format without the depth": "generate light.exr -o results/x.png",
    "a format without alpha": "fill partly.png --mask mask.png -o results/x.jpg",
    "a folder below a file": "generate meadow.png -o meadow.png/x.png",
    "no count": "generate meadow.png -o results/x.png --count 0",
    "a negative seed": "generate meadow.png -o results/x.png --seed -1",
    "an unknown quality": "generate meadow.png -o results/x.png --quality fine",
    "an unknown device": "generate meadow.png -o results/x.png --device tpu",
    "a size in words": "generate meadow.png -o results/x.png --size large",
    "a size of nothing": "generate meadow.png -o results/x.png --size 0x40",
    "a size beyond all limits": "generate meadow.png -o results/x.png --size 99999x40",
    "a size and a scale": "generate meadow.png -o results/x.png --size 90x40 --scale 2,1",
    "a scale of one number": "generate meadow.png -o results/x.png --scale 2",
    "a scale beyond all limits": "generate meadow.png -o results/x.png --scale 200,1",
    "too close": "generate meadow.png -o results/x.png --closeness 1.5",
    "no closeness at all": "generate meadow.png -o results/x.png --closeness nan",
    "an axis in words": "tile meadow.png -o results/x.png --axis both",
    "expand nowhere": "expand meadow.png -o results/x.png",
    "expand inwards": "expand meadow.png -o results/x.png --left=-4",
    "no mask": "fill meadow.png -o results/x.png",
    "a mask of another size": "fill meadow.png --mask other-size.png -o results/x.png",
    "an empty mask": "fill meadow.png --mask empty.png -o results/x.png",
    "a mask of everything": "fill meadow.png --mask all.png -o results/x.png",
    "an object of another size": "harmonize pasted.png --mask other-size.png --like red.png -o results/x.png",
    "no object": "harmonize pasted.png --mask empty.png --like meadow.png -o results/x.png",
    "nothing to learn": "generate meadow.png --learn-mask empty.png -o results/x.png",
    "too many learn masks": "generate meadow.png --learn-mask all.png --learn-mask all.png -o results/x.png",
    "nothing to paint like": "paint content.png -o results/x.png",
    "a look that is no picture": "style content.png --like text.png -o results/x.png",
    "a region without a place": "place meadow.png --region 1,1,9,9 -o results/x.png",
    "more regions": "place meadow.png --region 1,1,9,9 --region 2,2,9,9 --at 1,1 -o results/x.png",
    "a region of three numbers": "place meadow.png --region 1,1,9 --at 1,1 -o results/x.png",
    "a region outside the picture": "place meadow.png --region 60,40,40,40 --at 1,1 -o results/x.png",
    "compare with nothing": "compare meadow.png",
    "compare with no image": "compare meadow.png text.png",
    "compare with a dot": "compare meadow.png dot.png",
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_one_sentence_and_nothing_is_written(case, workplace, capsys):
    for make in (truncated, not_finite, transparent, masks, others):
        make(workplace)
    before = sorted(workplace.rglob("*"))
    assert main(BAD[case].split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"\S[^\n]{15,300}\.\n", err), err
    assert "Traceback" not in err
    assert sorted(workplace.rglob("*")) == before


@pytest.mark.parametrize(
    "case",
    ["an unknown format", "a format without the depth", "a format without alpha", "a folder below a file"],
)
def test_a_result_that_could_not_be_written_is_told_before_the_work(case, workplace, monkeypatch):
    def work(*args, **kwargs):
        raise AssertionError("the work has begun")

    transparent(workplace)
    others(workplace)
    monkeypatch.setattr(sinddm.Texture, "from_images", work)
    assert main(BAD[case].split()) == 2


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is read-only for this user")
def test_a_folder_that_cannot_be_written_to_is_told_before_the_work(workplace, capsys):
    (workplace / "results").chmod(0o500)
    assert main(arguments("generate")) == 2
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes")],
)
def test_running_out_of_memory_is_told_in_one_sentence(error, workplace, capsys, monkeypatch):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(sinddm.Texture, "generate", fail)
    assert main(arguments("generate")) == 1
    assert re.fullmatch(r"There is not enough memory[^\n]+\.\n", capsys.readouterr().err)
    assert written(workplace) == []


# Stopping, and what is shown meanwhile

on_posix = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")


class Terminal:
    """A process whose stderr is a terminal; `shown` is what has appeared there."""

    def __init__(self, argv: list[str], workplace: Path):
        import pty

        ours, theirs = pty.openpty()
        self.shown, self._ended, self._changed = "", False, threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, *argv], stderr=theirs, stdout=subprocess.DEVNULL, cwd=workplace, env=environment()
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, args=(ours,), daemon=True)
        self._reader.start()

    def wait_for(self, words: str) -> None:
        with self._changed:
            self._changed.wait_for(lambda: words in self.shown or self._ended, timeout=300)
        assert words in self.shown, self.shown

    def end(self) -> int:
        code = self.process.wait(timeout=300)
        self._reader.join(timeout=10)
        return code

    def _read(self, fd: int) -> None:
        while True:
            try:
                data = os.read(fd, 4096)
            except OSError:  # the other side is closed
                data = b""
            with self._changed:
                self.shown += data.decode(errors="replace")
                self._ended = not data
                self._changed.notify_all()
            if not data:
                os.close(fd)
                return


@on_posix
def test_ctrl_c_stops_with_130_and_leaves_nothing(workplace):
    old = b"the result of an earlier run"
    (workplace / "results/out.png").write_bytes(old)
    argv = ["-m", "sinddm.cli", *arguments("generate"), "--quality", "best", "--size", "1500x1100"]
    terminal = Terminal(argv, workplace)
    terminal.wait_for("Composing")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 130, terminal.shown
    assert "Traceback" not in terminal.shown
    assert terminal.shown.rstrip().endswith("Stopped.")
    assert written(workplace) == ["results/out.png"]
    assert (workplace / "results/out.png").read_bytes() == old


@on_posix
def test_ctrl_c_ends_even_work_that_does_not_listen(workplace):
    deaf = (
        "import sys, time; from sinddm.cli.progress import interruptible; "
        "interruptible(lambda check: (print('deaf', file=sys.stderr, flush=True), time.sleep(10000)))"
    )
    terminal = Terminal(["-c", deaf], workplace)
    terminal.wait_for("deaf")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 130, terminal.shown
    assert "Traceback" not in terminal.shown


@on_posix
@pytest.mark.parametrize("quiet", [False, True])
def test_a_terminal_shows_the_step_and_the_share_unless_quiet(quiet, workplace):
    argv = ["-m", "sinddm.cli", *arguments("generate", "results/"), "--count", "2"]
    terminal = Terminal([*argv, "--quiet"] if quiet else argv, workplace)
    assert terminal.end() == 0, terminal.shown
    if quiet:
        assert terminal.shown == ""
    else:
        assert re.search(r"(Composing|Refining) \d of 2.* \d+%", terminal.shown)
    assert len(written(workplace)) == 2


# Without the engine


def test_import_and_help_bring_in_no_library():
    code = (
        "import sys, sinddm\n"
        "from sinddm.cli import main\n"
        "assert main(['generate', '--help']) == 0\n"
        "heavy = {'torch', 'numpy', 'numba', 'scipy', 'PIL', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment())
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [*TASKS, "compare", "doctor"])
def test_every_command_explains_itself_with_an_example(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"example:\n  sinddm {command} " in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"sinddm {sinddm.__version__}\n"


# compare and doctor


def test_compare_prints_every_figure_of_each_sample_and_the_mean(workplace, capsys):
    assert main(["compare", "meadow.png", "meadow.png", "red.png"]) == 0
    table = capsys.readouterr().out
    for word in (*metrics.Quality._fields, "div", "meadow.png", "red.png", "mean"):
        assert word in table


def test_compare_json_holds_the_figures_themselves(workplace, capsys):
    assert main(["compare", "meadow.png", "red.png", "meadow.png", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    red, copy = report["samples"]
    expected = metrics.measure(tensor(pixels("red.png")), tensor(pixels("meadow.png")))
    assert {name: red[name] for name in expected._fields} == pytest.approx(expected._asdict(), rel=1e-3)
    assert (red["sample"], copy["bigcopy"], copy["ident"]) == ("red.png", 1, 1)
    assert report["mean"]["swd1"] == pytest.approx((red["swd1"] + copy["swd1"]) / 2)
    assert report["mean"]["div"] > 0


def test_doctor_tells_versions_device_and_memory_and_tries_the_engine(capsys):
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["versions"]["torch"] == torch.__version__.split("+")[0]
    assert report["versions"]["sinddm"] == sinddm.__version__
    assert report["devices"]["cpu"].endswith("threads")
    assert report["devices"]["used by default"] == report["engine"]["runs on"]
    assert re.fullmatch(r"\d+\.\d GB", report["computer"]["memory free"])
    assert report["cache"]["folder"]
    assert report["engine"]["ok"] is True


def test_doctor_says_why_the_engine_does_not_run(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sinddm.texture", None)  # as if its file were missing
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"problem\s+\S+: .*sinddm.texture", out)
    assert "torch" in out
