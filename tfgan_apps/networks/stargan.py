"""StarGAN's networks: a generator that sees its label at every pixel, and a judge with two heads.

Reference: Choi et al. 2018, https://arxiv.org/abs/1711.09020;
https://github.com/yunjey/stargan at 94dd002, model.py
"""

import keras
from keras import layers, ops

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.initializers import default_of_pytorch, uniform_of
from tfgan_apps.layers import InstanceNormalization, OneHot


def build_generator(channels=3, classes=5, exclusive=False, filters=64, residual_blocks=6):
    """Returns the generator: two layers that halve the sides, residual blocks, two that double.

    Zeros lie beyond every border: mirrored pixels would make what the label adds the same
    everywhere, and instance normalization takes that away.

    Args:
        channels: int, of the image. Defaults to 3.
        classes: int, domains or attributes. Defaults to 5.
        exclusive: bool, see `StarGAN`. Defaults to False.
        filters: int, of the first layer (the authors' g_conv_dim). Defaults to 64.
        residual_blocks: int (g_repeat_num). Defaults to 6.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1], height and width
        multiples of 4, and `label` int (batch,) or (batch, classes) -> `translated`, as `image`,
        float32.
    """
    check_integers(1, filters=filters)
    check_integers(0, residual_blocks=residual_blocks)
    image = layers.Input((None, None, channels), name="image")
    label = layers.Input(() if exclusive else (classes,), dtype="int32", name="label")
    vector = OneHot(classes)(label) if exclusive else ops.cast(label, "float32")
    everywhere = ops.zeros_like(image[..., :1]) + layers.Reshape((1, 1, classes))(vector)
    x = layers.Concatenate()([image, everywhere])
    x = _activated(_convolution(filters, 7, 1)(x))
    for width in (2 * filters, 4 * filters):
        x = _activated(_convolution(width)(x))
    for _ in range(residual_blocks):
        y = _activated(_convolution(4 * filters, 3, 1)(x))
        x = layers.Add()([x, _normalized(_convolution(4 * filters, 3, 1)(y))])
    for width in (2 * filters, filters):
        x = _activated(_convolution(width, kind=layers.Conv2DTranspose)(x))
    x = _convolution(channels, 7, 1)(x)
    translated = layers.Activation("tanh", dtype="float32", name="translated")(x)
    return keras.Model({"image": image, "label": label}, translated, name="generator")


def build_discriminator(image_size=128, channels=3, classes=5, filters=64, hidden_layers=6):
    """Returns the discriminator: layers that halve the sides, then patches and domains.

    Args:
        image_size: int, a multiple of 2**hidden_layers. Defaults to 128.
        channels: int, of the image. Defaults to 3.
        classes: int, domains or attributes. Defaults to 5.
        filters: int, of the first layer, doubled by each (d_conv_dim). Defaults to 64.
        hidden_layers: int (d_repeat_num). Defaults to 6.

    Returns:
        Functional model: `image` -> dict of `source` (batch, side, side, 1), a score of each patch,
        side being image_size / 2**hidden_layers, and `class` (batch, classes), logits; float32.
    """
    check_integers(1, filters=filters, hidden_layers=hidden_layers)
    multiple = 2**hidden_layers
    fits = image_size % multiple == 0
    check(fits, f"a multiple of {multiple}, 2**discriminator_layers", image_size=image_size)
    image = x = layers.Input((image_size, image_size, channels), name="image")
    for level in range(hidden_layers):
        # PyTorch's bias has its kernel's bounds, 1 / sqrt(fan_in).
        bias = uniform_of((3 * 4 * 4 * x.shape[-1]) ** -0.5)
        x = _convolution(filters * 2**level, use_bias=True, bias_initializer=bias)(x)
        x = layers.LeakyReLU(negative_slope=0.01)(x)
    source = _convolution(1, 3, 1)(x)
    of_domains = _convolution(classes, image_size // multiple, 1, padding="valid")(x)
    outputs = {"source": source, "class": layers.Flatten()(of_domains)}
    float32 = {
        name: layers.Activation("linear", dtype="float32", name=name)(logits)
        for name, logits in outputs.items()
    }
    return keras.Model(image, float32, name="discriminator")


def _activated(x):
    return layers.ReLU()(_normalized(x))


def _normalized(x):
    return InstanceNormalization(center=True, scale=True)(x)


def _convolution(filters, size=4, strides=2, kind=layers.Conv2D, **options):
    options = {"padding": "same", "use_bias": False, **options}
    return kind(filters, size, strides, kernel_initializer=default_of_pytorch(), **options)
