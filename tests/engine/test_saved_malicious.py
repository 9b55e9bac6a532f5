"""Texture files made to do harm, with a digest that is right: each is refused in one sentence, at once."""

import json
import math
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from commands import environment
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from sinddm import InputError, Paused, Texture, saved

Tensors = dict[str, Tensor]
Change = Callable[[Tensors, dict], object]
SENTENCE = r"[^\n]{20,250}[^.\n]\."
WEIGHT = "training.average.out.weight"


def forge(path: Path, change: Change) -> None:
    """Change a texture file and make its digest right again."""
    with safe_open(str(path), framework="pt") as file:
        tensors, about = {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["about"])  # noqa: SIM118
    change(tensors, about)
    text = json.dumps(about)
    metadata = {"sinddm_texture": "1", "about": text, "digest": saved._digest(text, tensors)}
    save_file({name: value.contiguous() for name, value in tensors.items()}, path, metadata)


def tensor(name: str, make: Callable[[Tensor], Tensor]) -> Change:
    """Put another tensor in the place of one."""
    return lambda tensors, about: tensors.update({name: make(tensors[name])})


def says(value: object, *keys: str) -> Change:
    """Have the file say something else of itself."""

    def change(tensors: Tensors, about: dict) -> None:
        for key in keys[:-1]:
            about = about[key]
        about[keys[-1]] = value

    return change


def without(*keys: str) -> Change:
    def change(tensors: Tensors, about: dict) -> None:
        for key in keys[:-1]:
            about = about[key]
        del about[keys[-1]]

    return change


def channels(count: int) -> Change:
    """An image of so many channels, and a format that says so."""

    def change(tensors: Tensors, about: dict) -> None:
        tensors["image"] = tensors["image"][:1].repeat(count, 1, 1)
        about["format"]["channels"] = count

    return change


def nested(tensors: Tensors, about: dict) -> None:
    value: list = []
    for _ in range(600):
        value = [value]
    about["size"] = value


FORGED: dict[str, Change] = {
    "no image": lambda tensors, about: tensors.pop("image"),
    "no used pixels": lambda tensors, about: tensors.pop("used"),
    "no thumbnail": lambda tensors, about: tensors.pop("thumbnail"),
    "an image that is not a number": tensor("image", lambda image: image.float() * math.nan),
    "an image without end": tensor("image", lambda image: image.float() * math.inf),
    "an image of doubles": tensor("image", lambda image: image.double()),
    "an image of half precision": tensor("image", lambda image: image.half()),
    "an image of complex numbers": tensor("image", lambda image: image.to(torch.complex64)),
    "an image of truths": tensor("image", lambda image: image > 9),
    "an image with fewer channels than it says": tensor("image", lambda image: image[:2]),
    "an image without channels": channels(0),
    "an image of a thousand channels": channels(1000),
    "an image without height": tensor("image", lambda image: image[:, :0]),
    "an image of one plane": tensor("image", lambda image: image[0]),
    "an image of another size than its mask": tensor("image", lambda image: image[:, 1:]),
    "an image of a few pixels": lambda t, _: t.update(image=t["image"][:, :7, :7], used=t["used"][:7, :7]),
    "an image longer than allowed": lambda t, _: t.update(
        image=torch.zeros(3, 8, 2**18 + 1, dtype=torch.uint8), used=torch.ones(8, 2**18 + 1, dtype=torch.uint8)
    ),
    "nothing that may be learned": tensor("used", torch.zeros_like),
    "a mask of one row": tensor("used", lambda used: used[0]),
    "a thumbnail of floats": tensor("thumbnail", lambda small: small.float()),
    "a thumbnail of one plane": tensor("thumbnail", lambda small: small[..., 0]),
    "a giant thumbnail": tensor("thumbnail", lambda small: small.repeat(20, 20, 1)),
    "no size": without("size"),
    "a size of nothing": says([0, 0], "size"),
    "a size beyond all limits": says([10**9, 10**9], "size"),
    "a size of too many pixels": says([2**17, 2**17], "size"),
    "a size without end": says([math.inf, 80], "size"),
    "a size of three": says([64, 80, 3], "size"),
    "a size in words": says("large", "size"),
    "a size of nothing but brackets": nested,
    "a place beyond all limits": says([0, 10**30], "origin"),
    "a place that is not a number": says([math.nan, 0], "origin"),
    "no format": without("format"),
    "a format in words": says("uint8", "format"),
    "pixels that are objects": says("object", "format", "dtype"),
    "pixels that are a list": says(["uint8"], "format", "dtype"),
    "colour that is flat": says(True, "format", "flat"),
    "no profile at all": without("icc"),
    "a profile that is a number": says(7, "icc"),
    "a profile in no code": says("*", "icc"),
    "sources that are a number": says(7, "sources"),
    "sources that are numbers": says([7], "sources"),
    "no time": without("saved"),
    "a time that is a number": says(7, "saved"),
    "training that is a word": says("long", "trained"),
    "training that is a list": says([1], "trained"),
}

