"""What every kind has from its signatures: the graph that is served and the values of the check."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.serving.kinds.served_model import ServedModel, Signature

NAMES = ("image", "image_bytes", "shade")


class Shades(ServedModel):
    """Single pixels of given values, times a weight, under every name that says what is sent."""

    def __init__(self, dtype=tf.float32):
        self.weight = tf.Variable(1.0)
        self.traces = []
        value = tf.TensorSpec([None], tf.float32, "value")
        self.offered = {
            name: Signature([value], self._shown_as(name, dtype), _request) for name in NAMES
        }

    @property
    def variables(self):
        return [self.weight]

    def _shown_as(self, name, dtype):
        def show(value):
            self.traces.append(name)
            return {name: tf.cast(self.weight * value[:, None, None, None], dtype)}

        return show


def _request(size):
    return {"value": np.linspace(0, 0.5, size, dtype=np.float32)}


def answers(served, name, values):
    """Returns what a signature sends, and what the check compares with: arrays (B,)."""
    request = {"value": np.float32(values)}
    sent = served.read(served.signatures()[name]({"value": tf.constant(request["value"])}))
    predicted = served.predict(name, request)
    assert list(sent) == list(predicted) == [name]  # each its own, of signatures made in a loop
    return np.ravel(sent[name]), np.ravel(predicted[name])


@pytest.mark.parametrize("name", ["image", "image_bytes"])
def test_images_are_sent_rounded_and_measured_as_they_are(name):
    sent, predicted = answers(Shades(), name, [-2, 0.1, 0.5])
    np.testing.assert_allclose(predicted, [0, 140.25, 191.25], rtol=1e-6)
    np.testing.assert_array_equal(sent, [0, 140, 191])
    assert (sent.dtype, predicted.dtype) == (np.uint8, np.float32)


def test_other_outputs_are_left_alone():
    for found in answers(Shades(), "shade", [-2, 0.1, 0.5]):
        np.testing.assert_array_equal(found, np.float32([-2, 0.1, 0.5]))


@pytest.mark.parametrize("name", ["image", "image_bytes"])
def test_images_that_are_levels_stay_as_they_are(name):
    for found in answers(Shades(tf.uint8), name, [0, 7, 255]):
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, [0, 7, 255])


def test_predict_is_traced_once_and_reads_the_weights_of_now():
    served = Shades()
    for size, weight in ((1, 1.0), (3, 0.5), (5, 2.0)):
        served.weight.assign(weight)
        request = served.examples(size)["shade"]
        found = served.predict("shade", request)["shade"]
        np.testing.assert_array_equal(found.ravel(), weight * request["value"])
    assert served.traces == ["shade"]
