"""PixelNormalization, Bias and Blend: small layers of growing networks."""

import numpy as np
import tensorflow as tf

from tfgan_apps.layers import Bias, Blend, PixelNormalization


def test_the_mean_square_of_each_pixel_is_one():
    """P2; in float16, too, whose least number is above the constant."""
    x = np.random.default_rng(0).normal(3, 5, (2, 3, 4, 16)).astype(np.float32)
    found = np.asarray(PixelNormalization()(x))
    np.testing.assert_allclose(np.mean(found**2, -1), 1, atol=1e-5)
    np.testing.assert_allclose(PixelNormalization(epsilon=2.0)(np.ones((1, 4))), 3**-0.5)
    assert not np.any(PixelNormalization(dtype="float16")(np.zeros((1, 4), np.float16)))


def test_a_bias_is_of_channels():
    layer = Bias()
    layer.build((None, 2, 3))
    layer.set_weights([np.array([1.0, 2.0, 3.0])])
    np.testing.assert_array_equal(layer(np.zeros((1, 2, 3))), [[[1, 2, 3]] * 2])


def test_what_is_new_comes_in_with_the_level_of_each_example():
    new, old = tf.ones((5, 1, 1, 1)), tf.zeros((5, 1, 1, 1))
    found = Blend(2)(new, old, tf.constant([0.0, 1.0, 1.25, 2.0, 3.0]))
    np.testing.assert_allclose(found[:, 0, 0, 0], [0, 0, 0.25, 1, 1])
    assert Blend.from_config(Blend(2).get_config()).number == 2
