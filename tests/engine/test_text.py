"""What is made is drawn towards words, as one CLIP sees it and another one, which never guided, agrees."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scenery import difference, fair, tensor
from scipy import ndimage
from tiny_clip import COLORS

from sinddm import InputError, Texture, metrics
from sinddm.text.clip import Clip
from sinddm.text.prompts import Prompt

VIEWS = 32  # of the judge
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _with_models(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SINDDM_MODELS", str(models))


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return fair()


@pytest.fixture(scope="module")
def balloons(scene: np.ndarray) -> Texture:
    return Texture.from_image(scene, device="cpu")


@pytest.fixture(scope="module")
def agreement(clips: tuple[Path, Path]) -> Callable[[np.ndarray, str], float]:
    """How well a picture agrees with words, by the CLIP that never guided, over augmented views."""
    judge = Clip(clips[1], CPU)

    def measure(picture: np.ndarray, words: str) -> float:
        with torch.no_grad():
            meaning, chance = judge.meaning([Prompt(words)]), torch.Generator().manual_seed(7)
            return float(judge.agreement(tensor(picture)[None], meaning, VIEWS, chance)[0])

    return measure


def coherence(picture: np.ndarray, source: np.ndarray) -> float:
    return metrics.coherence(tensor(picture)[None], tensor(source)[None])


@pytest.fixture(scope="module")
def plain(balloons: Texture) -> dict[int, np.ndarray]:
    """What is made without a text, by seed."""
    return dict(enumerate(balloons.generate(count=2)))


@pytest.fixture(scope="module")
def drawn(balloons: Texture, models: Path) -> dict[tuple[str, int], np.ndarray]:
    """What is made with the names of eight colors, by the name and the seed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SINDDM_MODELS", str(models))
        found = {name: balloons.text_content(name, count=2) for name in COLORS}
    return {(name, seed): one for name, pictures in found.items() for seed, one in enumerate(pictures)}


def test_a_text_is_met_better_than_without_it(drawn, plain, agreement):
    better = [agreement(made, words) > agreement(plain[seed], words) for (words, seed), made in drawn.items()]
    assert len(better) == 16
    assert np.mean(better) >= 0.9


def test_all_patches_are_the_pictures_own(drawn, scene):
    assert np.mean([coherence(made, scene) for made in drawn.values()]) < 0.006


def test_what_the_text_has_no_share_of_is_as_without_it(balloons, plain):
    for share in (0.2, 0.5):
        made = balloons.text_content("yellow", share=share)[0]
        changed = float((made != plain[0]).any(-1).mean())
        assert 0.6 * share < changed < share + 0.2


def test_no_strength_is_no_text(balloons, plain):
    made = balloons.text_content("yellow", strength=0)[0]
    assert np.array_equal(made, plain[0])
    assert np.array_equal(balloons.text_content("yellow", share=0)[0], plain[0])
    assert np.array_equal(balloons.text_style("yellow", strength=0)[0], plain[0])


def test_the_same_seed_makes_the_same_alone(balloons, drawn):
    assert np.array_equal(balloons.text_content("red", seed=1)[0], drawn["red", 1])


def test_a_style_colors_all_of_it(balloons, plain, agreement):
    better = []
    for words in ("red", "blue", "green", "yellow", "white", "orange"):
        made = balloons.text_style(words)[0]
        better.append(agreement(made, words) > agreement(plain[0], words))
        assert 4 < difference(made, plain[0]) < 60
    assert np.mean(better) >= 0.9


def test_a_picture_in_another_style_keeps_its_layout(balloons, scene, agreement):
    for words in ("red", "blue", "orange"):
        made = balloons.text_restyle(scene, words)[0]
        assert agreement(made, words) > agreement(scene, words)
        assert metrics.gradient_correlation(tensor(made)[None], tensor(scene)[None]) > 0.8


@pytest.fixture(scope="module")
def part(scene: np.ndarray) -> np.ndarray:
    mask = np.zeros(scene.shape[:2], bool)
    mask[30:90, 40:110] = True
    return mask


def test_a_selection_becomes_what_the_text_says(balloons, scene, part, agreement):
    better = []
    for words in ("red", "blue", "green", "yellow", "orange", "black"):
        with_text = balloons.text_region(scene, part, words)[0]
        without = balloons.text_region(scene, part, words, strength=0)[0]
        shown = slice(25, 95), slice(35, 115)
        better.append(agreement(with_text[shown], words) > agreement(without[shown], words))
        assert coherence(with_text, scene) < 0.006
    assert np.mean(better) >= 0.8


def test_nothing_changes_beyond_a_selection(balloons, scene, part):
    made = balloons.text_region(scene, part, "red")[0]
    changed, feather = (made != scene).any(-1), 6
    allowed = ndimage.binary_dilation(part, np.ones((2 * feather + 1, 2 * feather + 1)))
    assert not changed[np.logical_not(allowed)].any()
    assert changed[part].mean() > 0.2


def test_what_is_to_be_avoided_becomes_less(balloons, plain, agreement):
    made = balloons.text_content("blue", avoid="yellow")[0]
    towards = agreement(made, "blue") - agreement(made, "yellow")
    assert towards > agreement(plain[0], "blue") - agreement(plain[0], "yellow")


def test_weights_say_which_of_several_texts_counts_more(balloons, agreement):
    def redder_than_blue(red: float, blue: float) -> float:
        made = balloons.text_content([("red", red), ("blue", blue)], share=1, count=2)
        return float(np.mean([agreement(one, "red") - agreement(one, "blue") for one in made]))

    assert redder_than_blue(1.0, 0.05) > redder_than_blue(0.05, 1.0)


def test_a_network_is_drawn_as_well(scene, agreement):
    learned = Texture.from_image(scene, device="cpu")
    learned.learn(steps=60)
    better = []
    for words in ("red", "blue", "yellow"):
        made = learned.text_content(words, share=1, engine="learned")[0]
        without = learned.generate(engine="learned")[0]
        better.append(agreement(made, words) - agreement(without, words))
    assert np.mean(better) > 0


def test_gray_layers_and_layers_with_alpha_can_be_used(scene):
    gray = scene.mean(-1).astype(np.uint8)
    assert Texture.from_image(gray, device="cpu").text_content("white", size=(64, 64))[0].shape == (64, 64)
    alpha = np.dstack([scene, np.full(scene.shape[:2], 255, np.uint8)])
    assert Texture.from_image(alpha, device="cpu").text_style("white", size=(64, 64))[0].shape == (64, 64, 4)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "There is no text"),
        ([], "There is no text"),
        ("  ", "There is no text"),
        ("x" * 301, "characters"),
        (["a"] * 17, "at most 16"),
        ([("red", -1.0)], "weight"),
        ([("red", float("nan"))], "weight"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_in_words(balloons, text, told):
    with pytest.raises(InputError, match=told):
        balloons.text_content(text)


def test_other_channels_are_refused_in_words():
    maps = np.random.default_rng(0).random((64, 64, 5)).astype(np.float32)
    with pytest.raises(InputError, match="colour or gray"):
        Texture.from_image(maps, device="cpu").text_content("red")


def test_an_empty_selection_is_refused_in_words(balloons, scene):
    with pytest.raises(InputError, match="mask is empty"):
        balloons.text_region(scene, np.zeros(scene.shape[:2], bool), "red")
