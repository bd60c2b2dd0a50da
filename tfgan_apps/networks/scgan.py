"""SC-GAN's generator and discriminator.

Reference: Li et al. 2019, https://ieeexplore.ieee.org/document/8476290;
https://github.com/gauss-clb/SCGAN, scgan_mnist.py
"""

import keras
from keras import layers

from tfgan_apps.initializers import normal_002
from tfgan_apps.networks import quarters
from tfgan_apps.networks.dcgan import normalized


def build_generator(image_size=28, channels=1, latent_size=90, code_size=10, filters=64):
    """Returns the generator: `latents` and `code`, (batch, their sizes) -> `image`, float32.

    Args:
        image_size, channels, filters: see `quarters.check_size`. Default to 28, 1 and 64.
        latent_size, code_size: int. Default to 90 and 10.
    """
    quarters.check_size(image_size, channels, filters)
    latents = layers.Input((latent_size,), name="latents")
    code = layers.Input((code_size,), name="code")
    x = layers.Concatenate()([latents, code])
    first, last = (layers.Conv2DTranspose(n, 4, 2, "same") for n in (filters, channels))
    relu = lambda x: layers.ReLU()(_normalized(x))  # noqa: E731
    image = quarters.image_of(x, image_size, filters, _dense, first, last, relu, layers.ReLU())
    return keras.Model({"latents": latents, "code": code}, image, name="generator")


def build_discriminator(image_size=28, channels=1, filters=64):
    """Returns the discriminator, which sees no code: `image` -> `logits` (batch, 1), float32.

    Args:
        image_size, channels, filters: see `quarters.check_size`. Default to 28, 1 and 64.
    """
    quarters.check_size(image_size, channels, filters)
    image = layers.Input((image_size, image_size, channels), name="image")
    first = layers.Conv2D(filters, 4, 2, "same", kernel_initializer=normal_002())
    options = {"use_bias": False, "kernel_initializer": normal_002()}
    second = layers.Conv2D(2 * filters, 4, 2, "same", **options)
    rest = lambda x: _leaky(_normalized(x))  # noqa: E731
    x = quarters.features_of(image, filters, _dense, first, second, _leaky, rest)
    x = layers.Dense(1, kernel_initializer=normal_002())(x)
    logits = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="discriminator")


def _dense(width):
    return layers.Dense(width, use_bias=False, kernel_initializer=normal_002())


def _normalized(x):
    return normalized(x, gamma_initializer="ones", momentum=0.997)


def _leaky(x):
    return layers.LeakyReLU(negative_slope=0.2)(x)
