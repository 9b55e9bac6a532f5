"""Arrays of every depth go through the engine's values and come back as they were."""

import numpy as np
import pytest

from sinddm.errors import InputError
from sinddm.pixels import Format, decode, encode, linear_from_srgb, match_channels, srgb_from_linear


def round_trip(array, **how):
    values, alpha, format = decode(array, **how)
    return encode(values, alpha, format)


def every_value(dtype):
    count = np.iinfo(dtype).max + 1
    return np.arange(count, dtype=dtype).reshape(-1, 256)


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_integer_comes_back(dtype, linear):
    array = every_value(dtype)
    assert np.array_equal(round_trip(array, linear=linear), array)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 2), (5, 7, 3), (5, 7, 4), (5, 7, 9)])
def test_shape_and_type_come_back(dtype, shape):
    array = (np.random.default_rng(0).random(shape) * 255).astype(dtype) / np.array(255, dtype)
    array = array.astype(dtype)
    back = round_trip(array)
    assert back.shape == array.shape
    assert back.dtype == array.dtype


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_floats_come_back_far_beyond_white_and_below_black(dtype, linear):
    size = np.geomspace(1e-4, 60000, 4000).astype(dtype)
    array = np.concatenate([-size, [0], size]).astype(dtype)[None]
    tolerance = max(np.finfo(dtype).eps, 4e-6)
    np.testing.assert_allclose(round_trip(array, linear=linear), array, rtol=tolerance, atol=3e-7)


def test_ordinary_floats_map_straight_to_minus_one_to_one():
    array = np.linspace(0, 1, 101, dtype=np.float32)[None]
    np.testing.assert_allclose(decode(array).values[..., 0], 2 * array - 1, atol=1e-7)


def test_values_beyond_white_are_compressed_smoothly_and_keep_their_order():
    encoded = np.linspace(0.5, 1.5, 2001, dtype=np.float32)[None]
    steps = np.diff(decode(encoded).values[0, :, 0])
    assert steps.min() > 0
    assert np.abs(np.diff(steps)).max() < 0.02 * steps.max()
    sun = decode(np.full((1, 1, 3), 50000, np.float16), linear=True).values
    assert 1 < sun.max() < 6


def test_linear_light_is_srgb_encoded():
    middle = decode(np.full((1, 1, 3), 0.21404114, np.float32), linear=True).values
    np.testing.assert_allclose(middle, 0, atol=1e-6)
    assert srgb_from_linear(np.array([0.002], np.float32)) == pytest.approx(0.02584)


def test_srgb_curve_is_inverted_on_both_sides_of_zero():
    encoded = np.linspace(-3, 3, 1001, dtype=np.float32)
    np.testing.assert_allclose(srgb_from_linear(linear_from_srgb(encoded)), encoded, atol=2e-6)


def test_last_of_two_or_four_channels_is_alpha_unless_told():
    for channels, has_alpha in [(1, False), (2, True), (3, False), (4, True), (5, False)]:
        array = np.full((2, 3, channels), 51, np.uint8)
        assert decode(array).format == Format(np.dtype("uint8"), channels - has_alpha, alpha=has_alpha)
    maps = decode(np.full((2, 3, 4), 51, np.uint8), alpha=False)
    assert maps.alpha is None
    assert maps.values.shape == (2, 3, 4)
    cut_out = decode(np.full((2, 3, 7), 51, np.uint8), alpha=True)
    assert cut_out.values.shape == (2, 3, 6)
    assert cut_out.alpha == pytest.approx(np.full((2, 3), 0.2))


def test_alpha_is_not_changed_by_the_linear_curve():
    array = np.full((1, 1, 4), 0.25, np.float32)
    decoded = decode(array, linear=True)
    assert decoded.alpha == pytest.approx(0.25)
    np.testing.assert_allclose(encode(*decoded), array, atol=1e-6)


def test_broken_colour_under_full_transparency_is_no_obstacle():
    array = np.full((2, 2, 4), 0.5, np.float32)
    array[0, 0] = [np.nan, np.inf, 0.5, 0]
    decoded = decode(array)
    assert np.isfinite(decoded.values).all()
    assert decoded.alpha is not None
    assert decoded.alpha[0, 0] == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_broken_visible_pixels_are_counted_and_refused(bad):
    array = np.full((4, 4, 3), 0.5, np.float16)
    array[0, :3, 1] = bad
    with pytest.raises(InputError, match="3 visible pixels"):
        decode(array)


def test_a_broken_pixel_of_an_array_with_alpha_is_refused():
    array = np.ones((4, 4, 4), np.float32)
    array[1, 1, 0] = np.nan
    array[2, 2, 3] = np.nan
    with pytest.raises(InputError, match="2 visible pixels"):
        decode(array)


@pytest.mark.parametrize("dtype", ["int64", "float64", "bool", "complex64", "int8"])
def test_other_types_are_refused_by_name(dtype):
    with pytest.raises(InputError, match=f"not {dtype}"):
        decode(np.zeros((4, 4, 3), dtype))


@pytest.mark.parametrize("shape", [(), (4,), (1, 4, 4, 3)])
def test_other_numbers_of_dimensions_are_refused(shape):
    with pytest.raises(InputError, match=r"\(height, width\)"):
        decode(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(0, 4), (4, 0, 3), (4, 4, 0)])
def test_empty_arrays_are_refused(shape):
    with pytest.raises(InputError, match="empty"):
        decode(np.zeros(shape, np.uint8))


def test_alpha_alone_is_refused():
    with pytest.raises(InputError, match="no colour"):
        decode(np.zeros((4, 4), np.uint8), alpha=True)


def test_the_other_byte_order_is_understood():
    array = every_value(np.uint16)
    back = round_trip(array.astype(">u2"))
    assert back.dtype == np.uint16
    assert np.array_equal(back, array)


def test_decoding_leaves_the_array_alone():
    array = np.random.default_rng(0).random((4, 4, 4), np.float32) * 3
    before = array.copy()
    decode(array, linear=True)
    assert np.array_equal(array, before)


def test_integers_clip_what_the_engine_overshoots():
    values = np.array([[[-1.5], [-1], [1], [1.5]]], np.float32)
    out = encode(values, None, Format(np.dtype("uint16"), 1, flat=True))
    assert out.tolist() == [[0, 0, 65535, 65535]]


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_floats_stay_finite_whatever_the_engine_overshoots(dtype):
    values = np.array([[[-500.0], [500.0]]], np.float32)
    assert np.isfinite(encode(values, None, Format(np.dtype(dtype), 1, linear=True))).all()


def test_a_missing_alpha_is_opaque():
    out = encode(np.zeros((2, 3, 3), np.float32), None, Format(np.dtype("uint8"), 3, alpha=True))
    assert (out[..., 3] == 255).all()


def test_gray_becomes_colour_and_colour_becomes_its_luma():
    gray = np.random.default_rng(0).uniform(-1, 1, (3, 4, 1)).astype(np.float32)
    color = match_channels(gray, 3)
    assert color.shape == (3, 4, 3)
    np.testing.assert_allclose(match_channels(color, 1), gray, atol=1e-6)
    green = np.array([[[-1, 1, -1]]], np.float32)
    np.testing.assert_allclose(match_channels(green, 1), 2 * 0.7152 - 1, atol=1e-6)


@pytest.mark.parametrize(("have", "want"), [(3, 6), (6, 3), (1, 2), (2, 1)])
def test_channels_that_do_not_go_together_are_refused(have, want):
    with pytest.raises(InputError, match=f"{have} colour channels"):
        match_channels(np.zeros((2, 2, have), np.float32), want)
