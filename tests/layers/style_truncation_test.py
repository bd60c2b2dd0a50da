"""StyleTruncation: styles on the way to their mean, for some layers, and the mean itself."""

import numpy as np
import tensorflow as tf

from tfgan_apps.layers import StyleTruncation


def test_the_first_layers_have_styles_nearer_to_the_mean():
    layer = StyleTruncation(3, cutoff=2)
    layer.build((None, 2), (None,))
    layer.mean.assign([1.0, 2.0])
    styles = layer(tf.constant([[3.0, 0.0]] * 3), tf.constant([1.0, 0.5, 0.0]))
    near = [[[3, 0]], [[2, 1]], [[1, 2]]]
    np.testing.assert_allclose(styles[:, :2], np.repeat(near, 2, 1))
    np.testing.assert_allclose(styles[:, 2], [[3, 0]] * 3)
    whole = StyleTruncation.from_config(StyleTruncation(2).get_config())
    assert whole.cutoff is None and whole.compute_output_shape((5, 4), (5,)) == (5, 2, 4)


def test_the_mean_follows_that_of_all_replicas(two_cpus):
    with two_cpus.scope():
        layer = StyleTruncation(1)
        layer.build((None, 1), (None,))
    styles = two_cpus.experimental_distribute_values_from_function(
        lambda context: tf.fill([2, 1], float(context.replica_id_in_sync_group))
    )
    two_cpus.run(tf.function(lambda style: layer.follow(style, 0.75)), (styles,))
    np.testing.assert_allclose(layer.mean.numpy(), [0.25 * 0.5])
