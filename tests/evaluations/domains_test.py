import types

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.datasets import tinted_shapes
from tfgan_apps.evaluations import domains
from tfgan_apps.input_pipelines import domain_images

DATA = domain_images("tinted_shapes", 16)


def measured(translate, seen):
    """Measures a translation, and a classifier that always sees the same."""
    judge = lambda x, training: {"class": tf.fill([len(x), 2], seen)}  # noqa: E731
    model = types.SimpleNamespace(translate=translate, discriminator=judge)
    return domains.evaluation(model, DATA, evaluation_images=48)()


def test_what_changes_nothing_keeps_all_and_looks_real():
    values = measured(lambda image, label, training: image, 1.0)
    assert values["swd"] == values["cycle_error"] == values["changed"] == 0
    assert values["kept"] == 1
    label = domains.held_out(DATA, 48)[1]
    assert values["class_accuracy"] == pytest.approx(label.mean())


def test_a_perfect_translation_changes_all_that_is_asked_for():
    def paint(image, label, training):
        red, bright = tf.unstack(tf.cast(label, tf.float32) * 2 - 1, axis=1)
        inside = tf.reduce_max(image, -1) - tf.reduce_min(image, -1) > 0.6
        color = red[:, None] * tf.constant([0.8, 0.0, -0.8])
        ground = tf.repeat(0.5 * bright[:, None], 3, 1)
        return tf.where(inside[..., None], color[:, None, None], ground[:, None, None])

    values = measured(paint, -1.0)
    assert values["changed"] == values["kept"] == 1
    assert values["swd"] > 0 and values["cycle_error"] > 0


def test_agreement_is_by_domain_or_by_attribute():
    logits = np.array([[1.0, 2.0, -1.0], [3.0, -2.0, -1.0]])
    assert domains.agreement(logits, np.array([1, 2])) == 0.5
    assert domains.agreement(logits, np.array([[1, 1, 1], [1, 0, 0]])) == pytest.approx(5 / 6)


def test_one_attribute_is_read_in_its_own_place():
    rng = np.random.default_rng(0)
    real = np.stack([tinted_shapes.picture(0, 1, 16, rng) for _ in range(2)]) / 127.5 - 1
    found = domains.read(real, real, np.array([[1], [0]]), np.array([[1], [1]]), ["Bright"])
    assert found == {"changed": 1, "kept": 1}
