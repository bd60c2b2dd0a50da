"""Blurring against its definition."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers.blurring import blurred


@pytest.mark.parametrize("sigma", [0.0, 0.5, 1.3])
def test_the_definition(sigma):
    images = np.random.default_rng(0).normal(size=(2, 9, 7, 3)).astype(np.float32)
    far = int(3 * sigma)
    x = np.arange(-far, far + 1)
    weights = 2.0 ** -((x / max(sigma, 1e-9)) ** 2)
    weights /= weights.sum()
    padded = np.pad(images, ((0, 0), (far, far), (far, far), (0, 0)))
    rows = sum(w * padded[:, i : i + 9] for i, w in enumerate(weights))
    expected = sum(w * rows[:, :, i : i + 7] for i, w in enumerate(weights))
    np.testing.assert_allclose(blurred(tf.constant(images), sigma, 2.0), expected, atol=1e-5)
