"""The evaluation of translations in drawn styles."""

import types

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.evaluations.styled_translation import evaluation
from tfgan_apps.metrics.sliced_wasserstein import sliced_wasserstein_distance

IMAGES = np.float32(np.random.default_rng(0).uniform(-0.8, 0.8, (10, 16, 16, 3)))


def measured(translate):
    model = types.SimpleNamespace(translate=translate, latent_size=1, seed=3)
    pairs = tf.data.Dataset.from_tensor_slices((IMAGES, -IMAGES))
    data = types.SimpleNamespace(test=lambda batch_size, limit: pairs.take(limit).batch(batch_size))
    return evaluation(model, data)()


def test_values_by_hand():
    brighter = lambda images, style, to: images + style[:, None, None] * (to == "y")  # noqa: E731
    values = measured(brighter)
    styles = np.array(tf.random.stateless_normal((2, 8), (3, 0)))
    apart = np.abs(styles[0] - styles[1])[[*range(8), 0, 1]]
    assert values["x_to_y/diversity"] == pytest.approx(apart.mean(), rel=1e-5)
    assert values["y_to_x/diversity"] == 0
    back = sliced_wasserstein_distance(-IMAGES, IMAGES)["mean"]
    assert values["y_to_x/swd"] == pytest.approx(back, rel=1e-4)
    assert values["swd"] == pytest.approx((back + values["x_to_y/swd"]) / 2)


def test_a_perfect_translation_in_one_style():
    values = measured(lambda images, style, to: -images)
    np.testing.assert_allclose(list(values.values()), 0, atol=1e-3)
