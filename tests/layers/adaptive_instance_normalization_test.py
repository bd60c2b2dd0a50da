import keras
import numpy as np

from tfgan_apps.layers import AdaptiveInstanceNormalization


def test_each_channel_gets_the_mean_and_the_deviation_that_are_given():
    images = np.random.default_rng(0).normal(3, 5, (2, 8, 8, 3)).astype(np.float32)
    scale = np.float32([[1, 2, 3], [-1, 0, 4]])
    offset = np.float32([[0, 5, -5], [1, 2, 3]])
    found = np.array(AdaptiveInstanceNormalization()(images, scale, offset))
    np.testing.assert_allclose(found.mean((1, 2)), offset, atol=1e-5)
    np.testing.assert_allclose(found.std((1, 2)), np.abs(scale), atol=1e-4)
    # A negative scale mirrors.
    own = (images - images.mean((1, 2), keepdims=True)) / images.std((1, 2), keepdims=True)
    np.testing.assert_allclose(found[1, ..., 0], 1 - own[1, ..., 0], atol=1e-4)


def test_in_a_network_that_is_saved(tmp_path):
    inputs = [keras.Input((None, None, 2)), keras.Input((2,)), keras.Input((2,))]
    network = keras.Model(inputs, AdaptiveInstanceNormalization(1.0)(*inputs))
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    assert loaded.output_shape == (None, None, None, 2)
    assert loaded.layers[-1].normalization.epsilon == 1.0
