"""Maps of a classifier, for images of other sizes than it has learned, with gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfgan_apps.metrics.features.classifier import build_classifier
from tfgan_apps.metrics.features.feature_maps import classifier_maps, named_maps


@pytest.mark.parametrize("size", [16, 32, 40, 64, 8])
def test_maps_of_any_size_have_gradients(size):
    maps = classifier_maps(build_classifier((32, 32, 1), 2, "tiny"))
    images = tf.random.stateless_normal((2, size, size, 1), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(images)
        found = maps(images)
        total = tf.add_n([tf.reduce_sum(tf.square(x)) for x in found])
    assert [x.shape[1:] for x in found] == [(32, 32, 32), (16, 16, 64), (8, 8, 128)]
    assert (np.abs(tape.gradient(total, images)).max((1, 2, 3)) > 0).all()


def test_one_map_of_images_as_they_are():
    image = keras.Input((None, None, 3))
    network = keras.Model(image, layers.ReLU()(image))
    images = np.random.default_rng(0).normal(size=(1, 5, 7, 3)).astype(np.float32)
    (found,) = classifier_maps(network)(tf.constant(images))
    np.testing.assert_array_equal(found, np.maximum(images, 0))


def test_networks_that_do_not_fit(tmp_path):
    image = keras.Input((8, 8, 3))
    with pytest.raises(ValueError, match="classifier must be a network with ReLU layers"):
        classifier_maps(keras.Model(image, layers.Conv2D(2, 1)(image)))
    maps = classifier_maps(keras.Model(image, layers.ReLU()(image)))
    with pytest.raises(ValueError, match="images must be of 3 channels, as the classifier's"):
        maps(tf.zeros((1, 8, 8, 1)))
    with pytest.raises(ValueError, match="features must be vgg19, or the path of a .keras file"):
        named_maps("inception")
    with pytest.raises(ValueError, match="weights must be left out with a classifier"):
        named_maps("tiny.keras", "weights.h5")


def test_a_classifier_may_see_images_in_their_own_size():
    model = build_classifier((16, 16, 3), 2, "tiny")
    image = np.random.default_rng(0).uniform(-1, 1, (1, 24, 40, 3)).astype(np.float32)
    found = classifier_maps(model, own_size=True)(image)
    assert [maps.shape[1:3] for maps in found] == [(24, 40), (12, 20), (6, 10)]
    part = classifier_maps(model)(image[:, :16, :16])
    np.testing.assert_allclose(found[1][:, :6, :6], part[1][:, :6, :6], atol=1e-5)
