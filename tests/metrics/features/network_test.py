"""What any feature network has: a name, bytes in, checked features out."""

import keras
import numpy as np
import pytest

from tfgan_apps.metrics.features.network import (
    FID_INCEPTION,
    FeatureNetwork,
    as_colour,
    feature_network,
)

IMAGES = np.random.RandomState(0).randint(0, 256, (70, 4, 5, 3), dtype=np.uint8)


def corner(images):
    """Features that anyone can compute."""
    assert images.dtype == np.float32
    return images[:, 0, 0]


def test_a_function_is_given_images_in_the_range_of_this_package():
    network = feature_network(corner)
    assert network.name == "corner" and network.sha256 is None
    found = network(IMAGES)
    assert list(found) == ["features"]
    np.testing.assert_allclose(found["features"], IMAGES[:, 0, 0] / 127.5 - 1, atol=1e-6)


def test_floats_are_rounded_to_the_bytes_that_they_stand_for():
    network = FeatureNetwork("mean", lambda images: images.reshape(len(images), -1))
    exact = np.float32(IMAGES / 127.5 - 1)
    near = np.clip(exact + 0.003, -1, 1)
    for images in (IMAGES, exact, near):
        np.testing.assert_array_equal(network(images)["features"], IMAGES.reshape(70, -1))


def test_a_keras_model_with_logits():
    image = x = keras.Input((4, 5, 3))
    x = keras.layers.Flatten()(x)
    outputs = {"features": x, "logits": keras.layers.Dense(7)(x)}
    model = keras.Model(image, outputs, name="mine")
    network = feature_network(model)
    found = network(IMAGES)
    assert network.name == "mine" and found["logits"].shape == (70, 7)
    assert len(network.sha256) == 64
    assert feature_network(network) is network
    model.layers[-1].bias.assign_add(np.ones(7))
    assert feature_network(model).sha256 != network.sha256


def test_only_the_inception_of_2015_gives_fid():
    fid, own = FeatureNetwork(FID_INCEPTION, corner), feature_network(corner)
    assert [fid.label(m) for m in ("frechet_distance", "kernel_distance", "score", "recall")] == [
        "fid",
        "kid",
        "inception_score",
        "recall[inception-2015-12-05]",
    ]
    assert own.label("frechet_distance") == "frechet_distance[corner]"
    with pytest.raises(ValueError, match="name must be another than inception-2015-12-05"):
        feature_network(corner, name=FID_INCEPTION)


def test_wrong_images_and_features():
    network = feature_network(corner)
    with pytest.raises(
        ValueError, match=r"images must be images of shape .* Received: \(4, 5, 3\)"
    ):
        network(IMAGES[0])
    with pytest.raises(ValueError, match="images must be in .* Received: values in .*, 255"):
        network(np.float32(IMAGES))
    with pytest.raises(ValueError, match=r"features of flat must be .* Received: \(32,\)"):
        feature_network(lambda images: images[:, 0, 0, 0], "flat")(IMAGES)
    with pytest.raises(ValueError, match="features of bad must be finite. Received: nan"):
        feature_network(lambda images: corner(images) * np.nan, "bad")(IMAGES)
    with pytest.raises(ValueError, match="1 or 3 channels. Received: .*, 2"):
        as_colour(IMAGES[..., :2])
    assert as_colour(IMAGES[..., :1]).shape == IMAGES.shape
