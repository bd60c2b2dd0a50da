"""Masks that grow within a circle and have soft edges."""

import numpy as np
import tensorflow as tf

from tfgan_apps.blending import blended, soft


def dot(size=81):
    """A mask of one pixel, in the middle."""
    mask = np.zeros((size, size), bool)
    mask[size // 2, size // 2] = True
    return mask


def test_a_mask_grows_to_a_circle_whose_edge_is_soft():
    share = soft(dot(), tf.constant(15)).numpy()
    assert share.min() == 0 and share.max() == 1
    np.testing.assert_allclose(share, share[::-1], atol=1e-5)
    np.testing.assert_allclose(share, share.T, atol=1e-5)
    middle = share[40]
    assert 0.4 < middle[40 + 15] < 0.6  # the edge of the circle
    assert middle[40 + 5] > 0.9 and middle[40 + 28] < 0.05
    assert share[40 + 12, 40 + 12] < share[40 + 15, 40] - 0.05  # no square: 17 pixels away


def test_blended_is_one_image_inside_and_the_other_outside():
    inside, outside = np.ones((81, 81, 3), np.float32), np.zeros((81, 81, 3), np.float32)
    found = blended(inside, outside, dot(), tf.constant(7)).numpy()
    np.testing.assert_allclose(found[..., 0], soft(dot(), tf.constant(7)), atol=1e-6)
    assert found[40, 40, 0] == 1 and found[0, 0, 0] == 0


def test_a_mask_at_the_border_goes_on_beyond_it():
    mask = np.zeros((60, 60), bool)
    mask[:30] = True
    share = soft(mask, tf.constant(0)).numpy()
    np.testing.assert_allclose(share[0], 1, atol=1e-5)
    np.testing.assert_allclose(share[:, 0], share[:, 30], atol=1e-5)
