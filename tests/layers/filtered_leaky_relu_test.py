import numpy as np
import pytest
import tensorflow as tf

from tests.curvature import assert_twice_differentiable
from tfgan_apps.filters import low_pass, radial_low_pass
from tfgan_apps.layers import FilteredLeakyReLU
from tfgan_apps.layers.filtered_leaky_relu import filtered_leaky_relu

LINE, SQUARE = low_pass(12, 2, 12, 32), radial_low_pass(12, 2, 12, 32)


def by_hand(images, up_taps, down_taps, up, down, padding):
    """The definition, one filter tap after the other, of taps of two axes."""
    batch, height, width, channels = images.shape
    fine = np.zeros((batch, height, up, width, up, channels))
    fine[:, :, 0, :, 0] = images
    fine = fine.reshape(batch, height * up, width * up, channels)
    fine = np.pad(fine, ((0, 0), padding, padding, (0, 0)))
    fine = filtered(fine, up_taps) * up**2
    fine = np.where(fine > 0, fine, 0.2 * fine) * 2**0.5
    return filtered(fine, down_taps)[:, ::down, ::down]


def filtered(images, taps):
    (rows, columns), (_, height, width, _) = taps.shape, images.shape
    places = height - rows + 1, width - columns + 1
    flipped = taps[::-1, ::-1]
    return sum(
        flipped[i, j] * images[:, i : i + places[0], j : j + places[1]]
        for i in range(rows)
        for j in range(columns)
    )


@pytest.mark.parametrize(
    ("up", "down", "padding"), [(2, 2, (3, 4)), (4, 2, (5, 2)), (1, 3, (1, 2))]
)
def test_the_definition(up, down, padding):
    """Taps of no symmetry: they pass turned, as those of a true convolution."""
    rng = np.random.default_rng(0)
    images, line, square = (
        rng.normal(size=(2, 7, 6, 3)),
        rng.normal(size=5),
        rng.normal(size=(4, 4)),
    )
    found = filtered_leaky_relu(tf.constant(images), line, square, up, down, padding)
    expected = by_hand(images, np.outer(line, line), square, up, down, padding)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    layer = FilteredLeakyReLU(line, square, up, down, padding)
    assert layer.compute_output_shape(images.shape) == expected.shape
    layer.build(images.shape)
    layer.bias.assign([1.0, 0.0, -1.0])
    expected = by_hand(images + [1, 0, -1], np.outer(line, line), square, up, down, padding)
    np.testing.assert_allclose(layer(images), expected, atol=1e-4)


def test_without_filters_slope_and_gain_it_is_a_bias():
    images = tf.random.stateless_normal((2, 3, 4, 5), (0, 0))
    layer = FilteredLeakyReLU(slope=1.0, gain=1.0)
    layer.build(images.shape)
    layer.bias.assign(tf.range(5.0))
    np.testing.assert_array_equal(layer(images), images + tf.range(5.0))


def test_pixels_are_cut_off_without_a_filter():
    images = tf.random.stateless_normal((2, 6, 6, 1), (0, 0))
    layer = FilteredLeakyReLU(padding=(-1, -2), slope=1.0, gain=1.0)
    np.testing.assert_array_equal(layer(images), images[:, 1:4, 1:4])


def test_the_limit_is_that_of_the_result():
    images = tf.constant([-10.0, -1.0, 1.0, 10.0], shape=(1, 2, 2, 1))
    root = 2**0.5
    for limit, lowest in ((3.0, -2 * root), (2.0, -2.0)):
        found = filtered_leaky_relu(images, None, None, 1, 1, limit=limit)
        expected = [lowest, -0.2 * root, root, limit]
        np.testing.assert_allclose(tf.reshape(found, [-1]), expected, rtol=1e-6)


def test_what_an_activation_adds_is_taken_away():
    """A wave of 2 becomes a sum of waves of 2, 4, 8 and on; with cutoffs of 3 all but 2 go."""
    places = (np.arange(72) + 0.5) / 16
    images = np.float32(np.sin(2 * np.pi * 2 * places)[None, :, None, None] + np.zeros((72, 1)))
    taps = low_pass(48, 3, 2, 32)
    found = filtered_leaky_relu(tf.constant(images), taps, taps, padding=(47, 46))
    middle = np.asarray(found)[0, 28:44, 36, 0]
    energy = np.abs(np.fft.rfft(middle)) ** 2
    plain = np.abs(np.fft.rfft(np.where(images > 0, images, 0.2 * images)[0, 28:44, 36, 0])) ** 2
    beyond = lambda x: x[3:].sum() / x[2]  # noqa: E731
    assert beyond(energy) < 1e-4 < 1e-2 < beyond(plain)


def test_it_has_second_derivatives_also_compiled():
    images = tf.random.stateless_normal((1, 5, 5, 2), (0, 0), dtype=tf.float64)
    call = lambda x: filtered_leaky_relu(x, LINE, SQUARE, 2, 2, (9, 8))  # noqa: E731
    assert_twice_differentiable(call, images)


def test_half_precision_is_near():
    images = 20 * tf.random.stateless_normal((1, 8, 8, 2), (0, 0))
    made = {"up": 2, "down": 2, "padding": (9, 8), "limit": 256.0}
    layers = [
        FilteredLeakyReLU(LINE, SQUARE, **made, dtype=d) for d in ("mixed_float16", "float32")
    ]
    found, expected = (layer(images) for layer in layers)
    assert found.dtype == tf.float16 and layers[0].bias.dtype == "float32"
    np.testing.assert_allclose(tf.cast(found, tf.float32), expected, atol=0.1)


def test_config_round_trip():
    layer = FilteredLeakyReLU(LINE, SQUARE, 4, 2, (1, -2), limit=3.0)
    again = FilteredLeakyReLU.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    np.testing.assert_array_equal(again.down_taps, SQUARE)
