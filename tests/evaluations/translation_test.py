"""The evaluation of a translation whose true mapping is known."""

import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.evaluations.translation import IDENTITY, TranslationEvaluation, evaluate_translation
from tfgan_apps.metrics.sliced_wasserstein import sliced_wasserstein_distance


@pytest.fixture
def images():
    return np.float32(np.random.default_rng(0).uniform(-0.8, 0.8, (5, 16, 16, 3)))


def pairs(x, y, batch_size=2):
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(batch_size)


def scaling(factor):
    image = keras.Input((None, None, 3), name="image")
    return keras.Model(image, keras.layers.Rescaling(factor)(image))


def test_a_perfect_translation(images):
    model = types.SimpleNamespace(generator_x_to_y=scaling(-0.5), generator_y_to_x=scaling(-2.0))
    values = evaluate_translation(model, pairs(images, -0.5 * images), aligned=True)
    directions = ("x_to_y", "y_to_x")
    both = {f"{d}/{name}" for d in directions for name in ("error", "swd")}
    assert set(values) == both | {"error", "swd", "cycle_error"}
    np.testing.assert_allclose(list(values.values()), 0, atol=1e-3)
    assert all(type(value) is float for value in values.values())


def test_values_by_hand(images):
    model = types.SimpleNamespace(generator_x_to_y=scaling(0.5), generator_y_to_x=scaling(3.0))
    values = evaluate_translation(
        model, pairs(images, images**2), aligned=True, foreground=lambda true: true[..., 0] > 0
    )
    x, y = images.astype(np.float64), images.astype(np.float64) ** 2
    forth, back = np.abs(0.5 * x - y).mean(-1), np.abs(3 * y - x).mean(-1)
    expected = {
        "x_to_y/swd": sliced_wasserstein_distance(0.5 * images, images**2)["mean"],
        "x_to_y/error": forth.mean(),
        "x_to_y/foreground_error": forth[y[..., 0] > 0].mean(),
        "y_to_x/swd": sliced_wasserstein_distance(3 * images**2, images)["mean"],
        "y_to_x/error": back.mean(),
        "y_to_x/foreground_error": back[x[..., 0] > 0].mean(),
        "cycle_error": (np.abs(0.5 * x).mean() + np.abs(0.5 * y).mean()) / 2,
    }
    for name in ("swd", "error"):
        expected[name] = (expected[f"x_to_y/{name}"] + expected[f"y_to_x/{name}"]) / 2
    assert values == pytest.approx(expected, rel=1e-4)


def test_identity_is_evaluated_by_the_same_code(images):
    values = evaluate_translation(IDENTITY, pairs(images, images[..., ::-1]), aligned=True)
    error = np.abs(images - images[..., ::-1]).mean()
    assert values["x_to_y/error"] == pytest.approx(error, rel=1e-5)
    assert values["cycle_error"] == 0
    assert values["x_to_y/swd"] > 1


def test_domains_without_pairs(images):
    values = evaluate_translation(IDENTITY, pairs(images, images[::-1]), aligned=False)
    assert set(values) == {"x_to_y/swd", "y_to_x/swd", "swd", "cycle_error"}


def test_sees_training_without_tracing_again(images):
    traces = []

    class Scale(keras.layers.Layer):
        def build(self, _):
            self.scale = self.add_weight(shape=(), initializer="ones")

        def call(self, image):
            traces.append(1)
            return image * self.scale

    image = keras.Input((None, None, 3))
    layer = Scale()
    network = keras.Model(image, layer(image))
    model = types.SimpleNamespace(generator_x_to_y=network, generator_y_to_x=network)
    evaluate = TranslationEvaluation(model, pairs(images, images), aligned=True)
    assert evaluate()["x_to_y/error"] == 0
    traced = len(traces)
    layer.scale.assign(0.5)
    assert evaluate()["x_to_y/error"] == pytest.approx(np.abs(images).mean() / 2, rel=1e-5)
    assert len(traces) == traced


def test_what_cannot_be_evaluated(images):
    with pytest.raises(ValueError, match="foreground must be None when aligned is False"):
        TranslationEvaluation(IDENTITY, pairs(images, images), False, foreground=np.isfinite)
    with pytest.raises(ValueError, match="must not be empty"):
        evaluate_translation(IDENTITY, pairs(images, images).take(0), aligned=False)
