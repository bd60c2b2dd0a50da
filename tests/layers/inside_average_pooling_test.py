import keras
import numpy as np
import pytest

from tfgan_apps.layers import InsideAveragePooling2D


@pytest.mark.parametrize("size", [(4, 6), (5, 7), (1, 2)])
def test_means_are_of_what_lies_inside(size):
    image = np.random.default_rng(0).normal(size=(2, *size, 3)).astype(np.float32)
    layer = InsideAveragePooling2D()
    found = layer(image)
    assert found.shape == layer.compute_output_shape(image.shape)
    for row in range(found.shape[1]):
        for column in range(found.shape[2]):
            top, left = max(0, 2 * row - 1), max(0, 2 * column - 1)
            window = image[:, top : 2 * row + 2, left : 2 * column + 2]
            np.testing.assert_allclose(found[:, row, column], window.mean((1, 2)), atol=1e-6)


def test_sizes_unknown_to_the_graph():
    image = keras.Input((None, None, 3))
    model = keras.Model(image, InsideAveragePooling2D()(image))
    assert model.output_shape == (None, None, None, 3)
    assert model.predict(np.zeros((1, 5, 8, 3)), verbose=0).shape == (1, 3, 4, 3)