FORGED_NETWORK: dict[str, Change] = {
    "no config": without("trained", "config"),
    "a config with more in it": says(1, "trained", "config", "depth"),
    "a config in words": says("large", "trained", "config"),
    "a giant network": says(2**40, "trained", "config", "width"),
    "a wide network": says(1024, "trained", "config", "width"),
    "a network of odd width": says(63, "trained", "config", "width"),
    "a network of broken width": says(64.5, "trained", "config", "width"),
    "a network for other pictures": says(4, "trained", "config", "channels"),
    "a spread that is not a number": says(math.nan, "trained", "config", "data_std"),
    "a spread of nothing": says(0, "trained", "config", "data_std"),
    "a spread in words": says("0.5", "trained", "config", "data_std"),
    "a process in words": says("as published", "trained", "config", "published"),
    "a coarsest scale of nothing": says(0, "trained", "config", "coarsest"),
    "a coarsest scale without end": says(math.inf, "trained", "config", "coarsest"),
    "a coarsest scale of half pixels": says(34.5, "trained", "config", "coarsest"),
    "no scales": says([], "trained", "config", "scales"),
    "scales that are no list": says(2, "trained", "config", "scales"),
    "a scale beyond all limits": says([0, 2**40], "trained", "config", "scales"),
    "a scale below the first": says([-1, 0], "trained", "config", "scales"),
    "scales with none to begin with": says([1], "trained", "config", "scales"),
    "scales that are not whole": says([0.0, 1.0], "trained", "config", "scales"),
    "a thousand scales": says([0] * 1000, "trained", "config", "scales"),
    "weights that are not numbers": tensor(WEIGHT, lambda weight: weight * math.nan),
    "weights without end": tensor(WEIGHT, lambda weight: weight + math.inf),
    "weights beyond what the network holds": tensor(WEIGHT, lambda weight: weight.double() + 1e300),
    "weights that are complex": tensor(WEIGHT, lambda weight: weight.to(torch.complex64)),
    "a missing weight": lambda tensors, about: tensors.pop(WEIGHT),
    "one weight more": lambda tensors, about: tensors.update({f"{WEIGHT}2": tensors[WEIGHT].clone()}),
    "weights of another shape": tensor(WEIGHT, lambda weight: weight[:, :-1]),
    "weights turned over": tensor(WEIGHT, lambda weight: weight.transpose(0, 1)),
    "figures that are a list": says([1, 2], "trained", "figures"),
    "figures that are words": says({"steps": "many"}, "trained", "figures"),
    "figures beyond all limits": says({"steps": 10**400}, "trained", "figures"),
    "no figures": without("trained", "figures"),
    "figures without the steps": says({"seconds": 1, "loss": 1}, "trained", "figures"),
    "a seed without end": says(math.inf, "trained", "seed"),
    "a course that is a word": says("long", "trained", "course"),
}

FORGED_COURSE: dict[str, Change] = {
    "no recipe": without("trained", "recipe"),
    "a recipe in words": says("fast", "trained", "recipe"),
    "a recipe with more in it": says(1, "trained", "recipe", "luck"),
    "a recipe of another network": says(128, "trained", "recipe", "width"),
    "a recipe of another process": says(True, "trained", "recipe", "published"),
    "a recipe at a rate in words": says("fast", "trained", "recipe", "rate"),
    "a recipe of too many pictures a step": says(10**9, "trained", "recipe", "batch"),
    "a course that counts in words": says({"seconds": 9.0, "taken": "many"}, "trained", "course"),
    "a course whose loss is words": says({"seconds": 9.0, "loss": "none"}, "trained", "course"),
    "a course that is not a number": says(math.nan, "trained", "course", "elapsed"),
    "a course of other things": says(1, "trained", "course", "luck"),
    "a course that looked in words": says({"looks": "far"}, "trained", "course"),
    "a course that looked at words": says({"looks": [["far", "near"]]}, "trained", "course"),
    "a course that settled in words": says({"settled": "soon"}, "trained", "course"),
    "a course that never begins": says({"seconds": 9.0, "elapsed": -1e9}, "trained", "course"),
    "a seed beyond all limits": says(10**30, "trained", "seed"),
    "no generator": lambda tensors, about: tensors.pop("training.generator"),
    "a generator of noise": tensor("training.generator", lambda state: state.random_()),
    "a generator of floats": tensor("training.generator", lambda state: state.float()),
    "steps in a list": tensor("training.steps", lambda steps: steps.repeat(3)),
    "steps without end": tensor("training.steps", lambda steps: steps.float() * math.inf),
    "weights of another shape": tensor("training.network.out.weight", lambda weight: weight[:, :-1]),
    "a part of the moments": lambda tensors, about: tensors.pop("training.optimizer.exp_avg.out.weight"),
    "no moments": lambda tensors, about: [tensors.pop(name) for name in list(tensors) if ".optimizer." in name],
    "moments of another shape": tensor("training.optimizer.exp_avg.out.weight", lambda moment: moment[:, :-1]),
    "moments counted in a list": tensor("training.optimizer.step.out.weight", lambda step: step.repeat(3)),
    "moments in half precision": tensor("training.optimizer.exp_avg_sq.out.weight", lambda moment: moment.half()),
}

