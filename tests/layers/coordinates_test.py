import keras
import numpy as np

from tfgan_apps.layers import Coordinates


def test_rows_columns_and_distances():
    image = keras.Input((3, 5, 2))
    model = keras.Model(image, Coordinates()(image))
    assert model.output_shape == (None, 3, 5, 5)
    found = model(np.full((2, 3, 5, 2), 7, np.float32)).numpy()
    assert (found[..., :2] == 7).all()
    np.testing.assert_allclose(found[1, :, 0, 2], [-1, 0, 1])
    np.testing.assert_allclose(found[0, 0, :, 3], [-1, -0.5, 0, 0.5, 1])
    assert found[0, 1, 2, 4] == 0 and found[0, 0, 0, 4] == found[0, 2, 4, 4] == 1
