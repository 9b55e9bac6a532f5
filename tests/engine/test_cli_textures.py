"""The library on the command line: `sinddm textures`, and --texture and --engine of every task."""

import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from commands import HEIGHT, TASKS, WIDTH, arguments, pixels, waves, written

from sinddm import Texture, files
from sinddm.cli import main
from sinddm.library import Library

FROM_THEMSELVES = ("generate", "tile", "place")
WITH_A_NETWORK = [task for task in TASKS if task != "harmonize"]
NETWORK = "Wiese & Öl, 2. Versuch"


@pytest.fixture(scope="session")
def meadow_network(tmp_path_factory) -> bytes:
    """The file of a texture of the meadow with a network."""
    texture = Texture.from_image(waves(HEIGHT, WIDTH), device="cpu")
    texture.learn(steps=2)
    path = tmp_path_factory.mktemp("learned") / "meadow.safetensors"
    texture.save(path)
    return path.read_bytes()


@pytest.fixture
def library(workplace, meadow_network, monkeypatch) -> Library:
    """A library with two textures of meadow.png: one without a network, one with."""
    library = Library(workplace / "Texturen für Öl")
    monkeypatch.setenv("SINDDM_LIBRARY", str(library.folder))
    Texture.from_image(workplace / "meadow.png", device="cpu").save(library.free("meadow"))
    library.path(NETWORK).write_bytes(meadow_network)
    return library


def with_texture(task: str, name: str, out: str = "results/out.png") -> list[str]:
    """A small run of a task with a texture in the place of what it would learn."""
    argv = arguments(task, out)
    if task in FROM_THEMSELVES:
        argv.remove("meadow.png")
    if "--like" in argv:
        at = argv.index("--like")
        del argv[at : at + 2]
    return [*argv, "--texture", name]