CONFINED = """
import resource, sys
from pathlib import Path
from sinddm import InputError, Texture
Texture.load(sys.argv[1], device="cpu")
pages = int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 2**28,) * 2)
for path in sys.argv[1:]:
    try:
        Texture.load(path, device="cpu")
        print("loaded")
    except InputError as error:
        print(error)
"""


@pytest.fixture
def path(texture, tmp_path) -> Path:
    """The file of a texture without a network."""
    texture.save(tmp_path / "a.safetensors")
    return tmp_path / "a.safetensors"


@pytest.fixture
def network(trained, tmp_path) -> Path:
    """The file of a texture with a network."""
    trained.save(tmp_path / "a.safetensors")
    return tmp_path / "a.safetensors"


def assert_refused(path: Path) -> None:
    with pytest.raises(InputError) as error:
        Texture.load(path, device="cpu")
    assert re.fullmatch(SENTENCE, str(error.value).replace(str(path), "A file"))


def test_a_file_that_was_forged_without_a_change_is_whole(path, texture):
    forge(path, lambda tensors, about: None)
    assert (Texture.load(path, device="cpu").generate(quality="draft")[0] == texture.generate(quality="draft")[0]).all()


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_texture_is_refused(case, path):
    forge(path, FORGED[case])
    assert_refused(path)


@pytest.mark.parametrize("case", FORGED_NETWORK)
def test_a_forged_network_is_refused(case, network):
    forge(network, FORGED_NETWORK[case])
    assert_refused(network)


@pytest.mark.parametrize("case", FORGED_COURSE)
def test_what_was_forged_about_learning_is_refused_or_gone_on_with(case, network):
    def pause(progress) -> None:
        raise Paused

    forge(network, says(9, "trained", "course", "steps"))
    forge(network, FORGED_COURSE[case])
    gone_on, told = None, ""
    try:
        gone_on = Texture.load(network, device="cpu").learn(resume=True, on_progress=pause)
    except InputError as error:
        told = str(error).replace(str(network), "A file")
    assert gone_on is False or re.fullmatch(SENTENCE, told)


@pytest.mark.skipif(sys.platform != "linux", reason="memory can be confined so on Linux only")
def test_what_claims_to_be_huge_is_refused_without_taking_memory(trained, tmp_path):
    cases = {
        "a giant network": says(2**40, "trained", "config", "width"),
        "a wide network": says(1024, "trained", "config", "width"),
        "a network of many channels": says(2**40, "trained", "config", "channels"),
        "a coarse scale beyond all limits": says(2**40, "trained", "config", "coarsest"),
        "a size beyond all limits": says([2**40, 2**40], "size"),
    }
    paths = [tmp_path / f"{case}.safetensors" for case in ("whole", *cases)]
    for path, change in zip(paths, [lambda tensors, about: None, *cases.values()], strict=True):
        trained.save(path)
        forge(path, change)
    whole = paths[0].read_bytes()
    header = b'{"image": {"dtype": "U8", "shape": [4000000000], "data_offsets": [0, 4000000000]}}'
    for name, start in {"long header": 10**8, "endless header": 2**63, "giant tensor": len(header)}.items():
        paths.append(tmp_path / f"{name}.safetensors")
        paths[-1].write_bytes(struct.pack("<Q", start) + (header if start == len(header) else whole[8:]))
    argv = [sys.executable, "-c", CONFINED, *map(str, paths)]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment())
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert told[0] == "loaded"
    for path, sentence in zip(paths[1:], told[1:], strict=True):
        assert sentence.startswith(f"{path} is not a texture, or it was damaged"), sentence
