"""Resampling by filters against the definition, and what the networks' filters do."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import Resampling2D
from tfgan_apps.layers.resampling import doubled, halved, upfirdn

IMAGES = np.random.default_rng(0).normal(size=(2, 6, 8, 3)).astype(np.float32)
TAPS = np.random.default_rng(1).random(12)
BINOMIAL = np.array([1, 3, 3, 1]) / 8


def defined(images, taps, up, down, padding, gain):
    """What `upfirdn` is, in the order of its definition."""
    taps = (np.outer(taps, taps) if taps.ndim == 1 else taps)[::-1, ::-1]
    batch, height, width, channels = images.shape
    x = np.zeros((batch, height * up, width * up, channels))
    x[:, ::up, ::up] = images
    top, bottom, left, right = padding
    more = [(0, 0), (max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0)), (0, 0)]
    x = np.pad(x, more)
    x = x[:, max(-top, 0) : x.shape[1] - max(-bottom, 0)]
    x = x[:, :, max(-left, 0) : x.shape[2] - max(-right, 0)]
    rows, columns = taps.shape
    height, width = x.shape[1] - rows + 1, x.shape[2] - columns + 1
    places = np.ndindex(rows, columns)
    found = sum(taps[i, j] * x[:, i : i + height, j : j + width] for i, j in places)
    return gain * found[:, ::down, ::down]


@pytest.mark.parametrize(
    "case",
    [
        (TAPS[:4], 2, 1, (2, 1, 2, 1), 4.0),
        (TAPS[:4], 1, 2, (1, 1, 1, 1), 1.0),
        (TAPS, 2, 1, (9, 8, 9, 8), 4.0),
        (TAPS.reshape(3, 4), 3, 1, (-1, 4, 2, -2), 1.0),
        (TAPS[:5], 1, 1, (2, -1, 1, 3), 0.5),
        (TAPS, 1, 2, (9, 8, 9, 8), 1.0),
    ],
)
def test_the_definition(case):
    found, expected = upfirdn(tf.constant(IMAGES), *case), defined(IMAGES, *case)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_doubled_and_halved_rows():
    row = np.arange(1.0, 5.0, dtype=np.float32).reshape(1, 1, 4, 1).repeat(4, 1)
    two = np.asarray(doubled(tf.constant(row), BINOMIAL))[0, 2:-2, :, 0]
    x = np.pad(row[0, 0, :, 0], 1)
    expected = np.stack([0.75 * x[1:-1] + 0.25 * x[:-2], 0.75 * x[1:-1] + 0.25 * x[2:]], 1).ravel()
    np.testing.assert_allclose(two, np.tile(expected, (4, 1)), rtol=1e-6)
    half = np.asarray(halved(tf.constant(row), BINOMIAL))[0, :, :, 0]
    column = np.array([7 / 8, 7 / 8])  # of ones, of which one is beyond the border
    expected = np.array([x[0] + 3 * x[1] + 3 * x[2] + x[3], x[2] + 3 * x[3] + 3 * x[4] + x[5]]) / 8
    np.testing.assert_allclose(half, np.outer(column, expected), rtol=1e-6)


@pytest.mark.parametrize(("taps", "scale", "side"), [((1, 2, 1), 1, 6), ((1, 3, 3, 1), 2, 12)])
def test_the_layer_keeps_brightness_and_round_trips(taps, scale, side):
    layer = Resampling2D(taps, scale)
    found = layer(np.ones((1, 6, 6, 2), np.float32))
    assert found.shape == layer.compute_output_shape((1, 6, 6, 2)) == (1, side, side, 2)
    np.testing.assert_allclose(found[:, 2:-2, 2:-2], 1, rtol=1e-6)
    again = Resampling2D.from_config(layer.get_config())
    assert (tuple(again.taps), again.scale) == (taps, scale)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_halves_of_precision(dtype):
    small, whole = doubled(tf.cast(IMAGES, dtype), BINOMIAL), doubled(tf.constant(IMAGES), BINOMIAL)
    np.testing.assert_allclose(tf.cast(small, tf.float32), whole, atol=0.03)


def test_gradients_of_gradients_with_and_without_xla():
    def slope(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(tf.sin(halved(tf.sin(doubled(x, BINOMIAL)), BINOMIAL)))
            z = tf.reduce_sum(tape.gradient(y, x) ** 2)
        return outer.gradient(z, x)

    found = [tf.function(slope, jit_compile=jit)(tf.constant(IMAGES)) for jit in (False, True)]
    assert np.abs(found[0]).max() > 0.1
    np.testing.assert_allclose(*found, rtol=1e-4, atol=1e-4)
