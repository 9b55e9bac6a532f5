"""What cannot be used is told in one sentence; what runs out or is stopped leaves the texture as it was."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scenery import landscape

import sinddm
from sinddm import Cancelled, InputError, Texture, memory

SIZE = (64, 80)


def no(array: np.ndarray, value: float) -> np.ndarray:
    bad = array.astype(np.float32) / 255
    bad[30, 40, 1] = value
    return bad


def learn(image, **rest):
    return lambda: Texture.from_image(image, device="cpu", **rest)


PICTURE = landscape(*SIZE)
CLEAR = np.dstack([PICTURE, np.zeros(SIZE, np.uint8)])
LEARNED = {
    "one pixel": learn(np.zeros((1, 1, 3), np.uint8)),
    "a row of pixels": learn(np.zeros((1, 400, 3), np.uint8)),
    "no pixels": learn(np.zeros((0, 40, 3), np.uint8)),
    "one dimension": learn(np.zeros(40, np.uint8)),
    "several pictures in an array": learn(np.zeros((2, 40, 40, 3), np.uint8)),
    "nothing": learn(None),
    "a list of numbers": learn([[1, 2], [3, 4]]),
    "a float64 array": learn(np.zeros((40, 40, 3))),
    "an array of truths": learn(np.zeros((40, 40), bool)),
    "not a number": learn(no(PICTURE, np.nan)),
    "infinite": learn(no(PICTURE, np.inf)),
    "all transparent": learn(CLEAR),
    "a missing file": learn("/nowhere/picture.png"),
    "an empty mask": learn(PICTURE, mask=np.zeros(SIZE)),
    "a mask of another size": learn(PICTURE, mask=np.ones((80, 64))),
    "a mask in colour": learn(PICTURE, mask=np.ones((*SIZE, 3))),
    "a mask of one pixel": learn(PICTURE, mask=np.eye(64, 80) * np.eye(64, 80)[5]),
    "a mask that is not a number": learn(PICTURE, mask=np.full(SIZE, np.nan)),
    "an unknown device": lambda: Texture.from_image(PICTURE, device="tpu"),
    "no pictures": lambda: Texture.from_images([]),
    "two masks for a picture": lambda: Texture.from_images([PICTURE], masks=[None, None]),
}
HOLE = np.pad(np.ones((10, 10)), ((20, 34), (20, 50)))
ASKED = {
    "no variation": lambda t: t.generate(0),
    "fewer than no variations": lambda t: t.generate(-2),
    "an unknown quality": lambda t: t.generate(quality="fine"),
    "too close": lambda t: t.generate(closeness=1.1),
    "a layout that is not a number": lambda t: t.generate(keep_layout=float("nan")),
    "a result too small": lambda t: t.generate(size=(7, 40)),
    "a result too large": lambda t: t.tile(size=(64, 40_000)),
    "a result of negative size": lambda t: t.generate(size=(-64, 80)),
    "an unknown axis": lambda t: t.tile(axis="z"),
    "an empty hole": lambda t: t.fill(PICTURE, np.zeros(SIZE)),
    "a hole of another size": lambda t: t.fill(PICTURE, np.ones((10, 10))),
    "a hole that is not a number": lambda t: t.fill(PICTURE, np.full(SIZE, np.nan)),
    "a picture with a number missing": lambda t: t.fill(no(PICTURE, np.nan), HOLE),
    "a dot to fill": lambda t: t.fill(np.zeros((1, 1, 3), np.uint8), np.ones((1, 1))),
    "a dot to paint": lambda t: t.paint(np.zeros((1, 1, 3), np.uint8)),
    "a dot as the content": lambda t: t.style(np.zeros((1, 1, 3), np.uint8)),
    "maps as the content": lambda t: t.style(np.zeros((*SIZE, 7), np.uint8)),
    "too strong": lambda t: t.paint(PICTURE, strength=2),
    "too weak": lambda t: t.style(PICTURE, strength=-0.1),
    "an infinite painting": lambda t: t.paint(no(PICTURE, np.inf)),
    "an expansion too large": lambda t: t.expand(PICTURE, left=40_000),
    "no region": lambda t: t.place([]),
    "a region outside": lambda t: t.place([((70, 50, 20, 20), (0, 0))]),
    "a place outside": lambda t: t.place([((10, 10, 20, 20), (70, 0))]),
    "a region of nothing": lambda t: t.place([((10, 10, 0, 20), (0, 0))]),
    "a region of three numbers": lambda t: t.place([((10, 10, 20), (0, 0))]),
}


def one_sentence(error: pytest.ExceptionInfo[InputError]) -> bool:
    return re.fullmatch(r"[A-Z/][^\n]{20,250}[^.\n]\.", str(error.value)) is not None


@pytest.mark.parametrize("case", LEARNED)
def test_what_cannot_be_learned_is_told_in_one_sentence(case):
    with pytest.raises(InputError) as error:
        LEARNED[case]()
    assert one_sentence(error), error.value


@pytest.mark.parametrize("case", ASKED)
def test_what_cannot_be_made_is_told_in_one_sentence(case, texture):
    with pytest.raises(InputError) as error:
        ASKED[case](texture)
    assert one_sentence(error), error.value


# Memory


@pytest.mark.parametrize("channels", [3, 4])
def test_sixty_megapixels_on_little_memory_are_refused_before_they_are_touched(channels, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda device: 4 << 30)
    huge = np.broadcast_to(np.uint8(100), (7746, 7746, channels))
    with pytest.raises(InputError, match=r"not enough memory.*4\.0 GB free") as error:
        Texture.from_image(huge, device="cpu")
    assert one_sentence(error)


HUGE = {
    "generate": lambda t, big: t.generate(size=(8000, 8000)),
    "tile": lambda t, big: t.tile(size=(8000, 8000)),
    "place": lambda t, big: t.place([((0, 0, 9, 9), (0, 0))], size=(8000, 8000)),
    "expand": lambda t, big: t.expand(PICTURE, left=8000, bottom=8000),
    "fill": lambda t, big: t.fill(big, big[..., 0]),
    "paint": lambda t, big: t.paint(big),
    "style": lambda t, big: t.style(big),
}


@pytest.mark.parametrize("task", HUGE)
def test_a_result_larger_than_memory_is_refused_before_the_work(task, texture, monkeypatch):
    big = np.broadcast_to(np.uint8(100), (8000, 8000, 3))
    monkeypatch.setattr(memory, "free_memory", lambda device: 1 << 30)
    with pytest.raises(InputError, match="not enough memory"):
        HUGE[task](texture, big)


LIMITED = """
import resource, sys
sys.path[:0] = {paths!r}
import numpy as np, psutil, torch
from scenery import landscape
from sinddm import InputError, Texture
torch.set_num_threads({threads})
texture = Texture.from_image(landscape(), device="cpu")
expected = texture.generate(quality="draft")[0]
big = np.tile(landscape(), (30, 30, 1))
mask = big[..., 0] > 200
used = psutil.Process().memory_info().vms
resource.setrlimit(resource.RLIMIT_AS, (used + (100 << 20), resource.getrlimit(resource.RLIMIT_AS)[1]))
jobs = [
    lambda: Texture.from_image(big, device="cpu"),
    lambda: texture.generate(size=(2500, 2500), quality="draft"),
    lambda: texture.tile(size=(2500, 2500), quality="draft"),
    lambda: texture.expand(landscape(), left=5000, top=5000, quality="draft"),
    lambda: texture.fill(big, mask, quality="draft"),
    lambda: texture.paint(big, quality="draft"),
    lambda: texture.style(big, quality="draft"),
]
for job in jobs:
    try:
        job()
    except InputError as error:
        assert str(error).startswith("There is not enough memory"), error
    else:
        raise AssertionError("it fitted")
