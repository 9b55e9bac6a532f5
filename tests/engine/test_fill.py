"""Fill and expand: what is known stays, what is made fits in."""

import numpy as np
import pytest
from scenery import landscape, magenta, spots, tensor
from scipy import ndimage

from sinddm import InputError, Texture, metrics
from sinddm.tasks import FEATHER


def beyond_feather(hole: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels further from the hole than the feather reaches."""
    return np.logical_not(ndimage.binary_dilation(hole, np.ones((3, 3)), iterations=FEATHER))


def across(picture: np.ndarray, hole: np.ndarray) -> float:
    """Mean step across the edge of the hole over the mean step elsewhere in the rows and columns around it."""
    values = picture.astype(float).mean(2)
    rim = [hole[:, 1:] != hole[:, :-1], hole[1:] != hole[:-1]]
    near = ndimage.binary_dilation(hole, iterations=8)
    around = [near[:, 1:] & ~rim[0], near[1:] & ~rim[1]]
    steps = [np.abs(np.diff(values, axis=1)), np.abs(np.diff(values, axis=0))]
    seam, rest = (np.concatenate([s[w] for s, w in zip(steps, where, strict=True)]).mean() for where in (rim, around))
    return float(seam / rest)


@pytest.fixture(scope="module")
def damaged(picture, hole) -> np.ndarray:
    """The landscape with magenta where it is to be filled."""
    return np.where(hole[..., None], np.array([255, 0, 255], np.uint8), picture)


@pytest.fixture(scope="module")
def around_hole(damaged, hole) -> Texture:
    return Texture.from_image(damaged, mask=~hole, device="cpu")


@pytest.mark.parametrize("quality", ["draft", "normal"])
def test_a_hole_is_filled_with_what_was_learned_and_the_rest_stays_to_the_bit(quality, around_hole, damaged, hole):
    for filled in around_hole.fill(damaged, hole, 2, quality=quality):
        assert np.array_equal(filled[beyond_feather(hole)], damaged[beyond_feather(hole)])
        assert not magenta(filled).any()
        assert metrics.coherence(tensor(filled), tensor(landscape())) < 0.01


def test_what_is_filled_in_continues_its_surroundings(around_hole, damaged, hole, picture):
    """Sky where the sky goes on, field where the field does."""
    for filled in around_hole.fill(damaged, hole, 3):
        blue = filled[..., 2].astype(int) - filled[..., 1] > 20
        sky = picture[..., 2].astype(int) - picture[..., 1] > 20
        assert (blue == sky)[hole].mean() > 0.85


def test_the_edge_of_a_filled_hole_cannot_be_seen(around_hole, damaged, hole, picture):
    ratios = [across(filled, hole) for filled in around_hole.fill(damaged, hole, 4)]
    assert np.mean(ratios) < 1.25 * across(picture, hole)
    assert np.mean(ratios) > 0.6 * across(picture, hole)  # nor blurred


def test_fillings_differ(around_hole, damaged, hole):
    a, b = around_hole.fill(damaged, hole, 2, quality="draft")
    assert (a[hole] != b[hole]).mean() > 0.3


@pytest.mark.parametrize("kind", [bool, np.uint8, np.float32])
def test_a_mask_may_be_of_any_kind(kind, around_hole, damaged, hole):
    mask = hole.astype(kind) * (255 if kind is np.uint8 else 1)
    expected = around_hole.fill(damaged, hole, quality="draft")[0]
    assert np.array_equal(around_hole.fill(damaged, mask, quality="draft")[0], expected)


def test_where_a_mask_is_soft_old_and_new_mix(texture, picture, hole):
    soft = ndimage.gaussian_filter(hole.astype(np.float32), 3)
    soft[soft < 0.01] = 0
    red = np.full_like(picture, (250, 20, 20))
    filled = texture.fill(red, soft, quality="draft")[0].astype(float)
    assert np.array_equal(filled[beyond_feather(soft > 0)], red[beyond_feather(soft > 0)])
    redness = filled[..., 0] - filled[..., 1:].mean(2)
    levels = [redness[(soft > low) & (soft <= low + 0.2)].mean() for low in (0.2, 0.5, 0.8)]
    assert levels[0] > levels[1] + 10 > levels[2] + 20


def test_a_bright_picture_keeps_its_brightness_under_a_faint_mask(texture, picture):
    """A mask of one tenth changes a pixel by at most about one tenth."""
    white = np.full_like(picture, 250)
    faint = np.zeros(picture.shape[:2], np.float32)
    faint[20:40, 20:60] = 0.1
    faint[28:32, 30:50] = 1
    filled = texture.fill(white, faint, quality="draft")[0].astype(int)
    corner = filled[20:22, 20:22]
    assert (250 - corner).max() <= 0.1 * 250 + 2


def test_a_filling_is_opaque_and_other_alpha_stays(picture, around_hole, damaged, hole):
    alpha = np.full(picture.shape[:2], 200, np.uint8)
    alpha[:4] = 0
    alpha[25:40, 30:40] = 0
    layer = np.dstack([damaged, alpha])
    filled = around_hole.fill(layer, hole, quality="draft")[0]
    assert (filled[hole][:, 3] == 255).all()
    assert np.array_equal(filled[beyond_feather(hole)], layer[beyond_feather(hole)])


def test_transparent_surroundings_lend_no_colour_to_a_filling(around_hole, damaged, hole, picture):
    """Editors keep arbitrary colour under alpha 0."""
    layers = []
    for color in ((255, 0, 255), (0, 0, 0)):
        layer = np.dstack([damaged, np.full(picture.shape[:2], 255, np.uint8)])
        layer[:, :30] = (*color, 0)
        layers.append(around_hole.fill(layer, hole, quality="draft")[0])
    shown = layers[0][..., 3] > 0
    assert np.array_equal(layers[0][shown], layers[1][shown])
    assert not magenta(layers[0])[hole].any()


def test_everything_may_be_a_hole(texture, picture):
    filled = texture.fill(picture, np.ones(picture.shape[:2]), quality="draft")[0]
    assert filled.shape == picture.shape
    assert (filled != picture).mean() > 0.3


def test_another_picture_s_texture_fills(floor_texture, picture, hole, floor):
    filled = floor_texture.fill(picture, hole, quality="draft")[0]
    own = spots().reshape(-1, 3).astype(int)
    inner = filled[ndimage.binary_erosion(hole, iterations=3)].astype(int)
    assert np.abs(inner[:, None] - own[None]).max(2).min(1).mean() < 12


SIDES = [{"left": 20}, {"right": 13, "bottom": 9}, {"left": 8, "right": 8, "top": 8, "bottom": 8}, {"top": 1}]


@pytest.mark.parametrize("sides", SIDES)
def test_a_picture_is_continued_on_the_sides_asked_for(sides, texture, picture):
    grown = texture.expand(picture, quality="draft", **sides)[0]
    left, right, top, bottom = (sides.get(side, 0) for side in ("left", "right", "top", "bottom"))
    assert grown.shape == (64 + top + bottom, 80 + left + right, 3)
    new = np.ones(grown.shape[:2], bool)
    new[top : top + 64, left : left + 80] = False
    inside = beyond_feather(new)
    whole = np.pad(picture, ((top, bottom), (left, right), (0, 0)))
    assert np.array_equal(grown[inside], whole[inside])
    assert grown[new].std() > 3


def test_an_expanded_picture_has_no_seam_and_its_horizon_goes_on(texture, picture):
    ratios = []
    for grown in texture.expand(picture, 4, left=24):
        new = np.zeros(grown.shape[:2], bool)
        new[:, :24] = True
        ratios.append(across(grown, new))
        blue = grown[..., 2].astype(int) - grown[..., 1] > 20
        sky = (np.arange(64) < 0.45 * 64)[:, None]
        assert (blue == sky)[:, :24].mean() > 0.9
    assert np.mean(ratios) < 1.25


@pytest.mark.parametrize("shape", [(64, 80), (64, 80, 1), (64, 80, 2), (64, 80, 4)])
def test_any_kind_of_picture_is_continued(shape):
    channels = shape[2] if len(shape) == 3 else 1
    array = np.repeat(landscape()[..., 1:2], channels, 2)
    if channels in (2, 4):
        array[..., -1] = np.where(np.arange(80) < 40, 255, 60)
    array = array.reshape(shape)
    grown = Texture.from_image(array, device="cpu").expand(array, right=10, quality="draft")[0]
    assert grown.shape == (64, 90, *shape[2:])
    assert np.array_equal(grown[:, : 80 - FEATHER], array[:, : 80 - FEATHER])
    if channels in (2, 4):
        assert (grown[:, 80:, -1] == 255).all()


@pytest.mark.parametrize("sides", [{}, {"left": -3}, {"left": 5, "right": -1}])
def test_an_expansion_by_nothing_is_refused(sides, texture, picture):
    with pytest.raises(InputError, match="how many pixels to expand"):
        texture.expand(picture, **sides)
