"""What SPADE's networks see of label maps, and what normalization leaves of it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfgan_apps.layers import InstanceNormalization
from tfgan_apps.networks import spade


def test_a_channel_for_each_label_and_one_of_the_edges_of_things():
    labels = tf.constant([[[0, 0, 2], [0, 0, 2], [1, 1, 1]]])
    things = tf.constant([[[7, 7, 7], [7, 7, 7], [300, 300, 301]]])
    seen = spade.semantics_of(labels, 3, things).numpy()[0]
    np.testing.assert_array_equal(seen[..., :3].argmax(-1), labels[0])
    np.testing.assert_array_equal(seen[..., :3].sum(-1), np.ones((3, 3)))
    np.testing.assert_array_equal(seen[..., 3], [[0, 0, 0], [1, 1, 1], [1, 1, 1]])
    assert spade.semantics_of(labels, 3).shape == (1, 3, 3, 3)


def test_a_smaller_label_map_has_the_first_pixel_of_each_cell():
    ramp = tf.reshape(tf.range(32.0), (1, 4, 8, 1))
    found = spade._nearest(ramp, (2, 4))
    np.testing.assert_array_equal(found[0, ..., 0], [[0, 2, 4, 6], [16, 18, 20, 22]])


def test_labels_of_flat_maps_survive_only_in_denormalization():
    """The paper's argument: to normalize what is seen of a flat map leaves nothing of its label."""
    keras.utils.set_random_seed(0)
    maps = tf.one_hot(
        tf.repeat(tf.range(4)[:, None, None], 16, 1) * tf.ones((1, 1, 16), tf.int32), 4
    )
    x = maps
    for _ in range(2):
        x = layers.ReLU()(InstanceNormalization()(layers.Conv2D(8, 3)(x)))
    assert differences(x).max() < 1e-5
    semantics = layers.Input((16, 16, 4))
    features = layers.Input((16, 16, 8))
    block = spade.residual_block(features, semantics, 8, "block")
    network = keras.Model([features, semantics], block)
    for layer in network.layers:
        if hasattr(layer, "kernel"):
            layer.kernel.assign(50 * layer.kernel)  # as a gain of 1 would begin
    fixed = tf.repeat(tf.random.stateless_normal((1, 16, 16, 8), (0, 0)), 4, 0)
    assert differences(network([fixed, maps])).min() > 0.02


def differences(x):
    """Returns the mean difference of each pair of examples."""
    found = np.abs(np.asarray(x)[:, None] - np.asarray(x)[None]).mean((2, 3, 4))
    return found[~np.eye(len(found), dtype=bool)]


def test_kernels_begin_as_the_authors_do_on_a_gpu():
    network = spade.build_discriminator(4, filters=16, scales=1)
    plain, spectral = (
        network.get_layer(f"discriminator_0_{n}") for n in ("model4_0", "model2_0_0")
    )
    assert np.std(plain.kernel) == pytest.approx(0.02 * (2 / (16 * 128 + 16)) ** 0.5, rel=0.05)
    assert np.abs(spectral.kernel).max() == pytest.approx((16 * 32) ** -0.5, rel=0.01)