resource.setrlimit(resource.RLIMIT_AS, (resource.getrlimit(resource.RLIMIT_AS)[1],) * 2)
assert np.array_equal(texture.generate(quality="draft")[0], expected)
print("refused them all")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on the address space that holds")
@pytest.mark.parametrize("threads", [1, 2])
def test_running_out_of_memory_is_told_in_words_and_the_next_job_runs(threads):
    paths = [str(Path(__file__).parent), str(Path(sinddm.__file__).parents[1])]
    code = LIMITED.format(paths=paths, threads=threads)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == "refused them all\n"


# Stopping


def test_a_callback_that_cancels_ends_the_work_and_the_texture_lives_on(texture):
    expected = texture.generate(quality="draft")[0]
    steps = []

    def stop(step) -> None:
        steps.append(step)
        if step.variation == 1 and step.step == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        texture.generate(3, quality="draft", on_step=stop)
    assert steps[-1].variation == 1
    assert np.array_equal(texture.generate(quality="draft")[0], expected)


def test_an_interrupt_ends_the_work_and_the_texture_lives_on(texture):
    expected = texture.generate(quality="draft")[0]

    def interrupt(step) -> None:
        if step.fraction > 0.5:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        texture.generate(2, quality="draft", on_step=interrupt)
    assert np.array_equal(texture.generate(quality="draft")[0], expected)


@pytest.mark.parametrize("count", [1, 3])
def test_progress_covers_all_variations(count, texture):
    steps = []
    texture.generate(count, quality="draft", on_step=steps.append)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < 0.5 / count
    assert fractions[-1] == pytest.approx(1)
    assert [step.variation for step in steps] == sorted(list(range(count)) * (len(steps) // count))
    assert steps[-1].x0.shape == (1, 3, *SIZE)
