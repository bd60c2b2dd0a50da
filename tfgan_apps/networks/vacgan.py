"""VACGAN's generator, discriminator and classifier.

Reference: Bazrafkan and Corcoran 2018, https://arxiv.org/abs/1806.07751;
https://github.com/shababqcd/VAC-GAN, VACGANmnist
"""

import keras
from keras import layers

from tfgan_apps.layers import Dropout, OneHot
from tfgan_apps.networks import quarters
from tfgan_apps.networks.dcgan import normalized
from tfgan_apps.networks.unit_interval import pixels_of


def build_generator(image_size=28, channels=1, classes=10, filters=64):
    """Returns the generator: `latents` (batch, classes) >= 0, `label` (batch,) -> `image`, float32.

    The latent space has a part for each class: where its coordinate alone is positive.

    Args:
        image_size, channels, filters: see `quarters.check_size`. Default to 28, 1 and 64.
        classes: int. Defaults to 10.
    """
    quarters.check_size(image_size, channels, filters)
    latents = layers.Input((classes,), name="latents")
    label = layers.Input((), dtype="int32", name="label")
    sign = layers.Rescaling(2.0, -1.0)(OneHot(classes)(label))
    x = layers.Multiply()([latents, sign])
    first, last = _transposed(filters, use_bias=False), _transposed(channels)
    image = quarters.image_of(x, image_size, filters, _dense, first, last, _relu, _relu)
    return keras.Model({"latents": latents, "label": label}, image, name="generator")


def build_discriminator(image_size=28, channels=1, filters=64):
    """Returns the discriminator, which knows no class: `image` -> `logits` (batch, 1), float32.

    Args:
        image_size, channels, filters: see `quarters.check_size`. Default to 28, 1 and 64.
    """
    quarters.check_size(image_size, channels, filters)
    image = layers.Input((image_size, image_size, channels), name="image")
    halved = (layers.Conv2D(n, 5, 2, "same", use_bias=False) for n in (filters, 2 * filters))
    x = quarters.features_of(image, filters, _dense, *halved, _leaky, _leaky)
    logits = layers.Activation("linear", dtype="float32", name="logits")(layers.Dense(1)(x))
    return keras.Model(image, logits, name="discriminator")


def build_classifier(image_size=28, channels=1, classes=10, width=1024):
    """Returns the classifier: `image` -> `logits` (batch, classes), float32.

    Args:
        image_size: int, at least 10. Defaults to 28.
        channels: int, 1 to 4. Defaults to 1.
        classes: int. Defaults to 10.
        width: int, of the hidden dense layer. Defaults to 1024.
    """
    image = layers.Input((image_size, image_size, channels), name="image")
    x = layers.MaxPooling2D(2)(layers.Conv2D(16, 3, activation="relu")(pixels_of(image)))
    x = layers.MaxPooling2D(2)(layers.Conv2D(8, 3, activation="relu")(x))
    x = layers.Dense(width, activation="relu")(Dropout(0.5, seed=0)(layers.Flatten()(x)))
    x = layers.Dense(classes)(Dropout(0.5, seed=1)(x))
    logits = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="classifier")


def _dense(width):
    return layers.Dense(width, use_bias=False)


def _transposed(filters, **options):
    return layers.Conv2DTranspose(filters, 5, 2, "same", **options)


def _relu(x):
    return layers.ReLU()(normalized(x, gamma_initializer="ones", epsilon=1e-4))


def _leaky(x):
    x = normalized(x, gamma_initializer="ones", epsilon=1e-4)
    return layers.LeakyReLU(negative_slope=0.2)(x)
