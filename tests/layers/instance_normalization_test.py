import functools

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


def second_order(layer, images, weight, direction):
    """Returns the layer's output, gradients, and the gradients of these along a direction."""
    inputs = [images, *(variable.value for variable in layer.weights)]
    with tf.GradientTape() as outer:
        outer.watch(images)
        with tf.GradientTape() as tape:
            tape.watch(images)
            output = layer(images)
            loss = tf.reduce_sum(output * weight)
        first = tape.gradient(loss, inputs)
        along = tf.reduce_sum(first[0] * direction)
    return [output, *first, *outer.gradient(along, inputs, unconnected_gradients="zero")]


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("graph", [False, True])
def test_kernels_and_formula_agree_to_the_second_order(images, learned, graph):
    """Batch sizes that the graph does not know are computed by the formula."""
    arguments = [tf.random.stateless_normal(images.shape, (0, i)) for i in range(2)]
    normal = {"beta_initializer": "random_normal", "gamma_initializer": "random_normal"}
    layer = InstanceNormalization(1e-3, learned, learned, **normal)
    layer.build(images.shape)
    kernels = functools.partial(second_order, layer)
    signature = [tf.TensorSpec((None, 5, 7, 4))] * 3
    formula = tf.function(functools.partial(second_order, layer), input_signature=signature)
    found = (tf.function(kernels) if graph else kernels)(tf.constant(images), *arguments)
    expected = formula(tf.constant(images), *arguments)
    assert len(found) == (7 if learned else 3)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_bfloat16_is_normalized_with_float32_statistics(images, jit_compile):
    layer = InstanceNormalization(dtype="mixed_bfloat16")
    images = tf.cast(images, tf.bfloat16)
    exact = InstanceNormalization()(tf.cast(images, tf.float32))
    output = tf.function(layer, jit_compile=jit_compile)(images)
    assert output.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(output, tf.float32), exact, rtol=4e-3, atol=1e-3)


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
