"""Harmonizing by the network: the published way, where it knows the finest scale."""

from dataclasses import replace

import numpy as np
import pytest
from scenery import landscape

from sinddm import InputError, Texture, files
from sinddm.cli import main
from sinddm.tasks import FEATHER, GROWN
from sinddm.training.recipe import named

LEFT, RIGHT = 30, 46  # columns of the pasted square


@pytest.fixture(scope="module")
def fine(picture) -> Texture:
    """The landscape, with a network that has spent some steps on its finest scale."""
    texture = Texture.from_image(picture, device="cpu")
    texture.learn(preset=replace(named("fast"), scales=1, finest=0.5), steps=6)
    return texture


@pytest.fixture(scope="module")
def pasted(picture) -> tuple[np.ndarray, np.ndarray]:
    """A violet square in the landscape, and its mask."""
    composite, mask = picture.copy(), np.zeros(picture.shape[:2], bool)
    mask[20:36, LEFT:RIGHT] = True
    composite[mask] = (150, 40, 160)
    return composite, mask


def test_a_recipe_with_a_share_for_the_finest_scale_learns_it_and_variations_do_not_ask_for_it(fine):
    scales = fine.learned.network.config.scales
    assert scales == (0, len(fine.learned.pyramid) - 1)
    assert fine.learned.coarse == 1


def test_the_network_redraws_the_object_and_keeps_what_is_far_from_it_to_the_bit(fine, pasted):
    composite, mask = pasted
    result = fine.harmonize(composite, mask, engine="learned")[0]
    far = np.ones(mask.shape, bool)
    reach = GROWN + FEATHER
    far[20 - reach : 36 + reach, LEFT - reach : RIGHT + reach] = False
    assert np.array_equal(result[far], composite[far])
    assert (result[mask] != composite[mask]).any(1).mean() > 0.9


def test_the_more_strength_the_more_the_object_changes(fine, pasted):
    composite, mask = pasted
    weak, strong = (fine.harmonize(composite, mask, strength=s, engine="learned")[0] for s in (0.1, 1.0))
    change = [np.abs(one[mask].astype(float) - composite[mask]).mean() for one in (weak, strong)]
    assert change[0] < change[1]


def test_the_closed_form_harmonizes_unless_the_network_is_asked_for(fine, pasted):
    by_default, instant = (fine.harmonize(*pasted, **rest)[0] for rest in ({}, {"engine": "instant"}))
    assert np.array_equal(by_default, instant)


def test_a_network_that_does_not_know_the_finest_scale_says_so(picture, pasted):
    texture = Texture.from_image(picture, device="cpu")
    texture.learn(preset=replace(named("fast"), scales=1), steps=1)
    with pytest.raises(InputError, match="does not know the finest scale: harmonize with the instant engine"):
        texture.harmonize(*pasted, engine="learned")


@pytest.mark.parametrize(("more", "code"), [([], 2), (["--finest"], 0)])
def test_on_the_command_line_the_finest_scale_is_learned_where_it_is_asked_for(more, code, workplace, monkeypatch):
    monkeypatch.setenv("SINDDM_LIBRARY", str(workplace / "library"))
    files.write("large.png", files.Picture(landscape(140, 150)))
    object_ = np.zeros((140, 150), np.uint8)
    object_[60:80, 60:90] = 255
    files.write("object.png", files.Picture(object_))
    assert main(["learn", "large.png", "--name", "large", "--steps", "2", *more]) == 0
    by_network = ["--texture", "large", "--engine", "learned", "--quality", "draft", "-o", "results/a.png"]
    assert main(["harmonize", "large.png", "--mask", "object.png", *by_network]) == code
    assert (workplace / "results" / "a.png").exists() == (code == 0)


def test_what_was_begun_without_the_finest_scale_does_not_take_it_up_later(workplace, monkeypatch, capsys):
    monkeypatch.setenv("SINDDM_LIBRARY", str(workplace / "library"))
    assert main(["learn", "meadow.png", "--name", "meadow", "--steps", "1"]) == 0
    assert main(["learn", "--resume", "--name", "meadow", "--steps", "1", "--finest"]) == 2
    assert "--finest" in capsys.readouterr().err
