"""SAGAN's generator and discriminator: residual, of spectral norm, with attention at one size.

Layers with weights have the names of the modules of BigGAN-PyTorch, which has SAGAN too, "_" in
place of ".".

Reference: Zhang, Goodfellow, Metaxas, Odena 2019, https://arxiv.org/abs/1805.08318;
https://github.com/brain-research/self-attention-gan at ad9612e, generator.py, discriminator.py
"""

import functools

import keras
from keras import layers

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.layers import SpectralDense
from tfgan_apps.networks import spectral_resnet as resnet

UP = (16, 16, 8, 4, 2, 1)
"""Filters of the generator at 4, 8, ... 128 pixels, as parts of those of its last block."""


def widths_of(image_size, filters):
    """Returns filters at 4 pixels, 8 and so on, up to an image's size.

    Args:
        image_size: int, a power of 2 from 8 on.
        filters: int, at the size of the image.

    Raises:
        ValueError: the size is no such power.
    """
    check_integers(8, image_size=image_size)
    check(not image_size & (image_size - 1), "a power of 2", image_size=image_size)
    blocks = image_size.bit_length() - 3
    parts = (min(UP[0], 2 ** (blocks - number)) for number in range(1, blocks + 1))
    widths = [filters * part for part in parts]
    return [min(2 * widths[0], UP[0] * filters), *widths]


def build_generator(widths, channels, classes, latent_size, attention, decay=0.999, first_size=4):
    """Returns the generator.

    Args:
        widths: sequence of int, filters of what the noise becomes, and of each block.
        channels: int, of the images.
        classes: int.
        latent_size: int.
        attention: int, height and width of the features that have attention; 0: none.
        decay: float, of the moving averages of normalization; the last one's is ten times nearer to
            1. Defaults to 0.999.
        first_size: int, height and width of what the noise becomes. Defaults to 4.

    Returns:
        Functional model: `latents`, `label` -> `image`, float32.

    Raises:
        ValueError: no block gives features of the size of attention.
    """
    check_attention(attention, [first_size * 2**n for n in range(1, len(widths))])
    glorot = keras.initializers.GlorotUniform
    latents = layers.Input((latent_size,), name="latents")
    label = layers.Input((), dtype="int32", name="label")
    x = SpectralDense(first_size**2 * widths[0], kernel_initializer=glorot(), name="linear")
    x = layers.Reshape((first_size, first_size, widths[0]))(x(latents))
    normalized = functools.partial(_normalized, label=label, classes=classes, decay=decay)
    for number, filters in enumerate(widths[1:]):
        x = resnet.up_block(x, filters, normalized, glorot, f"blocks_{number}_0")
        if x.shape[1] == attention:
            x = resnet.self_attention(x, glorot, f"blocks_{number}_1")
    numbers = {"momentum": 0.9 + 0.1 * decay, "epsilon": 1e-5, "synchronized": True}
    x = resnet.rectified(layers.BatchNormalization(**numbers, name="output_layer_0")(x))
    x = resnet.convolution(channels, 3, glorot, "output_layer_2")(x)
    image = layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model({"latents": latents, "label": label}, image, name="generator")


def _normalized(x, name, label, classes, decay):
    """Returns features normalized, times the gain of a class and plus its offset."""
    numbers = {"momentum": decay, "epsilon": 1e-5, "synchronized": True}
    x = layers.BatchNormalization(center=False, scale=False, **numbers, name=name)(x)
    filters = x.shape[-1]

    def of_class(start, part):
        table = layers.Embedding(classes, filters, start, name=f"{name}_{part}")
        return layers.Reshape((1, 1, filters))(table(label))

    return layers.Add()(
        [layers.Multiply()([x, of_class("ones", "gain")]), of_class("zeros", "bias")]
    )


def build_discriminator(widths, image_size, channels, classes, attention):
    """Returns the discriminator.

    Args:
        widths: sequence of int, filters of each block; all but the last one halve the sides.
        image_size, channels, classes: int.
        attention: as for `build_generator`.

    Returns:
        Functional model: `image`, `label` -> `logits` (batch, 1), float32.

    Raises:
        ValueError: no block gives features of the size of attention.
    """
    check_attention(attention, [image_size >> n for n in range(1, len(widths))])
    glorot = keras.initializers.GlorotUniform
    image = layers.Input((image_size, image_size, channels), name="image")
    label = layers.Input((), dtype="int32", name="label")
    x = image
    for number, filters in enumerate(widths):
        name, last = f"blocks_{number}_0", number == len(widths) - 1
        if number:
            x = resnet.down_block(x, filters, glorot, name, down=not last)
        else:
            x = resnet.first_block(x, filters, glorot, name)
        if x.shape[1] == attention and not last:
            x = resnet.self_attention(x, glorot, f"blocks_{number}_1")
    logits = resnet.projected(x, label, classes, glorot)
    return keras.Model({"image": image, "label": label}, logits, name="discriminator")


def check_attention(attention, sizes):
    """Checks that attention has features to see.

    Args:
        attention: int, their height and width, or 0.
        sizes: list of int, those that there are.

    Raises:
        ValueError: there are none of that size.
    """
    known = [size for size in sizes if size > 1]
    check(attention in (0, *known), f"0 or one of {known}", attention=attention)
