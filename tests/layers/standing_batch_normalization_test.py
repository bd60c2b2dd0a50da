"""Which statistics an example is normalized by."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps import standing_statistics
from tfgan_apps.layers import StandingBatchNormalization


def network(**kwargs):
    """Four features of a place, normalized."""
    x, truncation = keras.Input((2, 2, 4), name="x"), keras.Input((), name="truncation")
    norm = StandingBatchNormalization((0.5, 2.0), name="norm", **kwargs)
    return keras.Model({"x": x, "truncation": truncation}, norm(x, truncation))


def inputs(truncation, deviation=3.0, seed=0):
    x = 1.0 + deviation * tf.random.stateless_normal((len(truncation), 2, 2, 4), (seed, 0))
    return {"x": x, "truncation": tf.constant(truncation)}


def test_a_batch_in_training_is_normalized_by_itself():
    made, plain = network(affine=True), keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    given = inputs([0.0] * 8)
    expected = plain(given["x"], training=True)
    np.testing.assert_allclose(made(given, training=True), expected, atol=1e-5)
    moving = made.get_layer("norm").batch.moving_variance
    np.testing.assert_allclose(moving, plain.moving_variance, rtol=1e-6)


def test_an_example_has_the_statistics_of_its_truncation():
    made = network()
    norm = made.get_layer("norm")
    norm.mean.assign(tf.repeat([[1.0], [2.0], [3.0]], 4, 1))
    norm.variance.assign(tf.repeat([[4.0], [9.0], [16.0]], 4, 1))
    norm.batch.moving_mean.assign(tf.fill([4], 7.0))
    norm.batch.moving_variance.assign(tf.fill([4], 25.0))
    given = inputs([0.0, 0.5, 2.0, 0.6, -1.0])
    means, deviations = np.array([1, 2, 3, 2, 7]), np.array([2, 3, 4, 3, 5])
    shape = -1, 1, 1, 1
    expected = (given["x"] - means.reshape(shape)) / deviations.reshape(shape)
    np.testing.assert_allclose(made(given), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_statistics_and_truncations_are_float32_under_any_policy(dtype):
    made = network(dtype=dtype)
    norm = made.get_layer("norm")
    norm.variance.assign(tf.fill([3, 4], 1e6))
    found = made(inputs([0.5, 0.6], deviation=1e3))
    assert norm.mean.dtype == "float32" and np.all(np.isfinite(found)) and np.std(found) > 0.5


def test_measured_statistics_are_means_over_batches_and_leave_the_network():
    made = network()
    made.get_layer("norm").batch.moving_mean.assign(tf.fill([4], 7.0))
    before = made.get_weights()
    batches = [inputs([0.0] * 6, seed=seed) for seed in range(3)]
    ((mean, variance),) = standing_statistics.measure(made, batches)
    arrays = [np.array(batch["x"]) for batch in batches]
    np.testing.assert_allclose(mean, np.mean([x.mean((0, 1, 2)) for x in arrays], 0), atol=1e-5)
    np.testing.assert_allclose(variance, np.mean([x.var((0, 1, 2)) for x in arrays], 0), rtol=1e-4)
    assert made.get_layer("norm").batch.momentum == 0.9
    for old, new in zip(before, made.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_it_is_saved_and_loaded():
    config = StandingBatchNormalization((0.5,), affine=True, epsilon=1e-4).get_config()
    copy = StandingBatchNormalization.from_config(config)
    assert copy.get_config() == config and copy.truncations == (0.5,)