def told(argv: list[str], capsys) -> str:
    """The one sentence with which arguments are refused."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"\S[^\n]{15,500}\.\n", err), err
    return err


# Making pictures


@pytest.mark.parametrize("task", [task for task in TASKS if task != "fill"])
def test_a_texture_makes_what_its_picture_makes(task, library, capsys):
    assert main([*arguments(task, "results/a.png"), "--seed", "3"]) == 0
    assert main([*with_texture(task, "meadow", "results/b.png"), "--seed", "3"]) == 0
    assert np.array_equal(pixels("results/a.png"), pixels("results/b.png"))
    assert capsys.readouterr() == ("", "")


def test_fill_takes_from_the_texture_what_it_takes_from_a_like_picture(library):
    assert main([*arguments("fill", "results/a.png"), "--like", "meadow.png"]) == 0
    assert main(with_texture("fill", "meadow", "results/b.png")) == 0
    assert np.array_equal(pixels("results/a.png"), pixels("results/b.png"))


@pytest.mark.parametrize("task", WITH_A_NETWORK)
def test_a_network_is_the_default_where_it_is_better_and_either_engine_can_be_asked_for(task, library):
    for name, engine in {"default": [], "instant": ["--engine", "instant"], "learned": ["--engine", "learned"]}.items():
        assert main([*with_texture(task, NETWORK, f"results/{name}.png"), *engine]) == 0
    assert main(with_texture(task, "meadow", "results/plain.png")) == 0
    default, instant, learned, plain = (pixels(f"results/{n}.png") for n in ("default", "instant", "learned", "plain"))
    assert np.array_equal(default, learned if task in ("generate", "paint", "place") else instant)
    assert np.array_equal(instant, plain)
    assert not np.array_equal(learned, instant)


def test_harmonize_works_with_the_instant_engine_where_there_is_a_network(library):
    assert main([*with_texture("harmonize", NETWORK, "results/a.png"), "--engine", "instant"]) == 0
    assert main(with_texture("harmonize", "meadow", "results/b.png")) == 0
    assert np.array_equal(pixels("results/a.png"), pixels("results/b.png"))


@pytest.mark.parametrize("task", TASKS)
def test_the_instant_engine_works_without_a_texture_too(task, library):
    assert main([*arguments(task, "results/a.png"), "--engine", "instant"]) == 0
    assert pixels("results/a.png").std() > 5


def test_a_texture_file_stands_for_itself(library, workplace):
    library.export("meadow", workplace / "Gruß.safetensors")
    assert main(with_texture("generate", "Gruß.safetensors", "results/")) == 0
    assert main(with_texture("generate", "meadow", "results/")) == 0
    assert written(workplace) == ["results/Gruß-variation-0.png", "results/meadow-variation-0.png"]
    assert np.array_equal(pixels("results/Gruß-variation-0.png"), pixels("results/meadow-variation-0.png"))


def test_results_of_a_texture_are_called_after_it(library, workplace):
    assert main([*with_texture("tile", NETWORK, "results/"), "--engine", "instant", "--count", "2"]) == 0
    assert written(workplace) == [f"results/{NETWORK}-tile-{k}.png" for k in (0, 1)]


def test_the_size_is_that_of_the_first_picture_or_a_multiple(library):
    assert main([*with_texture("generate", "meadow"), "--scale", "1.5,0.5"]) == 0
    assert pixels("results/out.png").shape == (HEIGHT // 2, WIDTH * 3 // 2, 3)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_depth_profile_and_alpha_of_a_texture_are_kept(suffix, library, workplace, srgb):
    deep = np.dstack([waves(HEIGHT, WIDTH).astype(np.uint16) * 257, np.full((HEIGHT, WIDTH), 65535, np.uint16)])
    deep[:5, :5, 3] = 0
    files.write(f"deep{suffix}", files.Picture(deep, icc=srgb))
    assert main(["learn", f"deep{suffix}", "--name", "deep", "--seconds", "0"]) == 0
    assert main(with_texture("generate", "deep", "results/")) == 0
    result = files.read(f"results/deep-variation-0{suffix}")
    assert (result.array.dtype, result.array.shape, result.icc) == (np.uint16, (HEIGHT, WIDTH, 4), srgb)


def test_an_opaque_result_can_go_where_there_is_no_alpha(library):
    files.write("layer.png", files.Picture(np.dstack([waves(HEIGHT, WIDTH), np.full((HEIGHT, WIDTH), 255, np.uint8)])))
    assert main(["learn", "layer.png", "--name", "layer", "--seconds", "0"]) == 0
    assert main(["generate", "layer.png", "-o", "results/a.jpg", "--quality", "draft"]) == 0
    assert main(with_texture("generate", "layer", "results/b.jpg")) == 0
    assert np.array_equal(pixels("results/a.jpg"), pixels("results/b.jpg"))


@pytest.mark.parametrize(("suffix", "dtype"), [(".exr", "float16"), (".tif", "float32")])
def test_light_of_a_texture_comes_back_as_floats(suffix, dtype, library):
    light = (waves(HEIGHT, WIDTH) / 255.0).astype(dtype) ** 2
    light[20:24, 30:34] = 6.0
    files.write(f"light{suffix}", files.Picture(light, linear=True))
    assert main(["learn", f"light{suffix}", "--name", "light", "--seconds", "0"]) == 0
    assert main(["generate", f"light{suffix}", "-o", f"results/a{suffix}", "--quality", "draft"]) == 0
    assert main(with_texture("generate", "light", f"results/b{suffix}")) == 0
    first, second = (files.read(f"results/{name}{suffix}") for name in "ab")
    assert (second.array.dtype, second.linear) == (np.dtype(dtype), True)
    assert np.array_equal(first.array, second.array)


WRONG = {
    "neither a picture nor a texture": ("generate -o results/x.png", "--texture"),
    "both a picture and a texture": ("generate meadow.png --texture meadow -o results/x.png", "leave out"),
    "a texture and a like picture": ("paint content.png --like red.png --texture meadow -o results/x.png", "leave out"),
    "a texture and a learn mask": ("tile --texture meadow --learn-mask mask.png -o results/x.png", "leave out"),
    "nothing to paint like": ("paint content.png -o results/x.png", "--like"),
    "nothing to work on": ("style --texture meadow -o results/x.png", "CONTENT"),
    "the learned engine on a picture": ("generate meadow.png --engine learned -o results/x.png", "sinddm learn"),
    "the learned engine and a look": ("style content.png --like red.png --engine learned -o results/x.png", "needs"),
    "the learned engine without a network": ("tile --texture meadow --engine learned -o results/x.png", "network"),
    "an unknown engine": ("generate --texture meadow --engine fast -o results/x.png", "engine"),
    "a texture that is not there": ("generate --texture moss -o results/x.png", "the library has meadow, Wiese"),
    "a file that is not there": ("generate --texture moss.safetensors -o results/x.png", "no texture file"),
    "a folder": ("generate --texture folder.safetensors -o results/x.png", "folder"),
    "a picture as a texture": ("generate --texture meadow.png -o results/x.png", "no texture called"),
    "a damaged file": ("fill meadow.png --mask mask.png --texture cut.safetensors -o results/x.png", "damaged"),
    "a name that is none": ("generate --texture ../meadow -o results/x.png", "cannot be a texture's name"),
    "a name of nothing": ("expand meadow.png --left 9 --texture= -o results/x.png", "cannot be a texture's name"),
    "a format without the depth": ("generate --texture meadow -o results/x.exr", "OpenEXR"),
    "a region outside": ("place --texture meadow --region 60,40,40,40 --at 1,1 -o results/x.png", "not inside"),
    "expand nowhere": ("expand meadow.png --texture meadow -o results/x.png", "--left"),
    "no action": ("textures", "ACTION"),
    "an unknown action": ("textures copy meadow", "copy"),
    "no name": ("textures show", "NAME"),
    "show what is not there": ("textures show moss", "no texture called 'moss'"),
    "delete what is not there": ("textures delete moss", "no texture called 'moss'"),
    "rename what is not there": ("textures rename moss fern", "no texture called 'moss'"),
    "rename to nothing": ("textures rename meadow", "NEW"),
    "rename to a path": ("textures rename meadow a/b", "leave out"),
    "rename to what there is": ("textures rename meadow meadow", "already"),
    "export what is not there": ("textures export moss moss.safetensors", "no texture called 'moss'"),
    "export as a picture": ("textures export meadow meadow2.png", "does not end in .safetensors"),
    "export into nowhere": ("textures export meadow missing/a.safetensors", "could not be written"),
    "export over a folder": ("textures export meadow folder.safetensors/a", "does not end"),
    "import what is not there": ("textures import missing.safetensors", "no texture file"),
    "import a picture": ("textures import red.png", "is not a texture"),
    "import a damaged file": ("textures import cut.safetensors", "damaged"),
    "import under a taken name": ("textures import meadow.safetensors", "already"),
    "import under a name that is none": ("textures import meadow.safetensors --name con", "device names"),
    "import under no name": ("textures import meadow.safetensors --name=", "cannot be a texture's name"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_in_one_sentence_and_nothing_is_written(case, library, workplace, capsys):
    whole = library.find("meadow").read_bytes()
    (workplace / "meadow.safetensors").write_bytes(whole)
    (workplace / "cut.safetensors").write_bytes(whole[: len(whole) // 2])
    (workplace / "folder.safetensors").mkdir()
    before = {path: path.stat().st_mtime_ns for path in workplace.rglob("*") if path.is_file()}
    line, word = WRONG[case]
    assert word in told(line.split(), capsys)
    assert {path: path.stat().st_mtime_ns for path in workplace.rglob("*") if path.is_file()} == before


def test_a_file_name_that_no_system_can_hold_is_told_in_one_sentence(library, capsys):
    long = "x" * 300
    for argv in (
        ["textures", "export", "meadow", f"{long}.safetensors"],
        ["textures", "import", f"{long}.safetensors"],
        with_texture("generate", f"{long}.safetensors"),
        with_texture("generate", "meadow", f"results/{long}.png"),
        ["learn", f"{long}.png", "--name", "long"],
    ):
        assert re.search(r"too long|up to 100 characters", told(argv, capsys))


# The library


def test_a_library_that_cannot_be_made_is_told_in_one_sentence(library, workplace, capsys, monkeypatch):
    monkeypatch.setenv("SINDDM_LIBRARY", str(workplace / "meadow.png" / "library"))
    assert "SINDDM_LIBRARY" in told(["learn", "meadow.png", "--name", "new", "--seconds", "0"], capsys)
    assert "none yet" in told(with_texture("generate", "meadow"), capsys)


def test_list_shows_every_texture(library, capsys):
    library.add(library.find("meadow"), "[bold]moss[v2]")
    assert main(["textures", "list"]) == 0
    table = capsys.readouterr().out
    for word in ("meadow", NETWORK, "[bold]moss[v2]", f"{WIDTH}x{HEIGHT}", "fast"):
        assert word in table


def test_list_json_holds_what_show_says(library, capsys):
    assert main(["textures", "list", "--json"]) == 0
    plain, network = json.loads(capsys.readouterr().out)
    assert (plain["name"], network["name"]) == ("meadow", NETWORK)
    assert (plain["width"], plain["height"], plain["depth"]) == (WIDTH, HEIGHT, "uint8")
    assert (plain["sources"], plain["preset"], plain["steps"]) == (["meadow.png"], None, None)
    assert (network["preset"], network["steps"], network["seed"]) == ("fast", 2, 0)
    assert plain["bytes"] == library.find("meadow").stat().st_size
    for facts in (plain, network):
        assert main(["textures", "show", facts["name"], "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == facts
        assert main(["textures", "show", facts["name"]]) == 0
        said = capsys.readouterr().out
        assert f"name: {facts['name']}\n" in said
        assert ("steps: 2" in said) == (facts is network)


def test_an_empty_library_says_how_to_fill_it(library, capsys):
    for name in library.names():
        assert main(["textures", "delete", name]) == 0
    assert main(["textures", "list"]) == 0
    assert "sinddm learn" in capsys.readouterr().out
    assert main(["textures", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_others_are_listed_where_some_files_are_damaged_in_any_way(library, capsys):
    whole = library.find("meadow").read_bytes()
    end = 8 + struct.unpack("<Q", whole[:8])[0]
    for place in range(0, end, 3):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        library.path(f"damaged {place}").write_bytes(flipped)
    (library.folder / "what?.safetensors").write_bytes(whole)
    (library.folder / "folder.safetensors").mkdir()
    for json_or_not in ([], ["--json"]):
        assert main(["textures", "list", *json_or_not]) == 0
        out, err = capsys.readouterr()
        listed = {entry["name"] for entry in json.loads(out)} if json_or_not else out
        assert "meadow" in listed
        assert NETWORK in listed
        assert all(re.fullmatch(r"\S[^\n]{15,}\.", line) for line in err.splitlines())
        assert "what?" in err


def test_rename_delete_export_and_import_do_so_and_say_where(library, workplace, capsys):
    assert main(["textures", "rename", "meadow", "Wiese am Fluß"]) == 0
    assert main(["textures", "export", "Wiese am Fluß", "results"]) == 0
    assert str(Path("results/Wiese am Fluß.safetensors")) in capsys.readouterr().out
    assert main(["textures", "delete", "Wiese am Fluß"]) == 0
    assert library.names() == [NETWORK]
    assert main(["textures", "import", "results/Wiese am Fluß.safetensors"]) == 0
    assert main(["textures", "import", "results/Wiese am Fluß.safetensors", "--name", "moss"]) == 0
    assert "moss" in capsys.readouterr().out
    assert library.names() == ["moss", NETWORK, "Wiese am Fluß"]
    assert main(with_texture("generate", "moss", "results/a.png")) == 0
    assert main(arguments("generate", "results/b.png")) == 0
    assert np.array_equal(pixels("results/a.png"), pixels("results/b.png"))
