"""Averages of weights: their decay by images."""

import numpy as np
import pytest
import tensorflow as tf

from tests.tiny_gan import TinyGAN
from tfgan_apps.averages import decay_by_images


def test_half_of_the_weights_is_new_after_as_many_images():
    model, like = TinyGAN(), np.zeros(4)
    assert float(decay_by_images(model, like, 0.004)) == 0.5
    assert float(decay_by_images(model, like, 0.01)) == pytest.approx(0.5**0.4)


def test_averages_ramp_up():
    model, like = TinyGAN(), np.zeros(4)
    seen = [tf.constant(n, tf.int64) for n in (0, 4, 16)]
    decays = [float(decay_by_images(model, like, 0.004, n, 0.5)) for n in seen]
    np.testing.assert_allclose(decays, [0.0, 0.25, 0.5])
