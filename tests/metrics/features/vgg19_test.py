"""VGG19's features, by the weights of Keras and by those of torchvision."""

import keras
import numpy as np
import pytest

from tfgan_apps.metrics.features import vgg19, weight_files

IMAGES = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Returns Keras' network with random weights, and the path of its file."""
    network = keras.applications.VGG19(include_top=False, weights=None)
    path = str(tmp_path_factory.mktemp("vgg19") / "vgg19.weights.h5")
    network.save_weights(path)
    return network, path


def test_keras_weights_see_images_as_they_have_learned(whole):
    network, path = whole
    found = vgg19.perceptual_features(path)(IMAGES)
    assert [each.shape[1:] for each in found] == [
        *[(32, 32, 64), (16, 16, 128), (8, 8, 256), (4, 4, 512), (2, 2, 512)]
    ]
    layer = network.get_layer("block3_conv1")
    seen = keras.applications.vgg19.preprocess_input((IMAGES + 1) * 127.5)
    expected = keras.Model(network.inputs[0], layer.output)(seen)
    np.testing.assert_allclose(found[2], expected / 100, atol=1e-5)


def test_torchvisions_weights_see_images_as_they_are(whole, monkeypatch):
    network, _ = whole
    places = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28)  # of VGG19's convolutions there
    state = {}
    convolutions = [layer for layer in network.layers if layer.weights]
    for place, layer in zip(places, convolutions, strict=False):
        kernel, bias = layer.get_weights()
        state[f"features.{place}.weight"] = kernel.transpose(3, 2, 0, 1)
        state[f"features.{place}.bias"] = bias
    monkeypatch.setattr(weight_files, "read_torch", lambda path: state)
    monkeypatch.setattr(weight_files, "find", lambda path, files: (files[0].name, "hash"))
    found = vgg19.perceptual_features()(IMAGES)
    expected = keras.Model(network.inputs[0], network.get_layer("block5_conv1").output)(IMAGES)
    np.testing.assert_allclose(found[4], expected, atol=1e-5)
    del state["features.28.bias"]
    with pytest.raises(weight_files.WeightFileError, match=r"weights must have features.28.bias"):
        vgg19.perceptual_features()


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "other.h5"
    path.write_bytes(b"x")
    with pytest.raises(weight_files.WeightFileError, match="weights must be Keras' VGG19 without"):
        vgg19.perceptual_features(str(path))
