"""Evaluation of a model of one image."""

import numpy as np
import pytest
import tensorflow as tf

from tests.models.singan_test import picture, tiny
from tfgan_apps.evaluations import single_image
from tfgan_apps.metrics.features.classifier import build_classifier


def test_what_is_measured_of_images():
    model, data = tiny(), picture()
    real = data.picture
    shift = tf.constant([-0.1, 0.1, 0.0])[:, None, None, None]
    model.reconstructed = lambda: real[None] + 0.25
    model.drawn = lambda seed, size, start_scale: 0.5 * real + shift[seed]
    found = single_image.evaluation(model, data, evaluation_images=3)()
    assert found["reconstruction_error"] == pytest.approx(0.25, rel=1e-4)
    expected = np.std([-0.1, 0.1, 0.0]) / real.numpy().mean(-1).std()
    assert found["diversity"] == pytest.approx(expected, rel=1e-4)


def test_the_number_of_images():
    with pytest.raises(ValueError, match="evaluation_images must be an integer >= 2"):
        single_image.evaluation(tiny(), picture(), evaluation_images=1)


def test_the_distance_in_a_classifiers_features(tmp_path):
    path = str(tmp_path / "tiny.keras")
    build_classifier((16, 16, 3), 2, "tiny").save(path)
    model, data = tiny(), picture()
    noise = tf.random.stateless_normal(data.picture.shape, (0, 0))
    found = []
    for strength in (0.0, 0.1, 0.5):
        fake = data.picture + strength * noise
        model.drawn = lambda seed, size, start_scale, fake=fake: fake
        values = single_image.evaluation(model, data, 2, path)()
        found.append(values[f"single_image_distance[{path}]"])
    assert found[0] == pytest.approx(0, abs=1e-6) and found[0] < found[1] < found[2]
