import keras
import numpy as np
import tensorflow as tf

from tfgan_apps.layers import ImageBatchNormalization

IMAGES = np.random.default_rng(0).normal(1.0, 3.0, (3, 4, 5, 2)).astype(np.float32)


def test_training_is_keras_batch_normalization():
    ours = ImageBatchNormalization()
    theirs = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    for layer in (ours, theirs):
        layer.build(IMAGES.shape)
        layer.gamma.assign([2.0, 3.0])
    np.testing.assert_allclose(ours(IMAGES, training=True), theirs(IMAGES, training=True), 1e-5)
    np.testing.assert_allclose(ours.moving_mean, theirs.moving_mean)


def test_inference_is_training_of_each_image_alone():
    layer = ImageBatchNormalization()
    layer.build(IMAGES.shape)
    layer.beta.assign([0.5, -0.5])
    alone = [layer(IMAGES[i : i + 1], training=True) for i in range(3)]
    np.testing.assert_allclose(layer(IMAGES), np.concatenate(alone), atol=1e-5)


def test_float16_images_of_a_large_variance():
    layer = ImageBatchNormalization(dtype="mixed_float16")
    found = layer(tf.constant(IMAGES * 1000, tf.float16))
    assert found.dtype == tf.float16
    np.testing.assert_allclose(np.std(found.numpy().astype(float), (1, 2)), 1.0, atol=0.01)
