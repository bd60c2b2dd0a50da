"""A classifier of the data at hand: what it learns, how it is kept, and that it is not called FID.

That MNIST's reaches 99 % is measured by `python -m tests.mnist_metrics`.
"""

import gzip

import keras
import numpy as np
import pytest

from tfgan_apps.input_pipelines.image_sets import read_idx
from tfgan_apps.metrics.features.classifier import (
    build_classifier,
    classifier_features,
    train_classifier,
)
from tfgan_apps.metrics.frechet_distance import frechet_distance


@pytest.fixture(scope="module")
def digits(test_data):
    """Returns images and labels of MNIST's test part."""
    folder = test_data("mnist")
    images = read_idx(str(folder / "t10k-images-idx3-ubyte.gz"))[..., None]
    labels = gzip.decompress((folder / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:]
    return images, np.frombuffer(labels, np.uint8).astype(np.int64)


@pytest.fixture(scope="module")
def classifier(digits):
    images, labels = digits
    return train_classifier(images[:3000], labels[:3000], "digits", epochs=2, batch_size=64)


def test_it_learns_and_its_distance_grows_with_noise_and_blur(digits, classifier):
    images, labels = digits
    network = classifier_features(classifier)
    first, second = (network(part) for part in (images[3000:4000], images[4000:5000]))
    assert (second["logits"].argmax(1) == labels[4000:5000]).mean() > 0.9
    real = first["features"]
    random = np.random.RandomState(0)
    noise = random.randn(1000, 28, 28, 1)
    distances = [frechet_distance(real, second["features"])]
    for strength in (0.1, 0.4, 1.0):
        noisy = images[4000:5000] / 127.5 - 1 + strength * noise
        distances.append(frechet_distance(real, network(np.clip(noisy, -1, 1))["features"]))
    assert (np.diff(distances) > 0).all()
    assert network.label("frechet_distance") == "frechet_distance[digits]"


def test_images_of_another_size_are_refused(classifier):
    with pytest.raises(ValueError, match=r"images must be of shape \(28, 28, 1\), as in training"):
        classifier_features(classifier)(np.zeros((2, 32, 32, 1), np.uint8))


def test_saved_and_loaded_it_is_the_same(digits, classifier, tmp_path):
    path = str(tmp_path / "digits.keras")
    classifier.save(path)
    loaded, network = classifier_features(path), classifier_features(classifier)
    assert (loaded.name, loaded.sha256) == ("digits", network.sha256)
    images = digits[0][:50]
    np.testing.assert_allclose(loaded(images)["features"], network(images)["features"], atol=1e-5)


def test_training_is_a_function_of_the_seed():
    images = np.random.RandomState(0).randint(0, 256, (40, 16, 16, 3), dtype=np.uint8)
    labels = np.arange(40) % 4
    found = [
        classifier_features(train_classifier(images, labels, "c", 1, 20, seed)).sha256
        for seed in (1, 1, 2)
    ]
    assert found[0] == found[1] != found[2]


def test_wrong_arguments():
    images = np.zeros((4, 16, 16, 1), np.uint8)
    with pytest.raises(ValueError, match=r"labels must be int >= 0 of shape \(4,\)"):
        train_classifier(images, np.zeros(3, int), "c")
    with pytest.raises(ValueError, match=r"labels must be int >= 0 of shape \(4,\)"):
        train_classifier(images, np.zeros(4), "c")
    with pytest.raises(ValueError, match="classes must be an integer >= 2. Received: classes=1"):
        train_classifier(images, np.zeros(4, int), "c")
    with pytest.raises(ValueError, match="image_shape must be of at least 16 pixels a side"):
        build_classifier((8, 16, 1), 2, "c")
    with pytest.raises(ValueError, match="epochs must be an integer >= 1"):
        train_classifier(images, np.zeros(4, int), "c", epochs=0)
    plain = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="model must be one with outputs features and logits"):
        classifier_features(plain)
