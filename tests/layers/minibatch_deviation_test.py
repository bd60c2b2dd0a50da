"""MinibatchDeviation: its groups, its number for each, and the batch of all replicas."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import MinibatchDeviation


@pytest.mark.parametrize(("group", "channels", "batch"), [(2, 1, 6), (4, 2, 4), (4, 1, 2)])
def test_members_of_a_group_are_strided(group, channels, batch):
    features = np.random.default_rng(0).normal(size=(batch, 3, 5, 4)).astype(np.float32)
    found = MinibatchDeviation(group, channels)(features)
    assert found.shape == (batch, 3, 5, 4 + channels)
    np.testing.assert_array_equal(found[..., :4], features)
    groups = batch // min(group, batch)
    for number in range(groups):
        own = features[number::groups]
        deviation = np.sqrt(own.var(0) + 1e-8).reshape(3, 5, channels, -1).mean((0, 1, 3))
        for image in found[number::groups]:
            np.testing.assert_allclose(image[..., 4:], np.tile(deviation, (3, 5, 1)), rtol=1e-5)


def test_equal_images_have_the_least_deviation():
    """P2."""
    found = MinibatchDeviation(4)(np.ones((4, 2, 2, 3), np.float32))
    np.testing.assert_allclose(found[..., 3], 1e-4, rtol=1e-4)


def test_replicas_see_the_whole_batch_and_so_do_their_gradients(two_cpus):
    features = np.random.default_rng(0).normal(size=(4, 2, 2, 3)).astype(np.float32)
    layer = MinibatchDeviation(2)

    def slope(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(layer(x)[..., 3:] ** 2)
            inner = tape.gradient(y, x)
            z = tf.reduce_sum(inner**2)
        return inner, outer.gradient(z, x)

    parts = tf.distribute.DistributedValues
    values = two_cpus.experimental_distribute_values_from_function(
        lambda context: tf.constant(np.split(features, 2)[context.replica_id_in_sync_group])
    )
    assert isinstance(values, parts)
    found = two_cpus.run(tf.function(slope), (values,))
    for one, two in zip(slope(tf.constant(features)), found, strict=True):
        both = tf.concat(two_cpus.experimental_local_results(two), 0)
        np.testing.assert_allclose(both, one, atol=1e-5)
