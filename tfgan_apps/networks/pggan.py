"""PGGAN's networks; see `networks.growing`. StyleGAN has the discriminator, too.

Reference: Karras et al. 2018, https://arxiv.org/abs/1710.10196, table 2;
https://github.com/tkarras/progressive_growing_of_gans at 2504c3f, networks.py
"""

import keras
from keras import layers

from tfgan_apps.arguments import check, check_choice, check_integers
from tfgan_apps.growth import SMALLEST, level_of
from tfgan_apps.layers import (
    Bias,
    EqualizedConv2D,
    EqualizedDense,
    EqualizedDoublingConv2D,
    EqualizedHalvingConv2D,
    MinibatchDeviation,
    PixelNormalization,
    Resampling2D,
)
from tfgan_apps.networks.growing import discriminator_of, generator_of

GAIN = 2**0.5  # of He's initialization, for leaky ReLUs


def check_size(image_size, channels, filters_base, most_filters):
    """Raises `ValueError` unless such networks can be built; see `build_generator`."""
    check(level_of(image_size) is not None, "a power of 2, at least 4", image_size=image_size)
    check_choice((1, 2, 3, 4), channels=channels)
    check_integers(1, most_filters=most_filters)
    check_integers(image_size, filters_base=filters_base)


def widths_of(image_size, filters_base, most_filters):
    """Returns the channels of the features of each level, of 4 pixels first.

    Args:
        image_size, filters_base, most_filters: see `build_generator`.
    """
    sizes = [SMALLEST << level for level in range(level_of(image_size) + 1)]
    return [min(filters_base // size, most_filters) for size in sizes]


def build_generator(
    image_size=1024,
    channels=3,
    latent_size=512,
    filters_base=16384,
    most_filters=512,
    name="generator",
):
    """Returns the generator.

    Args:
        image_size: int, height and width, a power of 2 from 4 on. Defaults to 1024.
        channels: int, of the image. Defaults to 3.
        latent_size: int, of the noise. Defaults to 512.
        filters_base: int, channels of features times their pixels in a row, twice the authors'
            fmap_base. Defaults to 16384.
        most_filters: int, the most channels of features (fmap_max). Defaults to 512.
        name: str, of the model.

    Returns:
        Functional model: `latents` (batch, latent_size) and `level` float (batch,) -> `image`,
        float32, of any range.
    """
    widths = widths_of(image_size, filters_base, most_filters)
    parts = {"block_4": _first_block(latent_size, widths[0])}
    for level in range(1, len(widths)):
        block = _doubling_block(SMALLEST << level, *widths[level - 1 : level + 1])
        parts[block.name] = block
    parts |= views_of(widths, channels)
    inputs = {"latents": keras.Input((latent_size,), name="latents")}
    return generator_of(parts, inputs, len(widths) - 1, range(1, len(widths)), name)


def views_of(widths, channels):
    """Returns dict, name -> the layer that shows features of a level as an image.

    Args:
        widths: from `widths_of`.
        channels: int, of the image.
    """
    names = [f"to_rgb_{SMALLEST << level}" for level in range(len(widths))]
    return {name: EqualizedConv2D(channels, 1, name=name, dtype="float32") for name in names}


def build_discriminator(
    image_size=1024,
    channels=3,
    filters_base=16384,
    most_filters=512,
    group_size=16,
    blurred=False,
    name="discriminator",
):
    """Returns the discriminator.

    Args:
        image_size, channels, filters_base, most_filters, name: see `build_generator`.
        group_size: int, images whose deviation is seen together. Defaults to 16.
        blurred: bool, whether features are, before their sides are halved, as in StyleGAN. Defaults
            to False.

    Returns:
        Functional model: `image` and `level` float (batch,) -> `score` (batch, 1), float32.
    """
    widths, parts = widths_of(image_size, filters_base, most_filters), {}
    for level in range(len(widths) - 1, -1, -1):
        size = SMALLEST << level
        parts[f"from_rgb_{size}"] = _view(size, channels, widths[level])
        if level:
            block = _halving_block(size, widths[level], widths[level - 1], blurred)
            parts[block.name] = block
    after = min(filters_base // 2, most_filters)
    parts["block_4"] = _last_block(widths[0], after, group_size)
    shape = image_size, image_size, channels
    return discriminator_of(parts, shape, range(len(widths) - 1, 0, -1), name)


def _first_block(latent_size, width):
    latents = keras.Input((latent_size,), name="latents")
    x = PixelNormalization()(latents)
    x = EqualizedDense(16 * width, gain=GAIN / 4, use_bias=False, name="dense")(x)
    x = Bias(name="bias")(layers.Reshape((SMALLEST, SMALLEST, width))(x))
    x = _normalized(x)
    x = _normalized(EqualizedConv2D(width, 3, gain=GAIN, name="conv")(x))
    return keras.Model({"latents": latents}, x, name="block_4")


def _doubling_block(size, before, width):
    features = keras.Input((size // 2, size // 2, before), name="features")
    x = _normalized(EqualizedDoublingConv2D(width, gain=GAIN, name="conv0_up")(features))
    x = _normalized(EqualizedConv2D(width, 3, gain=GAIN, name="conv1")(x))
    return keras.Model({"features": features}, x, name=f"block_{size}")


def _view(size, channels, width):
    image = keras.Input((size, size, channels))
    x = leaky(EqualizedConv2D(width, 1, gain=GAIN, name="conv")(image))
    return keras.Model(image, x, name=f"from_rgb_{size}")


def _halving_block(size, width, after, blurred):
    features = keras.Input((size, size, width))
    x = leaky(EqualizedConv2D(width, 3, gain=GAIN, name="conv0")(features))
    x = Resampling2D((1, 2, 1), name="blur")(x) if blurred else x
    x = leaky(EqualizedHalvingConv2D(after, gain=GAIN, name="conv1_down")(x))
    return keras.Model(features, x, name=f"block_{size}")


def _last_block(width, after, group_size):
    features = keras.Input((SMALLEST, SMALLEST, width))
    x = MinibatchDeviation(group_size)(features)
    x = leaky(EqualizedConv2D(width, 3, gain=GAIN, name="conv")(x))
    x = leaky(EqualizedDense(after, gain=GAIN, name="dense0")(layers.Flatten()(x)))
    score = EqualizedDense(1, name="dense1", dtype="float32")(x)
    return keras.Model(features, score, name="block_4")


def leaky(x):
    """Returns what a leaky ReLU leaves of features."""
    return layers.LeakyReLU(0.2)(x)


def _normalized(x):
    return PixelNormalization()(leaky(x))
