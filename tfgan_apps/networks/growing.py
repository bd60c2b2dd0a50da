"""Networks that grow: each level of pixels has a block, and an image or a view of its own.

They are told how far they have grown, their `level`: a whole number n is that of 4 * 2 ** n pixels,
between two of them the larger one comes in. What `generator_at` and `discriminator_at` cut out of
them computes what a level needs, no more.

Reference: Karras et al. 2018 (PGGAN), https://arxiv.org/abs/1710.10196, figure 2
"""

import keras
from keras import layers

from tfgan_apps.growth import SMALLEST, level_of
from tfgan_apps.layers import Blend


def generator_of(parts, inputs, last, blends, name):
    """Returns a generator.

    Args:
        parts: dict of functional models: `block_<n>` of each size n, whose inputs are `features`
            (but of the first) and what it needs of `inputs`, and `to_rgb_<n>`.
        inputs: dict, name -> `keras.Input`.
        last: int, the level of the images.
        blends: iterable of int, levels whose images may come in.
        name: str, of the model.

    Returns:
        Functional model: `inputs` and `level` float (batch,) -> `image`, float32.
    """
    level, image, known = keras.Input((), name="level"), None, dict(inputs)
    shown = {last, *blends, *(number - 1 for number in blends)}
    for number in range(last + 1):
        size = SMALLEST << number
        block = parts[f"block_{size}"]
        known["features"] = block({key: known[key] for key in block.input})
        old = layers.UpSampling2D(2)(image) if number in blends else None
        image = parts[f"to_rgb_{size}"](known["features"]) if number in shown else None
        if number in blends:
            image = Blend(number, name=f"blend_{size}")(image, old, level)
    image = layers.Identity(name="image", dtype="float32")(image)
    return keras.Model({**inputs, "level": level}, image, name=name)


def discriminator_of(parts, shape, blends, name):
    """Returns a discriminator.

    Args:
        parts: dict of functional models: `from_rgb_<n>`, `block_<n>` of each size n, which halves
            it, and `block_4`, which gives the score.
        shape: (height, width, channels) of its images.
        blends: iterable of int, levels that may come in.
        name: str, of the model.

    Returns:
        Functional model: `image` and `level` float (batch,) -> `score`, float32.
    """
    seen = image = keras.Input(shape, name="image")
    level = keras.Input((), name="level")
    x = parts[f"from_rgb_{shape[0]}"](image)
    for number in range(level_of(shape[0]), 0, -1):
        size = SMALLEST << number
        x = parts[f"block_{size}"](x)
        if number in blends:
            seen = layers.AveragePooling2D(2)(seen)
            old = parts[f"from_rgb_{size // 2}"](seen)
            x = Blend(number, name=f"blend_{size}")(x, old, level)
    score = layers.Identity(name="score", dtype="float32")(parts["block_4"](x))
    return keras.Model({"image": image, "level": level}, score, name=name)


def generator_at(generator, size, fading):
    """Returns the generator of a level, whose image has no more pixels; it shares all layers.

    Args:
        generator: of `generator_of`.
        size: int, height and width in pixels.
        fading: bool, whether the level comes in; else its `level` is ignored.
    """
    level = level_of(size)
    given = {key: x for key, x in generator.input.items() if key != "level"}
    inputs = {key: keras.Input(x.shape[1:], name=key) for key, x in given.items()}
    blends = [level] if fading else []
    return generator_of(_parts(generator), inputs, level, blends, f"{generator.name}_{size}")


def discriminator_at(discriminator, size, fading):
    """Returns the discriminator of a level, for images of its pixels; it shares all layers.

    Args:
        discriminator: of `discriminator_of`.
        size, fading: see `generator_at`.
    """
    shape = size, size, discriminator.input["image"].shape[-1]
    blends = [level_of(size)] if fading else []
    return discriminator_of(_parts(discriminator), shape, blends, f"{discriminator.name}_{size}")


def build_served(generator, progress):
    """Returns the generator as far as it has grown, whenever it is asked, its images of full size.

    Args:
        generator: of `generator_of`.
        progress: `growth.Progress`.

    Returns:
        Functional model of its inputs but `level`.
    """
    given = {key: x for key, x in generator.input.items() if key != "level"}
    inputs = {key: keras.Input(x.shape[1:], name=key) for key, x in given.items()}
    level = progress(next(iter(inputs.values())))
    image = generator({**inputs, "level": level})
    return keras.Model(inputs, image, name=f"{generator.name}_served")


def _parts(network):
    """Returns dict, name -> the blocks of a network, and what sees or shows an image."""
    return {layer.name: layer for layer in network.layers}
