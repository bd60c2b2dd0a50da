import keras
import numpy as np

from tfgan_apps.layers import OneHot


def test_vectors_of_labels():
    label = keras.Input((), dtype="int32")
    model = keras.Model(label, OneHot(3)(label))
    assert model.output_shape == (None, 3)
    np.testing.assert_array_equal(model(np.int32([2, 0])), [[0, 0, 1], [1, 0, 0]])
    assert OneHot.from_config(OneHot(3).get_config()).classes == 3
