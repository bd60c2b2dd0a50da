import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import ReflectionConv2D, ReflectionPadding2D
from tfgan_apps.layers.reflection_conv import winograd


def direct(images, kernel):
    padded = tf.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="REFLECT")
    return tf.nn.conv2d(padded, kernel, 1, "VALID")


def both(shape, filters):
    """Returns output and gradients of the direct form in float64, and of Winograd's in float32."""
    rng = np.random.default_rng(0)
    images, kernel = rng.normal(size=shape), rng.normal(size=(3, 3, shape[-1], filters))
    upstream = rng.normal(size=(*shape[:-1], filters))
    results = []
    for convolve, dtype in ((direct, tf.float64), (winograd, tf.float32)):
        inputs = [tf.constant(value, dtype) for value in (images, kernel)]
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            output = convolve(*inputs)
        gradients = tape.gradient(output, inputs, tf.constant(upstream, dtype))
        results.append([value.numpy() for value in (output, *gradients)])
    return zip(*results, strict=True)


@pytest.mark.parametrize("shape", [(2, 8, 12, 5), (1, 32, 32, 64)])
def test_winograd_equals_the_direct_convolution_and_its_gradients(shape):
    for expected, found in both(shape, filters=7):
        error = np.linalg.norm(found - expected) / np.linalg.norm(expected)
        assert error < 5e-6


@pytest.mark.parametrize("size", [8, 10])
def test_layer_equals_padding_and_convolution(size):
    """Sizes that 4 does not divide are computed directly."""
    images = tf.random.stateless_normal((2, size, size, 3), (0, 0))
    layer = ReflectionConv2D(4, activation="relu")
    expected = keras.layers.Conv2D(4, 3, activation="relu")
    padded = ReflectionPadding2D(1)(images)
    layer.build(images.shape)
    expected.build(padded.shape)
    for ours, theirs in zip(layer.weights, expected.weights, strict=True):
        ours.assign(tf.random.stateless_normal(ours.shape, (1, 1)))
        theirs.assign(ours)
    np.testing.assert_allclose(layer(images), expected(padded), atol=1e-5)


def test_bfloat16_loses_no_more_than_the_rounding_of_its_output():
    images = tf.cast(tf.random.stateless_normal((1, 16, 16, 64), (0, 0)), tf.bfloat16)
    layer = ReflectionConv2D(8, dtype="mixed_bfloat16")
    output = layer(images)
    kernel = tf.cast(tf.cast(layer.kernel, tf.bfloat16), tf.float64)
    expected = direct(tf.cast(images, tf.float64), kernel)
    assert output.dtype == tf.bfloat16
    error = tf.norm(tf.cast(output, tf.float64) - expected) / tf.norm(expected)
    assert error < 2**-9


def test_config_round_trip():
    layer = ReflectionConv2D(4, use_bias=False)
    again = ReflectionConv2D.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.compute_output_shape((None, 8, 8, 3)) == (None, 8, 8, 4)
