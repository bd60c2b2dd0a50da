import math

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.augment import augmented, geometry

NOISE = np.random.default_rng(0).uniform(-1, 1, (2, 16, 24, 3)).astype(np.float32)


def smooth(size=16, x=lambda x, y: x, y=lambda x, y: y):
    """An image of two slow waves, at places that are functions of the pixel's."""
    down, across = (np.mgrid[:size, :size] - (size - 1) / 2) / size
    across, down = x(across, down), y(across, down)
    image = np.stack([np.sin(2 * across + down), np.cos(3 * down - across)], -1)
    return image[None].astype(np.float32)


def moved(image, **chosen):
    count = len(image)
    return augmented(image, {n: tf.constant([v] * count, tf.float32) for n, v in chosen.items()})


def test_what_does_not_move_comes_out_as_it_was():
    np.testing.assert_allclose(moved(NOISE, scale=1.0), NOISE, atol=1e-4)
    assert geometry.inverse({"hue": tf.zeros((2,))}, 16, 24) is None


def test_whole_pixels_move_right_and_down_exactly_and_what_comes_in_is_reflected():
    found = moved(NOISE, shift=(0.125, 0.125)).numpy()
    expected = np.pad(NOISE, ((0, 0), (2, 0), (3, 0), (0, 0)), "reflect")[:, :16, :24]
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_allclose(moved(NOISE, shift=(0.11, 0.14)), expected, atol=1e-4)  # rounded


def test_a_fraction_of_whole_pixels_is_them():
    found = moved(NOISE, fractional_shift=(-3 / 24, 2 / 16))
    np.testing.assert_allclose(found, moved(NOISE, shift=(-3 / 24, 2 / 16)), atol=1e-4)


def test_half_a_pixel_is_between_two():
    found = moved(smooth(), fractional_shift=(0.5 / 16, 0.0))
    expected = smooth(x=lambda x, y: x - 0.5 / 16)
    np.testing.assert_allclose(found[:, 5:-5, 5:-5], expected[:, 5:-5, 5:-5], atol=5e-3)


@pytest.mark.parametrize(
    ("chosen", "x", "y"),
    [
        ({"flip": 1.0}, lambda x, y: -x, lambda x, y: y),
        ({"quarter_turns": 1.0}, lambda x, y: -y, lambda x, y: x),
        ({"quarter_turns": 2.0}, lambda x, y: -x, lambda x, y: -y),
        ({"rotation_before": math.pi / 2}, lambda x, y: -y, lambda x, y: x),
        ({"rotation_after": math.pi}, lambda x, y: -x, lambda x, y: -y),
        ({"scale": 2.0}, lambda x, y: x / 2, lambda x, y: y / 2),
        ({"stretch": 2.0}, lambda x, y: x / 2, lambda x, y: 2 * y),
        ({"flip": 1.0, "quarter_turns": 1.0}, lambda x, y: y, lambda x, y: x),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_transforms_are_exact_but_for_the_filter_which_is_not_symmetric(chosen, x, y):
    rows = slice(5, 11) if "stretch" in chosen else slice(None)  # beyond them is what is reflected
    found, expected = moved(smooth(), **chosen)[:, rows], smooth(x=x, y=y)[:, rows]
    np.testing.assert_allclose(found, expected, atol=0.06)
    assert np.sqrt(np.mean((found - expected) ** 2)) < 0.02


def test_far_off_there_is_grey():
    assert np.abs(moved(NOISE, fractional_shift=(3.0, 0.0))).max() < 1e-6
    assert np.abs(moved(NOISE, scale=1e-12, fractional_shift=(0.0, -1e12))).max() < 1e-6


def test_an_image_does_not_depend_on_how_far_others_move():
    chosen = {"fractional_shift": tf.constant([[0.03, 0.02], [0.7, -0.6]])}
    both = augmented(NOISE, chosen)
    alone = augmented(NOISE[:1], {"fractional_shift": chosen["fractional_shift"][:1]})
    np.testing.assert_array_equal(both[:1], alone)
