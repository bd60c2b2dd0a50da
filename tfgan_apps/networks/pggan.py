"""PGGAN's networks: each level of pixels has blocks, an image and a view of its own.

Both networks are told how far they have grown, their `level`: a whole number n is that of
4 * 2 ** n pixels, between two of them the larger one comes in. `generator_at` and
`discriminator_at` cut out what a level needs.

Reference: Karras et al. 2018, https://arxiv.org/abs/1710.10196, table 2;
https://github.com/tkarras/progressive_growing_of_gans at 2504c3f, networks.py
"""

import keras
from keras import layers, ops

from tfgan_apps.arguments import check, check_choice, check_integers
from tfgan_apps.growth import SMALLEST, level_of
from tfgan_apps.layers import (
    Bias,
    Blend,
    EqualizedConv2D,
    EqualizedDense,
    EqualizedDoublingConv2D,
    EqualizedHalvingConv2D,
    MinibatchDeviation,
    PixelNormalization,
)

_GAIN = 2**0.5  # of He's initialization, for leaky ReLUs


def check_size(image_size, channels, filters_base, most_filters):
    """Raises `ValueError` unless such networks can be built; see `build_generator`."""
    check(level_of(image_size) is not None, "a power of 2, at least 4", image_size=image_size)
    check_choice((1, 2, 3, 4), channels=channels)
    check_integers(1, most_filters=most_filters)
    check_integers(image_size, filters_base=filters_base)


def width_of(level, filters_base, most_filters):
    """Returns the channels of features of a level.

    Args:
        level: int, from -1 on, what is left of an image when it has no pixels.
        filters_base, most_filters: see `build_generator`.
    """
    return min(int(filters_base / (SMALLEST * 2.0**level)), most_filters)


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
    last = level_of(image_size)
    widths = [width_of(level, filters_base, most_filters) for level in range(last + 1)]
    parts = {"block_4": _first_block(latent_size, widths[0])}
    for level, (before, width) in enumerate(zip(widths, widths[1:], strict=False), 1):
        block = _doubling_block(SMALLEST << level, before, width)
        parts[block.name] = block
    for size in (SMALLEST << level for level in range(last + 1)):
        parts[f"to_rgb_{size}"] = EqualizedConv2D(
            channels, 1, name=f"to_rgb_{size}", dtype="float32"
        )
    return _generator_of(parts, last, range(1, last + 1), name)


def build_discriminator(
    image_size=1024,
    channels=3,
    filters_base=16384,
    most_filters=512,
    group_size=16,
    name="discriminator",
):
    """Returns the discriminator.

    Args:
        image_size, channels, filters_base, most_filters, name: see `build_generator`.
        group_size: int, images whose deviation is seen together. Defaults to 16.

    Returns:
        Functional model: `image` and `level` float (batch,) -> `score` (batch, 1), float32.
    """
    last = level_of(image_size)
    widths = [width_of(level, filters_base, most_filters) for level in range(-1, last + 1)]
    parts = {}
    for level in range(last, -1, -1):
        size, width = SMALLEST << level, widths[level + 1]
        parts[f"from_rgb_{size}"] = _view(size, channels, width)
        if level:
            parts[f"block_{size}"] = _halving_block(size, width, widths[level])
    parts["block_4"] = _last_block(*widths[1::-1], group_size)
    return _discriminator_of(parts, (image_size, image_size, channels), range(last, 0, -1), name)


def generator_at(generator, size, fading):
    """Returns the generator of a level, whose image has no more pixels; it shares all layers.

    Args:
        generator: of `build_generator`.
        size: int, height and width in pixels.
        fading: bool, whether the level comes in; else its `level` is ignored.
    """
    parts, level = _parts(generator), level_of(size)
    blends = [level] if fading else []
    return _generator_of(parts, level, blends, f"{generator.name}_{size}")


def discriminator_at(discriminator, size, fading):
    """Returns the discriminator of a level, for images of its pixels; it shares all layers.

    Args:
        discriminator: of `build_discriminator`.
        size, fading: see `generator_at`.
    """
    parts, level = _parts(discriminator), level_of(size)
    shape = size, size, discriminator.input["image"].shape[-1]
    blends = [level] if fading else []
    return _discriminator_of(parts, shape, blends, f"{discriminator.name}_{size}")


