"""VGG16's features of translated images."""

import keras
import numpy as np
import pytest

from tfgan_apps.metrics.features import vgg16, weight_files

IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)


def test_features_are_of_the_last_block_without_the_pooling_before_it(tmp_path):
    whole = keras.applications.VGG16(include_top=False, weights=None)
    path = str(tmp_path / "vgg16.weights.h5")
    whole.save_weights(path)
    found = vgg16.domain_invariant_features(path)(IMAGES)
    assert found.shape == (2, 4, 4, 512)
    seen = (IMAGES[..., ::-1] + 1) * 127.5 - np.float32([103.939, 116.779, 123.68])
    x = keras.Model(whole.inputs[0], whole.get_layer("block4_conv3").output)(seen)
    for number in (1, 2, 3):
        x = whole.get_layer(f"block5_conv{number}")(x)
    x = np.array(x)
    x = (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + 1e-5)
    np.testing.assert_allclose(found, x, atol=1e-2)
    assert float(vgg16.distance(found, found + 2.0)) == pytest.approx(4.0)


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "other.h5"
    path.write_bytes(b"x")
    with pytest.raises(weight_files.WeightFileError, match="weights must be Keras' VGG16 without"):
        vgg16.domain_invariant_features(str(path))
