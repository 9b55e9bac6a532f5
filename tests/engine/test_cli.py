"""The command `sinddm` as a user runs it: on files, from names to exit codes."""

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
from PIL import ImageCms

import sinddm
from sinddm import files, metrics
from sinddm.cli import main

ROOT = Path(__file__).parents[2]
HEIGHT, WIDTH = 54, 72
TASKS = ("generate", "tile", "expand", "fill", "paint", "style", "harmonize", "place")
HOLE = (slice(18, 34), slice(24, 46))


def waves(height: int, width: int, tint: tuple[float, float, float] = (0.4, 0.6, 0.3)) -> np.ndarray:
    """A texture of soft crossing waves with some noise, uint8 (H, W, 3), around a tint in 0..1."""
    y, x = np.mgrid[:height, :width]
    rng = np.random.default_rng(0)
    wave = np.sin(x / 3 + np.sin(y / 7)) * np.cos(y / 5 - x / 11) + 0.2 * rng.standard_normal((height, width))
    return (255 * np.clip(np.array(tint) + 0.12 * wave[..., None], 0, 1)).astype(np.uint8)


def hole() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[HOLE] = 255
    return mask


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A working folder with a picture, others to go with it, and an empty folder for results."""
    monkeypatch.chdir(tmp_path)
    picture = waves(HEIGHT, WIDTH)
    pasted = picture.copy()
    pasted[HOLE] = waves(16, 22, (0.8, 0.3, 0.7))
    pictures = {
        "meadow.png": picture,
        "red.png": waves(HEIGHT, WIDTH, (0.85, 0.15, 0.15)),
        "content.png": waves(48, 64, (0.5, 0.5, 0.5)),
        "pasted.png": pasted,
        "mask.png": hole(),
    }
    for name, array in pictures.items():
        files.write(tmp_path / name, files.Picture(array))
    (tmp_path / "results").mkdir()
    return tmp_path


def arguments(task: str, out: str = "results/out.png") -> list[str]:
    """A small run of a task in the folder."""
    own = {
        "generate": ["meadow.png"],
        "tile": ["meadow.png"],
        "expand": ["meadow.png", "--left", "9", "--bottom", "7"],
        "fill": ["meadow.png", "--mask", "mask.png"],
        "paint": ["content.png", "--like", "meadow.png"],
        "style": ["content.png", "--like", "meadow.png"],
        "harmonize": ["pasted.png", "--mask", "mask.png", "--like", "meadow.png"],
        "place": ["meadow.png", "--region", "5,6,20,18", "--at", "40,30"],
    }
    return [task, *own[task], "-o", out, "--quality", "draft"]


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in (folder / "results").rglob("*"))


def pixels(path: Path | str) -> np.ndarray:
    return files.read(path).array


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "TERM": "xterm",
        "COLUMNS": "100",
    }


# Every task


@pytest.mark.parametrize("task", TASKS)
def test_every_task_writes_a_picture_of_the_right_size_and_says_nothing(task, folder, capsys):
    sizes = {"expand": (HEIGHT + 7, WIDTH + 9), "paint": (48, 64), "style": (48, 64)}
    assert main(arguments(task)) == 0
    result = pixels("results/out.png")
    assert result.shape == (*sizes.get(task, (HEIGHT, WIDTH)), 3)
    assert result.dtype == np.uint8
    assert result.std() > 5
    assert written(folder) == ["results/out.png"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("task", TASKS)
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(task, folder):
    for name, seed in (("a", "3"), ("again", "3"), ("b", "4")):
        assert main([*arguments(task, f"results/{name}.png"), "--seed", seed]) == 0
    assert np.array_equal(pixels("results/a.png"), pixels("results/again.png"))
    assert not np.array_equal(pixels("results/a.png"), pixels("results/b.png"))


def test_a_variation_is_the_same_alone_and_among_others(folder):
    main([*arguments("generate", "results/"), "--seed", "5", "--count", "3"])
    main([*arguments("generate", "results/alone.png"), "--seed", "7"])
    assert np.array_equal(pixels("results/meadow-variation-7.png"), pixels("results/alone.png"))


# What the arguments do


def test_size_and_scale_set_the_size(folder):
    main([*arguments("generate", "results/size.png"), "--size", "90x40"])
    main([*arguments("generate", "results/scale.png"), "--scale", "1.5,0.8"])
    assert pixels("results/size.png").shape == (40, 90, 3)
    assert pixels("results/scale.png").shape == (round(HEIGHT * 0.8), round(WIDTH * 1.5), 3)


def test_keep_layout_keeps_the_layout(folder):
    main([*arguments("generate", "results/free.png"), "--keep-layout", "0"])
    main([*arguments("generate", "results/kept.png"), "--keep-layout", "1"])
    free, kept = (tensor(pixels(f"results/{name}.png")) for name in ("free", "kept"))
    original = tensor(pixels("meadow.png"))
    assert (kept - original).abs().mean() < 0.7 * (free - original).abs().mean()


def test_closeness_copies_larger_pieces(folder):
    shares = []
    for closeness in ("0", "1"):
        main([*arguments("generate", "results/out.png"), "--closeness", closeness])
        shares.append(metrics.copying(tensor(pixels("results/out.png")), tensor(pixels("meadow.png"))).nnfdiv)
    assert shares[1] < shares[0]


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_tile_repeats_along_the_axis_asked_for(axis, folder):
    main([*arguments("tile"), "--axis", axis, "--size", "64x64"])
    assert metrics.seam_ratio(tensor(pixels("results/out.png")), axis) < 1.4


def test_expand_keeps_the_picture_in_its_place(folder):
    main(arguments("expand"))
    inside = (slice(10, HEIGHT - 16), slice(9 + 16, 9 + WIDTH - 10))
    expected = pixels("meadow.png")[10 : HEIGHT - 16, 16 : WIDTH - 10]
    assert np.array_equal(pixels("results/out.png")[inside], expected)


def test_fill_learns_nothing_from_what_it_replaces(folder):
    main([*arguments("fill"), *("--seed", "1")])
    assert pixels("results/out.png")[HOLE].std() > 5
    arguments_pasted = ["fill", "pasted.png", *arguments("fill")[2:]]
    main(arguments_pasted)
    magenta = pixels("results/out.png")[HOLE].astype(int)
    assert (magenta[..., 0] - magenta[..., 1]).max() < 60  # it is about 130 in what was replaced


def test_fill_like_learns_from_the_other_picture(folder):
    main([*arguments("fill"), "--like", "red.png"])
    middle = pixels("results/out.png")[22:30, 30:40].astype(int)
    assert (middle[..., 0] - middle[..., 1]).mean() > 60


def test_like_adds_a_picture_to_learn_from(folder):
    main([*arguments("generate"), "--like", "red.png", "--size", "160x120"])
    result = pixels("results/out.png").astype(int)
    red = result[..., 0] > result[..., 1] + 60
    assert 0.05 < red.mean() < 0.95


def test_learn_mask_keeps_the_rest_out(folder):
    half = np.concatenate([pixels("meadow.png"), pixels("red.png")], axis=1)
    mask = np.zeros(half.shape[:2], np.uint8)
    mask[:, : WIDTH - 4] = 255
    files.write("half.png", files.Picture(half))
    files.write("left.png", files.Picture(mask))
    main(["generate", "half.png", *arguments("generate")[2:], "--learn-mask", "left.png"])
    result = pixels("results/out.png").astype(int)
    assert result.shape == half.shape
    assert (result[..., 0] < result[..., 1] + 60).all()


@pytest.mark.parametrize("task", ["paint", "style", "harmonize"])
def test_strength_changes_the_picture_more(task, folder):
    for name in ("meadow.png", "content.png"):  # large enough for the scales that strength chooses among
        files.write(
            name,
            files.Picture(pixels(name).repeat(3, 0).repeat(3, 1)) if task == "style" else files.read(name),
        )
    before = pixels(arguments(task)[1]).astype(int)
    change = []
    for strength in ("0.1", "0.9"):
        main([*arguments(task), "--strength", strength])
        change.append(np.abs(pixels("results/out.png") - before).mean())
    assert change[0] < change[1]


def test_place_brings_the_region_to_its_place(folder):
    marked = pixels("meadow.png").copy()
    marked[6:24, 5:25] = waves(18, 20, (0.9, 0.2, 0.2))
    files.write("marked.png", files.Picture(marked))
    main(["place", "marked.png", *arguments("place")[2:]])
    there = pixels("results/out.png")[34:44, 44:56].astype(int)
    assert (there[..., 0] - there[..., 1]).mean() > 60


# Files


@pytest.mark.parametrize("task", ["generate", "style"])
def test_depth_and_profile_are_kept(task, folder):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    fine = np.random.default_rng(1).integers(0, 257, (HEIGHT, WIDTH, 3), np.uint16)
    deep = waves(HEIGHT, WIDTH).astype(np.uint16) * 255 + fine
    files.write("deep.png", files.Picture(deep, icc=profile))
    argv = {"generate": ["generate", "deep.png"], "style": ["style", "deep.png", "--like", "meadow.png"]}
    assert main([*argv[task], "-o", "results/out.png", "--quality", "draft"]) == 0
    result = files.read("results/out.png")
    assert result.array.dtype == np.uint16
    assert len(np.unique(result.array)) > 1000
    assert result.icc == profile


@pytest.mark.parametrize(("suffix", "dtype"), [(".exr", "float16"), (".tif", "float32")])
def test_float_pictures_come_back_as_floats(suffix, dtype, folder):
    light = (waves(HEIGHT, WIDTH) / 255.0).astype(dtype) ** 2
    light[20:24, 30:34] = 6.0
    files.write(f"light{suffix}", files.Picture(light, linear=True))
    assert main(["generate", f"light{suffix}", "-o", f"results/out{suffix}", "--quality", "draft"]) == 0
    result = files.read(f"results/out{suffix}")
    assert result.array.dtype == dtype
    assert result.linear
    assert 0 < np.median(result.array) < 0.6


def test_names_may_hold_spaces_and_umlauts(folder):
    odd = folder / "Wiese am Fluß über"
    odd.mkdir()
    (folder / "meadow.png").rename(odd / "grüne Wiese.png")
    out = f"results/für später{os.sep}"
    assert main(["generate", str(odd / "grüne Wiese.png"), "-o", out, "--quality", "draft"]) == 0
    assert Path("results/für später/grüne Wiese-variation-0.png").exists()


@pytest.mark.parametrize(
    ("out", "names"),
    [
        ("results", ["meadow-variation-4.png", "meadow-variation-5.png"]),
        ("results/new/", ["new", "new/meadow-variation-4.png", "new/meadow-variation-5.png"]),
        ("results/new", ["new", "new/meadow-variation-4.png", "new/meadow-variation-5.png"]),
        ("results/v{seed}.tif", ["v4.tif", "v5.tif"]),
        ("results/s{seed}/v.webp", ["s4", "s4/v.webp", "s5", "s5/v.webp"]),
    ],
)
def test_several_results_go_to_a_folder_or_a_pattern(out, names, folder):
    assert main([*arguments("generate", out), "--count", "2", "--seed", "4"]) == 0
    assert written(folder) == [f"results/{name}" for name in names]


def test_an_existing_file_is_replaced(folder):
    Path("results/out.png").write_text("old")
    assert main(arguments("tile")) == 0
    assert pixels("results/out.png").shape == (HEIGHT, WIDTH, 3)


# Bad input


def truncated(folder: Path) -> None:
    whole = (folder / "meadow.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])


def not_finite(folder: Path) -> None:
    light = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    light[5, 5] = np.nan
    files.write(folder / "nan.tif", files.Picture(light, linear=True))


def transparent(folder: Path) -> None:
    array = np.dstack([waves(HEIGHT, WIDTH), np.zeros((HEIGHT, WIDTH), np.uint8)])
    files.write(folder / "clear.png", files.Picture(array))
    array[5, 5, 3] = 128
    array[..., 3] = np.where(np.arange(WIDTH) < 50, 255, array[..., 3])
    files.write(folder / "partly.png", files.Picture(array))


def masks(folder: Path) -> None:
    files.write(folder / "other-size.png", files.Picture(hole()[:-3]))
    files.write(folder / "empty.png", files.Picture(np.zeros_like(hole())))
    files.write(folder / "all.png", files.Picture(np.full_like(hole(), 255)))


def others(folder: Path) -> None:
    (folder / "text.png").write_text("no picture")
    files.write(folder / "dot.png", files.Picture(np.zeros((1, 1, 3), np.uint8)))
    files.write(folder / "light.exr", files.Picture(np.full((40, 40, 3), 0.5, np.float32), linear=True))


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
def test_bad_input_is_told_in_one_sentence_and_nothing_is_written(case, folder, capsys):
    for make in (truncated, not_finite, transparent, masks, others):
        make(folder)
    before = sorted(folder.rglob("*"))
    assert main(BAD[case].split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"\S[^\n]{15,300}\.\n", err), err
    assert "Traceback" not in err
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    "case",
    ["an unknown format", "a format without the depth", "a format without alpha", "a folder below a file"],
)
def test_a_result_that_could_not_be_written_is_told_before_the_work(case, folder, monkeypatch):
    def work(*args, **kwargs):
        raise AssertionError("the work has begun")

    transparent(folder)
    others(folder)
    monkeypatch.setattr(sinddm.Texture, "from_images", work)
    assert main(BAD[case].split()) == 2


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is read-only for this user")
def test_a_folder_that_cannot_be_written_to_is_told_before_the_work(folder, capsys):
    (folder / "results").chmod(0o500)
    assert main(arguments("generate")) == 2
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes")],
)
def test_running_out_of_memory_is_told_in_one_sentence(error, folder, capsys, monkeypatch):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(sinddm.Texture, "generate", fail)
    assert main(arguments("generate")) == 1
    assert re.fullmatch(r"There is not enough memory[^\n]+\.\n", capsys.readouterr().err)
    assert written(folder) == []


# Stopping, and what is shown meanwhile

on_posix = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")


class Terminal:
    """A process whose stderr is a terminal; `shown` is what has appeared there."""

    def __init__(self, argv: list[str], folder: Path):
        import pty

        ours, theirs = pty.openpty()
        self.shown, self._ended, self._changed = "", False, threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, *argv], stderr=theirs, stdout=subprocess.DEVNULL, cwd=folder, env=environment()
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
def test_ctrl_c_stops_with_130_and_leaves_nothing(folder):
    old = b"the result of an earlier run"
    (folder / "results/out.png").write_bytes(old)
    argv = ["-m", "sinddm.cli", *arguments("generate"), "--quality", "best", "--size", "1500x1100"]
    terminal = Terminal(argv, folder)
    terminal.wait_for("Composing")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 130, terminal.shown
    assert "Traceback" not in terminal.shown
    assert terminal.shown.rstrip().endswith("Stopped.")
    assert written(folder) == ["results/out.png"]
    assert (folder / "results/out.png").read_bytes() == old


@on_posix
def test_ctrl_c_ends_even_work_that_does_not_listen(folder):
    deaf = (
        "import sys, time; from sinddm.cli.progress import interruptible; "
        "interruptible(lambda check: (print('deaf', file=sys.stderr, flush=True), time.sleep(10000)))"
    )
    terminal = Terminal(["-c", deaf], folder)
    terminal.wait_for("deaf")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 130, terminal.shown
    assert "Traceback" not in terminal.shown


@on_posix
@pytest.mark.parametrize("quiet", [False, True])
def test_a_terminal_shows_the_step_and_the_share_unless_quiet(quiet, folder):
    argv = ["-m", "sinddm.cli", *arguments("generate", "results/"), "--count", "2"]
    terminal = Terminal([*argv, "--quiet"] if quiet else argv, folder)
    assert terminal.end() == 0, terminal.shown
    if quiet:
        assert terminal.shown == ""
    else:
        assert re.search(r"(Composing|Refining) \d of 2.* \d+%", terminal.shown)
    assert len(written(folder)) == 2


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


def test_compare_prints_every_figure_of_each_sample_and_the_mean(folder, capsys):
    assert main(["compare", "meadow.png", "meadow.png", "red.png"]) == 0
    table = capsys.readouterr().out
    for word in (*metrics.Quality._fields, "div", "meadow.png", "red.png", "mean"):
        assert word in table


def test_compare_json_holds_the_figures_themselves(folder, capsys):
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