def build_served(generator, level):
    """Returns the generator as it is when it has grown so far: `latents` -> `image` of full size.

    Args:
        generator: of `build_generator`.
        level: float.
    """
    latents = keras.Input(generator.input["latents"].shape[1:], name="latents")
    whole = float(level).is_integer()
    size = SMALLEST << -int(-level // 1)
    grown = generator_at(generator, size, not whole)
    image = grown({"latents": latents, "level": ops.full_like(latents[:, 0], level)})
    enlarged = generator.output.shape[1] // size
    image = layers.UpSampling2D(enlarged)(image) if enlarged > 1 else image
    return keras.Model({"latents": latents}, image, name=f"{generator.name}_served")


def _generator_of(parts, last, blends, name):
    """Returns the generator up to a level of blocks; at some levels the new image blends in."""
    latents = keras.Input(parts["block_4"].input.shape[1:], name="latents")
    level = keras.Input((), name="level")
    x, image = parts["block_4"](latents), None
    shown = {last, *blends, *(number - 1 for number in blends)}
    for number in range(last + 1):
        size = SMALLEST << number
        x = parts[f"block_{size}"](x) if number else x
        old = layers.UpSampling2D(2)(image) if number in blends else None
        image = parts[f"to_rgb_{size}"](x) if number in shown else None
        if number in blends:
            image = Blend(number, name=f"blend_{size}")(image, old, level)
    image = layers.Identity(name="image", dtype="float32")(image)
    return keras.Model({"latents": latents, "level": level}, image, name=name)


def _discriminator_of(parts, shape, blends, name):
    """Returns the discriminator of a shape of images; at some levels a smaller one blends in."""
    image = keras.Input(shape, name="image")
    level = keras.Input((), name="level")
    x, seen = parts[f"from_rgb_{shape[0]}"](image), image
    for number in range(level_of(shape[0]), 0, -1):
        size = SMALLEST << number
        x = parts[f"block_{size}"](x)
        if number in blends:
            seen = layers.AveragePooling2D(2)(seen)
            old = parts[f"from_rgb_{size // 2}"](seen)
            x = Blend(number, name=f"blend_{size}")(x, old, level)
    score = parts["block_4"](x)
    score = layers.Identity(name="score", dtype="float32")(score)
    return keras.Model({"image": image, "level": level}, score, name=name)


def _parts(network):
    """Returns dict, name -> the blocks of a network, and what sees or shows an image."""
    return {layer.name: layer for layer in network.layers}


def _first_block(latent_size, width):
    latents = keras.Input((latent_size,))
    x = PixelNormalization()(latents)
    x = EqualizedDense(16 * width, gain=_GAIN / 4, use_bias=False, name="dense")(x)
    x = Bias(name="bias")(layers.Reshape((SMALLEST, SMALLEST, width))(x))
    x = _normalized(x)
    x = _normalized(EqualizedConv2D(width, 3, gain=_GAIN, name="conv")(x))
    return keras.Model(latents, x, name="block_4")


def _doubling_block(size, before, width):
    features = keras.Input((size // 2, size // 2, before))
    x = _normalized(EqualizedDoublingConv2D(width, gain=_GAIN, name="conv0_up")(features))
    x = _normalized(EqualizedConv2D(width, 3, gain=_GAIN, name="conv1")(x))
    return keras.Model(features, x, name=f"block_{size}")


def _view(size, channels, width):
    image = keras.Input((size, size, channels))
    x = _leaky(EqualizedConv2D(width, 1, gain=_GAIN, name="conv")(image))
    return keras.Model(image, x, name=f"from_rgb_{size}")


def _halving_block(size, width, after):
    features = keras.Input((size, size, width))
    x = _leaky(EqualizedConv2D(width, 3, gain=_GAIN, name="conv0")(features))
    x = _leaky(EqualizedHalvingConv2D(after, gain=_GAIN, name="conv1_down")(x))
    return keras.Model(features, x, name=f"block_{size}")


def _last_block(width, after, group_size):
    features = keras.Input((SMALLEST, SMALLEST, width))
    x = MinibatchDeviation(group_size)(features)
    x = _leaky(EqualizedConv2D(width, 3, gain=_GAIN, name="conv")(x))
    x = _leaky(EqualizedDense(after, gain=_GAIN, name="dense0")(layers.Flatten()(x)))
    score = EqualizedDense(1, name="dense1", dtype="float32")(x)
    return keras.Model(features, score, name="block_4")


def _normalized(x):
    return PixelNormalization()(_leaky(x))


def _leaky(x):
    return layers.LeakyReLU(0.2)(x)
