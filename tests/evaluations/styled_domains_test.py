"""The evaluation of translations to domains in styles, and the classifier that it asks."""

import types

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.evaluations import domain_classifier, styled_domains
from tfgan_apps.input_pipelines import ReferencedImages


def data(count=48):
    """Returns dark images and bright ones."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 2
    images = rng.integers(0, 100, (count, 16, 16, 3)) + 150 * labels[:, None, None, None]
    arrays = {split: (images.astype(np.uint8), labels) for split in ("train", "test")}
    return ReferencedImages.from_arrays(arrays, batch_size=16)


def measured(translate):
    """Measures a model whose styles are the noise, or the mean of a reference, and the domain."""
    model = types.SimpleNamespace(latent_size=1, seed=3, translate=translate)
    number = lambda label: tf.cast(label, tf.float32)[:, None]  # noqa: E731
    model.style_of = lambda latents, label: tf.concat([latents, number(label)], -1)
    model.encoded = lambda image, label: tf.concat(
        [tf.reduce_mean(image, (1, 2, 3))[:, None], number(label)], -1
    )
    numbers = {"evaluation_images": 20, "evaluation_styles": 3, "evaluation_judge_steps": 60}
    return styled_domains.evaluation(model, data(), **numbers)()


def test_what_changes_nothing_is_of_its_own_domain():
    values = measured(lambda image, style: image)
    assert values["real_accuracy"] == 1
    assert (
        values["latent_accuracy"]
        == values["reference_accuracy"]
        == values["pairwise_difference"]
        == 0
    )
    assert values["swd"] > 0


def test_values_by_hand():
    def translate(image, style):
        noise, label = style[:, None, None, :1], style[:, None, None, 1:]
        return tf.zeros_like(image) + 1.2 * label - 0.6 + 0.01 * noise

    values = measured(translate)
    drawn = np.array(tf.random.stateless_normal((3, 8, 1), (3, 0)))[
        :, [*range(8), *range(8), *range(4)]
    ]
    pairs = [np.abs(drawn[a] - drawn[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    assert values["pairwise_difference"] == pytest.approx(0.01 * np.mean(pairs), rel=1e-3)
    assert values["latent_accuracy"] == values["reference_accuracy"] == 1


def test_a_classifier_is_the_same_each_time():
    first, again = (domain_classifier.trained(data(), 2) for _ in range(2))
    for a, b in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
