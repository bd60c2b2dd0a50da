"""DiscoGAN's generators, with or without a bottleneck, and its discriminator.

Reference: Kim et al. 2017, https://arxiv.org/abs/1703.05192;
https://github.com/SKTBrain/DiscoGAN at f044178, model.py
"""

import keras
from keras import layers

from tfgan_apps.initializers import default_of_pytorch
from tfgan_apps.networks.dcgan import normalized
from tfgan_apps.networks.unit_interval import image_of_sigmoid, pixels_of


def build_generator(
    channels=3, filters=64, bottleneck=0, image_size=64, name="generator", levels=4
):
    """Returns the generator: layers that halve the sides, and as many that double them.

    Args:
        channels: int, of the input and the output. Defaults to 3.
        filters: int, of the first layer; they double with each. Defaults to 64.
        bottleneck: int, width of a layer of one pixel between, as for pairs of angles (100); 0:
            none. Defaults to 0.
        image_size: int, of images where there is a bottleneck; else they may have any multiple of
            16. Defaults to 64.
        name: str, of the model.
        levels: int, layers that halve the sides. Defaults to the authors' 4.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1] -> `translated`, the
        same shape and range, float32.
    """
    side = image_size if bottleneck else None
    image = layers.Input((side, side, channels), name="image")
    widths = [filters * 2**level for level in range(levels)]
    x = _leaky(_convolution(widths[0])(pixels_of(image)))
    for width in widths[1:]:
        x = _leaky(_normalized(_convolution(width)(x)))
    if bottleneck:
        inner = image_size >> levels
        x = _leaky(_normalized(_convolution(bottleneck, inner, 1, "valid")(x)))
        x = _relu(_transposed(widths[-1], inner, 1, "valid")(x))
    for width in widths[-2::-1]:
        x = _relu(_transposed(width)(x))
    translated = image_of_sigmoid(_transposed(channels)(x), "translated")
    return keras.Model(image, translated, name=name)


def build_discriminator(image_size=64, channels=3, filters=64, name="discriminator", levels=4):
    """Returns the discriminator, which shows what its hidden layers see.

    Args:
        image_size: int, a multiple of 16. Defaults to 64.
        channels: int, of the image. Defaults to 3.
        filters: int, of the first layer. Defaults to 64.
        name: str, of the model.
        levels: int, layers that halve the sides. Defaults to the authors' 4.

    Returns:
        Functional model: `image` -> dict of `logits` (batch, 1), float32, and `features_1` to
        `features_3`, or `features_<levels - 1>`, of the layers behind the first.
    """
    image = layers.Input((image_size, image_size, channels), name="image")
    x = _leaky(_convolution(filters)(pixels_of(image)))
    outputs = {}
    for level in range(1, levels):
        x = _leaky(_normalized(_convolution(filters * 2**level)(x)))
        outputs[f"features_{level}"] = x
    x = layers.Flatten()(_convolution(1, image_size >> levels, 1, "valid")(x))
    outputs["logits"] = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model(image, outputs, name=name)


def _convolution(filters, size=4, strides=2, padding="same"):
    options = {"use_bias": False, "kernel_initializer": default_of_pytorch()}
    return layers.Conv2D(filters, size, strides, padding, **options)


def _transposed(filters, size=4, strides=2, padding="same"):
    # PyTorch counted fan_in over a transposed convolution's inputs in 2017.
    kernel = keras.initializers.VarianceScaling(1 / 3, "fan_out", "uniform")
    options = {"use_bias": False, "kernel_initializer": kernel}
    return layers.Conv2DTranspose(filters, size, strides, padding, **options)


def _normalized(x):
    return normalized(x, gamma_initializer=keras.initializers.RandomUniform(0.0, 1.0))


def _leaky(x):
    return layers.LeakyReLU(negative_slope=0.2)(x)


def _relu(x):
    return layers.ReLU()(_normalized(x))
