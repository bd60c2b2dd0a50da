"""The evaluation of translations to unseen classes."""

import types

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.datasets import hues
from tfgan_apps.evaluations import few_shot
from tfgan_apps.input_pipelines import few_shot_images

DATA = few_shot_images("hues", 32, shots=3)


def measured(translate):
    code = lambda references: tf.reduce_max(references, (1, 2, 3))  # noqa: E731
    return few_shot.evaluation(
        types.SimpleNamespace(class_code=code, translate=translate), DATA, 20
    )()


def test_what_changes_nothing():
    values = measured(lambda image, code: image)
    assert values["diversity"] == 0 and values["overlap"] == 1
    assert values["color_error"] == values["color_error_of_1"] > 0.5


def test_a_perfect_repainting():
    paint = lambda image, code: tf.where(  # noqa: E731
        tf.reduce_max(image, -1, keepdims=True) > 0, code[:, None, None], -1.0
    )
    values = measured(paint)
    assert values["overlap"] == pytest.approx(1)
    assert values["color_error"] < 0.1 and values["diversity"] > 0.1


def test_readings_by_hand():
    image = np.full((1, 4, 4, 3), -1, np.float32)
    image[0, :2, :2, 0] = 1
    fake = np.full((1, 4, 4, 3), -1, np.float32)
    fake[0, :2, :, 1] = 1
    references = np.stack([image, fake], 1)
    batch = {"image": tf.constant(image), "references": tf.constant(references)}
    found = few_shot.readings(batch, fake, image)
    assert hues.foreground(image).sum() == 4
    assert found["overlap"].tolist() == [0.5]
    assert found["color_error"] == pytest.approx([2 / 3])  # green, for half red and half green
    assert found["color_error_of_1"] == pytest.approx([2 / 3])
