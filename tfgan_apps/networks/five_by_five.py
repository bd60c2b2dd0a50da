"""Few convolutions of 5 x 5, each halving or doubling the pixels: a generator and a critic.

Reference: Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028;
https://github.com/igul222/improved_wgan_training, gan_mnist.py and gan_cifar.py
"""

import keras
from keras import layers

from tfgan_apps.arguments import check_choice, check_integers
from tfgan_apps.initializers import uniform_of
from tfgan_apps.networks.dcgan import normalized
from tfgan_apps.networks.unit_interval import image_of_sigmoid, pixels_of


def build_generator(image_size=28, channels=1, latent_size=128, filters=64, normalize=False):
    """Returns the generator: `latents` (batch, latent_size) -> `image` in [-1, 1], float32.

    Args:
        image_size: int, 28 or 32. Defaults to 28.
        channels, latent_size: int, of the image and the noise. Default to 1 and 128.
        filters: int, of the layer before the last. Defaults to 64.
        normalize: bool, batches, and end with tanh, as for CIFAR-10; else with a sigmoid, as for
            MNIST. Defaults to False.

    Raises:
        ValueError: an argument is out of its range.
    """
    _check(image_size, channels, filters)
    check_integers(1, latent_size=latent_size)
    norm = _batch_normalized if normalize else lambda x: x
    latents = layers.Input((latent_size,), name="latents")
    kernel = uniform_of((2 / (latent_size + 64 * filters)) ** 0.5)
    x = layers.Dense(64 * filters, kernel_initializer=kernel)(latents)
    x = layers.Reshape((4, 4, 4 * filters))(layers.ReLU()(norm(x)))
    x = layers.ReLU()(norm(_transposed(x, 2 * filters)))
    if image_size == 28:
        x = layers.Cropping2D(((0, 1), (0, 1)))(x)
    x = _transposed(layers.ReLU()(norm(_transposed(x, filters))), channels)
    tanh = layers.Activation("tanh", dtype="float32", name="image")
    return keras.Model(latents, tanh(x) if normalize else image_of_sigmoid(x), name="generator")


def build_critic(image_size=28, channels=1, filters=64, unit_interval=True):
    """Returns the critic, which normalizes nothing: `image` -> `score` (batch, 1), float32.

    Args:
        image_size, channels: int, of the image, as those of `build_generator`.
        filters: int, of the first layer. Defaults to 64.
        unit_interval: bool, see pixels in [0, 1], as for MNIST, not in [-1, 1], as for CIFAR-10.
            Defaults to True.

    Raises:
        ValueError: an argument is out of its range.
    """
    _check(image_size, channels, filters)
    image = layers.Input((image_size, image_size, channels), name="image")
    x = pixels_of(image) if unit_interval else image
    for width in (filters, 2 * filters, 4 * filters):
        kernel = uniform_of((4 / (25 * x.shape[-1] + 25 * width / 4)) ** 0.5)
        x = layers.Conv2D(width, 5, 2, "same", kernel_initializer=kernel)(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Dense(1, kernel_initializer="glorot_uniform")(layers.Flatten()(x))
    score = layers.Activation("linear", dtype="float32", name="score")(x)
    return keras.Model(image, score, name="critic")


def _check(image_size, channels, filters):
    check_choice((28, 32), image_size=image_size)
    check_choice((1, 2, 3, 4), channels=channels)
    check_integers(1, filters=filters)


def _batch_normalized(x):
    return normalized(x, gamma_initializer="ones")


def _transposed(x, filters):
    kernel = uniform_of((4 / (25 * x.shape[-1] / 4 + 25 * filters)) ** 0.5)
    return layers.Conv2DTranspose(filters, 5, 2, "same", kernel_initializer=kernel)(x)
