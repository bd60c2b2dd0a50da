"""Residual networks of 2017's GANs: a generator and a critic of few, wide blocks.

Reference: Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, appendix F;
https://github.com/igul222/improved_wgan_training, gan_cifar_resnet.py
"""

import keras
from keras import layers

from tfgan_apps.arguments import check, check_choice, check_integers
from tfgan_apps.initializers import uniform_of
from tfgan_apps.networks.dcgan import normalized


def build_generator(image_size=32, channels=3, latent_size=128, filters=128):
    """Returns the generator: 4 x 4 pixels of features are doubled, block by block, to the image.

    Args:
        image_size: int, a power of 2 from 8 on. Defaults to 32.
        channels: int, of the image, 1 to 4. Defaults to 3.
        latent_size: int, of the noise. Defaults to 128.
        filters: int, of every layer. Defaults to 128.

    Returns:
        Functional model: `latents` (batch, latent_size) -> `image` in [-1, 1], float32.

    Raises:
        ValueError: an argument is out of its range.
    """
    check_integers(1, latent_size=latent_size)
    doublings = _halvings(image_size, channels, filters)
    latents = layers.Input((latent_size,), name="latents")
    kernel = uniform_of((2 / (latent_size + 16 * filters)) ** 0.5)
    x = layers.Dense(16 * filters, kernel_initializer=kernel)(latents)
    x = layers.Reshape((4, 4, filters))(x)
    for _ in range(doublings):
        x = _up(x, filters)
    x = _convolution(_relu(x, normalize=True), channels, final=True)
    image = layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(latents, image, name="generator")


def build_critic(image_size=32, channels=3, filters=128):
    """Returns the critic, which normalizes nothing: `image` -> `score` (batch, 1), float32.

    Args:
        image_size: int, a power of 2 from 8 on. Defaults to 32.
        channels: int, of the image, 1 to 4. Defaults to 3.
        filters: int, of every layer. Defaults to 128.

    Raises:
        ValueError: an argument is out of its range.
    """
    halvings = _halvings(image_size, channels, filters) - 1  # down to 8 x 8 pixels
    image = layers.Input((image_size, image_size, channels), name="image")
    x = _first(image, filters)
    for number in range(1, max(1, halvings) + 2):
        x = _down(x, filters) if number < halvings else _same(x, filters)
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(x))
    x = layers.Dense(1, kernel_initializer=uniform_of((2 / (filters + 1)) ** 0.5))(x)
    score = layers.Activation("linear", dtype="float32", name="score")(x)
    return keras.Model(image, score, name="critic")


def _halvings(image_size, channels, filters):
    """Returns how often 4 x 4 pixels are doubled to the image."""
    check_integers(8, image_size=image_size)
    check_integers(1, filters=filters)
    check_choice((1, 2, 3, 4), channels=channels)
    check(not image_size & (image_size - 1), "a power of 2", image_size=image_size)
    return image_size.bit_length() - 3


def _up(x, filters):
    """A block whose first convolution sees twice the pixels, as in the code."""
    bigger = layers.UpSampling2D(2)
    y = _convolution(bigger(_relu(x, normalize=True)), filters)
    y = _convolution(_relu(y, normalize=True), filters)
    return layers.Add()([_shortcut(layers.UpSampling2D(2)(x), filters), y])


def _down(x, filters):
    y = _convolution(_relu(x), filters)
    y = layers.AveragePooling2D(2)(_convolution(_relu(y), filters))
    return layers.Add()([layers.AveragePooling2D(2)(_shortcut(x, filters)), y])


def _first(x, filters):
    """The critic's first block: nothing before its first convolution."""
    y = _convolution(x, filters)
    y = layers.AveragePooling2D(2)(_convolution(_relu(y), filters))
    return layers.Add()([_shortcut(layers.AveragePooling2D(2)(x), filters), y])


def _same(x, filters):
    y = _convolution(_relu(x), filters)
    return layers.Add()([x, _convolution(_relu(y), filters)])


def _relu(x, normalize=False):
    return layers.ReLU()(normalized(x, gamma_initializer="ones") if normalize else x)


def _shortcut(x, filters):
    deviation = (2 / (x.shape[-1] + filters)) ** 0.5
    return layers.Conv2D(filters, 1, kernel_initializer=uniform_of(deviation))(x)


def _convolution(x, filters, final=False):
    deviation = ((2 if final else 4) / (9 * (x.shape[-1] + filters))) ** 0.5
    kernel = uniform_of(deviation)
    return layers.Conv2D(filters, 3, padding="same", kernel_initializer=kernel)(x)
