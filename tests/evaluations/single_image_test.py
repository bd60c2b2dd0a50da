"""Evaluation of a model of one image."""

import numpy as np
import pytest
import tensorflow as tf

from tests.models.singan_test import picture, tiny
from tfgan_apps.evaluations import single_image


def test_what_is_measured_of_images():
    model, data = tiny(), picture()
    real = data.picture
    shift = tf.constant([-0.1, 0.1, 0.0])[:, None, None, None]
    model.reconstructed = lambda: real[None] + 0.25
    model.call = lambda seed, training: (0.5 * real + shift[seed[0]])[None]
    found = single_image.evaluation(model, data, evaluation_images=3)()
    assert found["reconstruction_error"] == pytest.approx(0.25, rel=1e-4)
    expected = np.std([-0.1, 0.1, 0.0]) / real.numpy().mean(-1).std()
    assert found["diversity"] == pytest.approx(expected, rel=1e-4)


def test_the_number_of_images():
    with pytest.raises(ValueError, match="evaluation_images must be an integer >= 2"):
        single_image.evaluation(tiny(), picture(), evaluation_images=1)
