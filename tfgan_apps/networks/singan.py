"""SinGAN's networks of one scale, which see 11 x 11 pixels each as the authors have them.

Reference: Shaham et al. 2019, https://arxiv.org/abs/1905.01164, section 2;
https://github.com/tamarott/SinGAN at 38fd0ad, SinGAN/models.py
"""

import keras
from keras import layers

from tfgan_apps.arguments import check_integers
from tfgan_apps.initializers import normal_002, uniform_of
from tfgan_apps.networks.dcgan import normalized


def build_generator(filters=32, network_layers=5, name="generator"):
    """Returns the generator of a scale, which adds details to a coarser image.

    Args:
        filters: int >= 1, of each layer but the last. Defaults to 32.
        network_layers: int >= 1, convolutions of 3 x 3 without padding, which take as many pixels
            from each side. Defaults to 5.
        name: str, of the model.

    Returns:
        Functional model: `coarse` (batch, height, width, 3) in [-1, 1] and `noise` (batch, height +
        2 * network_layers, width + 2 * network_layers, 3), its amplitude in it -> `image`, as
        `coarse`, float32.

    Raises:
        ValueError: an argument is out of its range.
    """
    coarse = layers.Input((None, None, 3), name="coarse")
    noise = layers.Input((None, None, 3), name="noise")
    x = layers.Add()([layers.ZeroPadding2D(network_layers)(coarse), noise])
    x = _convolved(x, filters, network_layers, 3)
    details = layers.Activation("tanh", dtype="float32", name="details")(x)
    image = layers.Add(dtype="float32", name="image")([details, coarse])
    return keras.Model({"coarse": coarse, "noise": noise}, image, name=name)


def build_discriminator(filters=32, network_layers=5, name="discriminator"):
    """Returns the critic of a scale: a score for each patch, of 11 x 11 pixels with 5 layers.

    Args:
        filters, network_layers, name: as for `build_generator`.

    Returns:
        Functional model: `image` (batch, height, width, 3) in [-1, 1] -> `score` (batch, height -
        2 * network_layers, width - 2 * network_layers, 1), float32.

    Raises:
        ValueError: an argument is out of its range.
    """
    image = layers.Input((None, None, 3), name="image")
    score = layers.Activation("linear", dtype="float32", name="score")
    return keras.Model(image, score(_convolved(image, filters, network_layers, 1)), name=name)


def _convolved(x, filters, network_layers, channels):
    check_integers(1, filters=filters, network_layers=network_layers)
    for _ in range(network_layers - 1):
        x = layers.LeakyReLU(negative_slope=0.2)(normalized(_convolution(x, filters)))
    return _convolution(x, channels)


def _convolution(x, filters):
    bias = uniform_of((27 * x.shape[-1]) ** -0.5)  # PyTorch's: within 1 / sqrt(fan_in)
    return layers.Conv2D(filters, 3, kernel_initializer=normal_002(), bias_initializer=bias)(x)
