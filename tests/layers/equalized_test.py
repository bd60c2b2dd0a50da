"""Equalized layers: what is stored, what is used, and that the fast forms are the plain ones."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps import layers


def test_what_is_stored_is_normal_and_what_is_used_is_hes():
    """P2."""
    keras.utils.set_random_seed(0)
    for layer, shape, fan_in in (
        (layers.EqualizedConv2D(32, 3, gain=2**0.5), (1, 8, 8, 16), 144),
        (layers.EqualizedDense(64, gain=2**0.5, rate=0.01), (1, 128), 128),
    ):
        layer.build(shape)
        rate = layer.rate
        assert np.std(layer.kernel) * rate == pytest.approx(1, rel=0.05)
        assert np.std(layer.scaled_kernel) == pytest.approx((2 / fan_in) ** 0.5, rel=0.05)
        assert not np.any(layer.bias)


def test_a_dense_layer_by_hand():
    layer = layers.EqualizedDense(1, gain=3.0, rate=0.5, bias=2.0)
    layer.build((1, 4))
    assert layer.bias[0] == 4.0  # half of which is used
    layer.set_weights([np.ones((4, 1)), np.array([4.0])])
    np.testing.assert_allclose(layer(np.ones((1, 4))), [[4 * 3 * 0.5 / 2 + 2]])


def test_doubling_is_a_repetition_and_a_convolution_and_halving_one_and_a_mean():
    images = tf.random.stateless_normal((2, 6, 8, 3), (0, 0))
    plain = layers.EqualizedConv2D(5, 3, gain=1.5)
    doubling = layers.EqualizedDoublingConv2D(5, gain=1.5)
    halving = layers.EqualizedHalvingConv2D(5, gain=1.5)
    for layer in (plain, doubling, halving):
        layer.build(images.shape)
        layer.set_weights([np.random.default_rng(1).normal(size=w.shape) for w in layer.weights])
    twice = tf.repeat(tf.repeat(images, 2, 1), 2, 2)
    np.testing.assert_allclose(doubling(images), plain(twice), atol=1e-5)
    pooled = tf.nn.avg_pool2d(plain(images), 2, 2, "VALID")
    np.testing.assert_allclose(halving(images), pooled, atol=1e-5)
    for layer in (doubling, halving):
        assert layer.compute_output_shape(images.shape) == layer(images).shape


@pytest.mark.parametrize("kind", ["EqualizedDense", "EqualizedConv2D", "EqualizedHalvingConv2D"])
def test_config_round_trip(kind):
    cls = getattr(layers, kind)
    given = {"gain": 2.0, "rate": 0.1, "bias": 1.0}
    layer = cls(4, 3, **given) if "Conv" in kind else cls(4, **given)
    again = cls.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert (again.gain, again.rate, again.first_bias) == (2.0, 0.1, 1.0)


@pytest.mark.parametrize("size", [1, 3])
def test_a_filter_comes_before_the_pixels_that_are_kept(size):
    images = tf.random.stateless_normal((2, 8, 6, 3), (0, 0))
    layer = layers.EqualizedFilteredConv2D(4, size, gain=1.5)
    layer.build(images.shape)
    blurred = layers.Resampling2D((1, 3, 3, 1))(images)  # pixels (2, 1) around each
    kernel = np.asarray(layer.scaled_kernel)
    if size == 1:
        expected = tf.nn.conv2d(blurred[:, 1::2, 1::2], kernel, 1, "VALID")
    else:
        border = tf.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))
        wide = layers.Resampling2D((1, 3, 3, 1))(border)[:, 2:-1, 2:-1]
        expected = tf.nn.conv2d(wide, kernel, 2, "VALID")
    np.testing.assert_allclose(layer(images), expected, atol=1e-5)
    assert layer(images).shape == layer.compute_output_shape(images.shape)
