"""The command `sinddm` as a user runs it: on files, from names to pictures."""

import os
from pathlib import Path

import numpy as np
import pytest
from commands import HEIGHT, HOLE, TASKS, WIDTH, arguments, pixels, tensor, waves, written
from PIL import ImageCms

from sinddm import files, metrics
from sinddm.cli import main

# Every task


@pytest.mark.parametrize("task", TASKS)
def test_every_task_writes_a_picture_of_the_right_size_and_says_nothing(task, workplace, capsys):
    sizes = {"expand": (HEIGHT + 7, WIDTH + 9), "paint": (48, 64), "style": (48, 64)}
    assert main(arguments(task)) == 0
    result = pixels("results/out.png")
    assert result.shape == (*sizes.get(task, (HEIGHT, WIDTH)), 3)
    assert result.dtype == np.uint8
    assert result.std() > 5
    assert written(workplace) == ["results/out.png"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("task", TASKS)
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(task, workplace):
    for name, seed in (("a", "3"), ("again", "3"), ("b", "4")):
        assert main([*arguments(task, f"results/{name}.png"), "--seed", seed]) == 0
    assert np.array_equal(pixels("results/a.png"), pixels("results/again.png"))
    assert not np.array_equal(pixels("results/a.png"), pixels("results/b.png"))


def test_a_variation_is_the_same_alone_and_among_others(workplace):
    main([*arguments("generate", "results/"), "--seed", "5", "--count", "3"])
    main([*arguments("generate", "results/alone.png"), "--seed", "7"])
    assert np.array_equal(pixels("results/meadow-variation-7.png"), pixels("results/alone.png"))


# What the arguments do


def test_size_and_scale_set_the_size(workplace):
    main([*arguments("generate", "results/size.png"), "--size", "90x40"])
    main([*arguments("generate", "results/scale.png"), "--scale", "1.5,0.8"])
    assert pixels("results/size.png").shape == (40, 90, 3)
    assert pixels("results/scale.png").shape == (round(HEIGHT * 0.8), round(WIDTH * 1.5), 3)


def test_keep_layout_keeps_the_layout(workplace):
    main([*arguments("generate", "results/free.png"), "--keep-layout", "0"])
    main([*arguments("generate", "results/kept.png"), "--keep-layout", "1"])
    free, kept = (tensor(pixels(f"results/{name}.png")) for name in ("free", "kept"))
    original = tensor(pixels("meadow.png"))
    assert (kept - original).abs().mean() < 0.7 * (free - original).abs().mean()


def test_closeness_copies_larger_pieces(workplace):
    shares = []
    for closeness in ("0", "1"):
        main([*arguments("generate", "results/out.png"), "--closeness", closeness])
        shares.append(metrics.copying(tensor(pixels("results/out.png")), tensor(pixels("meadow.png"))).nnfdiv)
    assert shares[1] < shares[0]


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_tile_repeats_along_the_axis_asked_for(axis, workplace):
    main([*arguments("tile"), "--axis", axis, "--size", "64x64"])
    assert metrics.seam_ratio(tensor(pixels("results/out.png")), axis) < 1.4


def test_expand_keeps_the_picture_in_its_place(workplace):
    main(arguments("expand"))
    inside = (slice(10, HEIGHT - 16), slice(9 + 16, 9 + WIDTH - 10))
    expected = pixels("meadow.png")[10 : HEIGHT - 16, 16 : WIDTH - 10]
    assert np.array_equal(pixels("results/out.png")[inside], expected)


def test_fill_learns_nothing_from_what_it_replaces(workplace):
    main([*arguments("fill"), *("--seed", "1")])
    assert pixels("results/out.png")[HOLE].std() > 5
    arguments_pasted = ["fill", "pasted.png", *arguments("fill")[2:]]
    main(arguments_pasted)
    magenta = pixels("results/out.png")[HOLE].astype(int)
    assert (magenta[..., 0] - magenta[..., 1]).max() < 60  # it is about 130 in what was replaced


def test_fill_like_learns_from_the_other_picture(workplace):
    main([*arguments("fill"), "--like", "red.png"])
    middle = pixels("results/out.png")[22:30, 30:40].astype(int)
    assert (middle[..., 0] - middle[..., 1]).mean() > 60


def test_like_adds_a_picture_to_learn_from(workplace):
    main([*arguments("generate"), "--like", "red.png", "--size", "160x120"])
    result = pixels("results/out.png").astype(int)
    red = result[..., 0] > result[..., 1] + 60
    assert 0.05 < red.mean() < 0.95


def test_learn_mask_keeps_the_rest_out(workplace):
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
def test_strength_changes_the_picture_more(task, workplace):
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


def test_place_brings_the_region_to_its_place(workplace):
    marked = pixels("meadow.png").copy()
    marked[6:24, 5:25] = waves(18, 20, (0.9, 0.2, 0.2))
    files.write("marked.png", files.Picture(marked))
    main(["place", "marked.png", *arguments("place")[2:]])
    there = pixels("results/out.png")[34:44, 44:56].astype(int)
    assert (there[..., 0] - there[..., 1]).mean() > 60


# Files


@pytest.mark.parametrize("task", ["generate", "style"])
def test_depth_and_profile_are_kept(task, workplace):
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
def test_float_pictures_come_back_as_floats(suffix, dtype, workplace):
    light = (waves(HEIGHT, WIDTH) / 255.0).astype(dtype) ** 2
    light[20:24, 30:34] = 6.0
    files.write(f"light{suffix}", files.Picture(light, linear=True))
    assert main(["generate", f"light{suffix}", "-o", f"results/out{suffix}", "--quality", "draft"]) == 0
    result = files.read(f"results/out{suffix}")
    assert result.array.dtype == dtype
    assert result.linear
    assert 0 < np.median(result.array) < 0.6


def test_names_may_hold_spaces_and_umlauts(workplace):
    odd = workplace / "Wiese am Fluß über"
    odd.mkdir()
    (workplace / "meadow.png").rename(odd / "grüne Wiese.png")
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
def test_several_results_go_to_a_folder_or_a_pattern(out, names, workplace):
    assert main([*arguments("generate", out), "--count", "2", "--seed", "4"]) == 0
    assert written(workplace) == [f"results/{name}" for name in names]


def test_an_existing_file_is_replaced(workplace):
    Path("results/out.png").write_text("old")
    assert main(arguments("tile")) == 0
    assert pixels("results/out.png").shape == (HEIGHT, WIDTH, 3)
