"""Residual networks of 2017's GANs: of blocks all as wide, and of such that widen to 8 times.

Reference: Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, appendices F and C;
https://github.com/igul222/improved_wgan_training, gan_cifar_resnet.py, and gan_64x64.py, whose
GoodGenerator and GoodDiscriminator are the widening ones.
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
    x = _convolution(_relu(x, _batch_normalized), channels, final=True)
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


def build_widening_generator(image_size=64, channels=3, latent_size=128, filters=64):
    """Returns the generator that is widest at 4 x 4 pixels; it halves its width with each block.

    Args:
        image_size, channels, latent_size: see `build_generator`. Default to 64, 3 and 128.
        filters: int, of the last block. Defaults to 64.

    Returns:
        Functional model: `latents` (batch, latent_size) -> `image` in [-1, 1], float32.

    Raises:
        ValueError: an argument is out of its range.
    """
    check_integers(1, latent_size=latent_size)
    widths = [filters * 2**n for n in reversed(range(_halvings(image_size, channels, filters)))]
    latents = layers.Input((latent_size,), name="latents")
    kernel = uniform_of((2 / (latent_size + 16 * widths[0])) ** 0.5)
    x = layers.Dense(16 * widths[0], kernel_initializer=kernel)(latents)
    x = layers.Reshape((4, 4, widths[0]))(x)
    for width in widths:
        x = _up(x, width, use_bias=False)
    x = _convolution(_relu(x, _batch_normalized), channels)
    image = layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(latents, image, name="generator")


def build_widening_critic(image_size=64, channels=3, filters=64):
    """Returns the critic that halves the image to 4 x 4 pixels; it normalizes each image alone.

    Args:
        image_size, channels: see `build_critic`. Default to 64 and 3.
        filters: int, of the first convolution. Defaults to 64.

    Returns:
        Functional model: `image` -> `score` (batch, 1), float32.

    Raises:
        ValueError: an argument is out of its range.
    """
    halvings = _halvings(image_size, channels, filters)
    image = layers.Input((image_size, image_size, channels), name="image")
    x = _convolution(image, filters, final=True)
    for number in range(1, halvings + 1):
        x = _widening_down(x, filters * 2 ** min(number, halvings - 1))
    x = layers.Flatten()(x)
    x = layers.Dense(1, kernel_initializer=uniform_of((2 / (x.shape[-1] + 1)) ** 0.5))(x)
    score = layers.Activation("linear", dtype="float32", name="score")(x)
    return keras.Model(image, score, name="critic")


def _halvings(image_size, channels, filters):
    """Returns how often 4 x 4 pixels are doubled to the image."""
    check_integers(8, image_size=image_size)
    check_integers(1, filters=filters)
    check_choice((1, 2, 3, 4), channels=channels)
    check(not image_size & (image_size - 1), "a power of 2", image_size=image_size)
    return image_size.bit_length() - 3


def _up(x, filters, use_bias=True):
    """A block whose first convolution sees twice the pixels, as in the code."""
    bigger = layers.UpSampling2D(2)
    y = _convolution(bigger(_relu(x, _batch_normalized)), filters, use_bias=use_bias)
    y = _convolution(_relu(y, _batch_normalized), filters)
    return layers.Add()([_shortcut(layers.UpSampling2D(2)(x), filters), y])


def _down(x, filters):
    y = _convolution(_relu(x), filters)
    y = layers.AveragePooling2D(2)(_convolution(_relu(y), filters))
    return layers.Add()([layers.AveragePooling2D(2)(_shortcut(x, filters)), y])


def _widening_down(x, filters):
    """A block whose second convolution widens; it goes past it after the pooling."""
    y = _convolution(_relu(x, _layer_normalized), x.shape[-1], use_bias=False)
    y = layers.AveragePooling2D(2)(_convolution(_relu(y, _layer_normalized), filters))
    return layers.Add()([_shortcut(layers.AveragePooling2D(2)(x), filters), y])


def _first(x, filters):
    """The critic's first block: nothing before its first convolution."""
    y = _convolution(x, filters)
    y = layers.AveragePooling2D(2)(_convolution(_relu(y), filters))
    return layers.Add()([_shortcut(layers.AveragePooling2D(2)(x), filters), y])


def _same(x, filters):
    y = _convolution(_relu(x), filters)
    return layers.Add()([x, _convolution(_relu(y), filters)])


def _relu(x, normalize=None):
    return layers.ReLU()(normalize(x) if normalize else x)


def _batch_normalized(x):
    return normalized(x, gamma_initializer="ones")


def _layer_normalized(x):
    """One group of all channels: means over height, width and channels, a scale per channel."""
    return layers.GroupNormalization(1, epsilon=1e-5)(x)


def _shortcut(x, filters):
    deviation = (2 / (x.shape[-1] + filters)) ** 0.5
    return layers.Conv2D(filters, 1, kernel_initializer=uniform_of(deviation))(x)


def _convolution(x, filters, final=False, use_bias=True):
    deviation = ((2 if final else 4) / (9 * (x.shape[-1] + filters))) ** 0.5
    options = {"use_bias": use_bias, "kernel_initializer": uniform_of(deviation)}
    return layers.Conv2D(filters, 3, padding="same", **options)(x)
