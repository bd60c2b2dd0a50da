"""The network of landmarks equals the authors' in PyTorch, with the same weights; see goldens/."""

import numpy as np
import pytest
import tensorflow as tf

from tests.networks.conftest import FOLDER
from tfgan_apps.networks import face_landmarks


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER / "face_landmarks.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def network(inputs):
    """The network, with the weights that the maker gives the authors'."""
    found = face_landmarks.build_landmarks()
    for layer in found.layers:
        place = f"landmarks/{layer.name}"
        if hasattr(layer, "moving_mean"):
            layer.set_weights(inputs.normalization(place, layer.gamma.shape[0]))
        elif hasattr(layer, "kernel"):
            biases = [inputs.bias(place, layer.filters)] if layer.use_bias else []
            layer.set_weights([inputs.kernel(place, layer.kernel.shape), *biases])
    return found


def test_the_heat_of_landmarks(inputs, goldens, network):
    found = network(0.5 + 0.5 * inputs.images("landmarks", 256))[:, ::8, ::8]
    np.testing.assert_allclose(found, goldens["heat"], rtol=1e-4, atol=1e-3)
    trained = [w for w in network.weights if "moving" not in w.name]
    assert sum(int(np.prod(w.shape)) for w in trained) == 6_333_603
    assert not network.trainable_weights


def test_masks_of_heat(inputs, goldens):
    found = face_landmarks.masks_of(inputs.spots("landmarks", 64, 98))
    assert found.shape == (2, 256, 256, 2)
    np.testing.assert_allclose(found[:, ::4, ::4], goldens["masks"], atol=1e-4)
    assert 0.05 < np.mean(found[..., 1]) < np.mean(found[..., 0]) < 0.95


def test_images_of_any_size_have_masks_without_gradient(network):
    image = tf.Variable(tf.zeros((1, 64, 64, 3)))
    with tf.GradientTape() as tape:
        found = face_landmarks.masks(network, image)
        total = tf.reduce_sum(found)
    assert found.shape == (1, 256, 256, 2)
    assert tape.gradient(total, image) is None
