"""MUNIT's networks, which UNIT's rewrite and FUNIT have in part: coders, discriminators of scales.

Reference: Huang, Liu, Belongie, Kautz 2018, https://arxiv.org/abs/1804.04732;
https://github.com/NVlabs/MUNIT at a82e222, networks.py
"""

import keras
from keras import layers, ops

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.initializers import kaiming, normal_002
from tfgan_apps.layers import (
    AdaptiveInstanceNormalization,
    ImageLayerNormalization,
    InsideAveragePooling2D,
    InstanceNormalization,
    ReflectionConv2D,
    ReflectionPadding2D,
)

HALVINGS = 2  # of the content's sides
STYLE_HALVINGS = 4


def build_content_encoder(
    channels=3, filters=64, residual_blocks=4, halvings=HALVINGS, name="content_encoder"
):
    """Returns the encoder of what domains share, a code of fewer pixels.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of the first layer (the authors' dim). Defaults to 64.
        residual_blocks: int (n_res). Defaults to 4.
        halvings: int, of the sides (n_downsample). Defaults to 2.
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1], height and width
        multiples of 2**halvings -> `content`, for 2 (batch, height / 4, width / 4, 4 * filters).
    """
    check_integers(1, filters=filters, residual_blocks=residual_blocks, halvings=halvings)
    image = layers.Input((None, None, channels), name="image")
    x = _normalized(_convolution(image, filters, 7))
    for level in range(1, halvings + 1):
        x = _normalized(_convolution(x, filters * 2**level, 4, 2))
    for _ in range(residual_blocks):
        x = _residual_block(x, [InstanceNormalization(), InstanceNormalization()])
    return keras.Model(image, layers.Identity(name="content")(x), name=name)


def build_style_encoder(
    channels=3, filters=64, latent_size=8, halvings=STYLE_HALVINGS, name="style_encoder"
):
    """Returns the encoder of what a domain has alone; it normalizes nothing.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of the first layer. Defaults to 64.
        latent_size: int, of the code (style_dim). Defaults to 8.
        halvings: int, of the sides. Defaults to 4.
        name: str, of the model.

    Returns:
        Functional model: `image`, sides at least 2**halvings -> `style` (batch, latent_size),
        float32.
    """
    check_integers(1, filters=filters, latent_size=latent_size, halvings=halvings)
    image = layers.Input((None, None, channels), name="image")
    x = layers.ReLU()(_convolution(image, filters, 7))
    for level in range(1, halvings + 1):
        x = layers.ReLU()(_convolution(x, filters * min(2**level, 4), 4, 2))
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(latent_size, kernel_initializer=kaiming())(x)
    return keras.Model(
        image, layers.Activation("linear", dtype="float32", name="style")(x), name=name
    )


def build_decoder(
    channels=3,
    filters=64,
    residual_blocks=4,
    latent_size=8,
    mlp_size=256,
    halvings=HALVINGS,
    normalization=ImageLayerNormalization,
    name="decoder",
):
    """Returns the decoder: a content is normalized as the style tells, then its sides are doubled.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of the last hidden layer. Defaults to 64.
        residual_blocks: int. Defaults to 4.
        latent_size: int, of the style; 0: there is none, instances are normalized. Defaults to 8.
        mlp_size: int, width of the layers between a style and what it tells. Defaults to 256.
        halvings: int, those of the content. Defaults to 2.
        normalization: layer class, of what is doubled. Defaults to `ImageLayerNormalization`.
        name: str, of the model.

    Returns:
        Functional model: `content`, and `style` (batch, latent_size) where there are any -> `image`
        in [-1, 1], float32.
    """
    check_integers(1, filters=filters, residual_blocks=residual_blocks, mlp_size=mlp_size)
    check_integers(0, latent_size=latent_size)
    width = filters * 2**halvings
    content = x = inputs = layers.Input((None, None, width), name="content")
    normalizations = [InstanceNormalization() for _ in range(2 * residual_blocks)]
    if latent_size:
        style = layers.Input((latent_size,), name="style")
        inputs = {"content": content, "style": style}
        normalizations = _styled(style, 2 * residual_blocks, width, mlp_size)
    for number in range(residual_blocks):
        x = _residual_block(x, normalizations[2 * number : 2 * number + 2])
    for level in reversed(range(halvings)):
        x = _convolution(layers.UpSampling2D(2)(x), filters * 2**level, 5)
        x = layers.ReLU()(normalization()(x))
    x = _convolution(x, channels, 7)
    image = layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(inputs, image, name=name)


def _styled(style, count, width, mlp_size):
    """Returns functions that normalize features, by what a perceptron makes of the style."""
    x = style
    for size in (mlp_size, mlp_size):
        x = layers.Dense(size, "relu", kernel_initializer=kaiming())(x)
    x = layers.Dense(2 * count * width, kernel_initializer=kaiming())(x)
    told = ops.split(x, 2 * count, -1)  # of each layer the offset, then the scale

    def normalization(number):
        offset, scale = told[2 * number : 2 * number + 2]
        return lambda x: AdaptiveInstanceNormalization()(x, scale, offset)

    return [normalization(number) for number in range(count)]


def build_discriminator(channels=3, filters=64, hidden_layers=4, scales=3, name="discriminator"):
    """Returns the discriminators of several scales, each of half the pixels of the one before.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of each one's first layer; they double with each. Defaults to 64.
        hidden_layers: int, each of which halves the sides (n_layer). Defaults to 4.
        scales: int (num_scales). Defaults to 3.
        name: str, of the model.

    Returns:
        Functional model: `image` -> list for each scale of logits (batch, height', width', 1),
        float32.
    """
    check_integers(1, filters=filters, hidden_layers=hidden_layers, scales=scales)
    image = x = layers.Input((None, None, channels), name="image")
    logits = []
    for number in range(scales):
        y = x
        for level in range(hidden_layers):
            y = _convolution(y, filters * 2**level, 4, 2, normal_002)
            y = layers.LeakyReLU(negative_slope=0.2)(y)
        y = layers.Conv2D(1, 1, kernel_initializer=normal_002())(y)
        logits.append(layers.Activation("linear", dtype="float32", name=f"logits_{number}")(y))
        x = InsideAveragePooling2D()(x)
    return keras.Model(image, logits, name=name)


def check_size(image_size, hidden_layers, scales):
    """Raises `ValueError` unless the networks can have images of a size.

    Args:
        image_size: int, height and width.
        hidden_layers, scales: int, of the discriminators.
    """
    check_integers(2**STYLE_HALVINGS, image_size=image_size)
    check(image_size % 2**HALVINGS == 0, f"a multiple of {2**HALVINGS}", image_size=image_size)
    least = 2 ** (hidden_layers + scales - 1)
    expected = f"at least {least}, for a patch of the smallest discriminator"
    check(image_size >= least, expected, image_size=image_size)


def _normalized(x):
    return layers.ReLU()(InstanceNormalization()(x))


def _residual_block(x, normalizations):
    first, second = normalizations
    y = ReflectionConv2D(x.shape[-1], kernel_initializer=kaiming())(x)
    y = ReflectionConv2D(x.shape[-1], kernel_initializer=kaiming())(layers.ReLU()(first(y)))
    return layers.Add()([x, second(y)])


def _convolution(x, filters, size, strides=1, initializer=kaiming):
    x = ReflectionPadding2D((size - 1) // 2)(x)
    return layers.Conv2D(filters, size, strides, kernel_initializer=initializer())(x)
