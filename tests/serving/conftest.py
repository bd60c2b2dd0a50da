"""Small generators whose outputs are known."""

import keras
import pytest
import tensorflow as tf


def functional(layers, size=(None, None), channels=3):
    """Returns a functional model of some layers, in the form of a generator."""
    image = translated = keras.Input((*size, channels), name="image")
    for layer in layers:
        translated = layer(translated)
    return keras.Model(image, translated)


@pytest.fixture
def inverting():
    """Makes a generator of negatives: served pixels are 255 minus the given ones."""
    return lambda **kwargs: functional([keras.layers.Rescaling(-1.0)], **kwargs)


def convolutional_network(seed=0, channels=3):
    """Returns a generator with random weights."""
    keras.utils.set_random_seed(seed)
    last = {"padding": "same", "activation": "tanh", "dtype": "float32"}
    first = keras.layers.Conv2D(8, 3, padding="same", activation="relu")
    return functional([first, keras.layers.Conv2D(channels, 3, **last)], channels=channels)


@pytest.fixture
def convolutional():
    """Makes a generator with random weights."""
    return convolutional_network


@pytest.fixture
def from_layers():
    """Makes a generator of given layers."""
    return functional


@pytest.fixture
def picture():
    """Makes a smooth uint8 picture."""

    def make(height, width, channels=3, seed=0):
        coarse = tf.random.stateless_uniform([1, 3, 3, channels], [seed, 1], 0, 256)
        return tf.saturate_cast(tf.image.resize(coarse, (height, width))[0], tf.uint8).numpy()

    return make
