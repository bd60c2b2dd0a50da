import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import InstanceNormalization


@pytest.fixture
def images():
    return np.random.default_rng(0).normal(3, 5, (2, 5, 7, 4)).astype("float32")


def test_equals_the_formula(images):
    mean = images.mean(axis=(1, 2), keepdims=True)
    variance = images.var(axis=(1, 2), keepdims=True)
    expected = (images - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(InstanceNormalization()(images), expected, atol=1e-5)
    assert InstanceNormalization().weights == []


def test_scale_and_offset_per_channel(images):
    layer = InstanceNormalization(center=True, scale=True)
    layer.build(images.shape)
    assert [w.name for w in layer.weights] == ["gamma", "beta"]
    layer.gamma.assign([1.0, 2.0, 3.0, 4.0])
    layer.beta.assign([0.0, 1.0, 0.0, -1.0])
    expected = InstanceNormalization()(images) * layer.gamma + layer.beta
    np.testing.assert_allclose(layer(images), expected, atol=1e-5)


def test_large_float16_values_do_not_overflow():
    images = tf.cast(tf.random.stateless_uniform((1, 8, 8, 2), (0, 0), -6e4, 6e4), tf.float16)
    output = InstanceNormalization(dtype="mixed_float16")(images)
    assert output.dtype == tf.float16
    np.testing.assert_allclose(np.std(output, axis=(1, 2)), 1.0, atol=0.01)


def test_gradient_equals_the_numerical_one(images):
    layer = InstanceNormalization(dtype="float64")
    images = tf.constant(images[:1, :3, :3, :1], tf.float64)
    weight = tf.random.stateless_normal(images.shape, (1, 2), dtype=tf.float64)
    theoretical, numerical = tf.test.compute_gradient(
        lambda x: tf.reduce_sum(weight * tf.cast(layer(x), tf.float64)), [images], delta=1e-2
    )
    np.testing.assert_allclose(theoretical[0], numerical[0], atol=2e-3)


def test_a_1x1_map_becomes_zero():
    """Why no paper normalizes its innermost layer."""
    assert not np.any(InstanceNormalization()(tf.random.stateless_normal((2, 1, 1, 3), (0, 0))))


@pytest.mark.parametrize("shape", [(2, 3), (1, 4, 4, None)])
def test_bad_shapes_are_named(shape):
    with pytest.raises(ValueError, match="batch, height, width, channels"):
        InstanceNormalization().build(shape)


def test_bad_epsilon():
    with pytest.raises(ValueError, match="epsilon=0"):
        InstanceNormalization(epsilon=0)


def test_config_round_trip():
    layer = InstanceNormalization(1e-3, center=True, gamma_initializer="zeros")
    again = InstanceNormalization.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert isinstance(again.gamma_initializer, keras.initializers.Zeros)
