"""DRIT's networks: encoders of contents and styles, decoders that join them, discriminators.

Reference: Lee, Tseng, Huang, Singh, Yang 2018, https://arxiv.org/abs/1808.00948;
https://github.com/HsinYingLee/DRIT at f19f50a, networks.py
"""

import keras
from keras import layers, ops

from tfgan_apps.arguments import check, check_choice, check_integers
from tfgan_apps.initializers import default_of_pytorch, kaiming, normal_002
from tfgan_apps.layers import (
    DoublingConv2DTranspose,
    InsideAveragePooling2D,
    InstanceNormalization,
    ReflectionConv2D,
    ReflectionPadding2D,
    SpectralConv2D,
)

HALVINGS = 2  # of the content's sides
LEAST_SIZE = 16  # of what a style encoder's layers halve
INITIALIZERS = {"normal": (normal_002, default_of_pytorch), "kaiming": (kaiming, kaiming)}


def build_content_encoder(
    channels=3, filters=64, residual_blocks=3, initializer="normal", name="content_encoder"
):
    """Returns a domain's own part of a content encoder; `build_shared` ends it.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of the first layer. Defaults to 64.
        residual_blocks: int. Defaults to 3.
        initializer: str, of kernels: "normal", the authors', or "kaiming". Defaults to "normal".
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1], height and width
        multiples of 4 -> features (batch, height / 4, width / 4, 4 * filters).
    """
    check_integers(1, filters=filters, residual_blocks=residual_blocks)
    image = layers.Input((None, None, channels), name="image")
    x = _leaky(_convolution(image, filters, 7, initializer=initializer))
    for level in range(1, HALVINGS + 1):
        x = _convolution(x, filters * 2**level, 3, 2, initializer=initializer)
        x = layers.ReLU()(InstanceNormalization()(x))
    for _ in range(residual_blocks):
        x = _residual_block(x, initializer)
    return keras.Model(image, x, name=name)


def build_shared(width=256, initializer="normal", name="shared"):
    """Returns the residual block that both content encoders end with, or both decoders begin with.

    Args:
        width: int, channels of features. Defaults to 256.
        initializer: str, see `build_content_encoder`.
        name: str, of the model.

    Returns:
        Functional model: features (batch, height, width, channels) -> such.
    """
    features = layers.Input((None, None, width), name="features")
    return keras.Model(features, _residual_block(features, initializer), name=name)


def build_style_encoder(
    channels=3, filters=64, latent_size=8, initializer="normal", name="style_encoder"
):
    """Returns the encoder of a domain's styles that belongs to feature-wise decoders.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of the first layer. Defaults to 64.
        latent_size: int, of the style. Defaults to 8.
        initializer: str, see `build_content_encoder`.
        name: str, of the model.

    Returns:
        Functional model: `image`, sides at least 16 -> `style` (batch, latent_size), float32.
    """
    check_integers(1, filters=filters, latent_size=latent_size)
    image = layers.Input((None, None, channels), name="image")
    x = layers.ReLU()(_convolution(image, filters, 7, initializer=initializer))
    for width in (2, 4, 4, 4):
        x = layers.ReLU()(_convolution(x, filters * width, 4, 2, initializer=initializer))
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Flatten()(_convolution(x, latent_size, 1, initializer=initializer))
    style = layers.Activation("linear", dtype="float32", name="style")(x)
    return keras.Model(image, style, name=name)


def build_normal_encoder(
    channels=3, filters=64, latent_size=8, initializer="normal", name="style_encoder"
):
    """Returns the encoder of a domain's styles, as normal distributions, of decoders that join.

    Args:
        channels, filters, latent_size, initializer, name: as of `build_style_encoder`.

    Returns:
        Functional model: `image`, sides at least 16 -> dict of `mean` and `log_variance`, each
        (batch, latent_size), float32.
    """
    check_integers(1, filters=filters, latent_size=latent_size)
    image = layers.Input((None, None, channels), name="image")
    x = _convolution(image, filters, 4, 2, initializer=initializer)
    for width in (2, 3, 4):
        x = _halving_block(x, filters * width, initializer)
    x = layers.GlobalAveragePooling2D()(_leaky(x, 0.2))

    def head(name):
        y = _dense(x, latent_size, initializer)
        return layers.Activation("linear", dtype="float32", name=name)(y)

    return keras.Model(image, {n: head(n) for n in ("mean", "log_variance")}, name=name)


def build_joining_decoder(
    channels=3, filters=64, residual_blocks=3, latent_size=8, initializer="normal", name="decoder"
):
    """Returns a domain's own part of a decoder to whose features the style is joined, four times.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, those of the content encoder. Defaults to 64.
        residual_blocks: int. Defaults to 3.
        latent_size: int, of the style. Defaults to 8.
        initializer: str, see `build_content_encoder`.
        name: str, of the model.

    Returns:
        Functional model: `content`, what `build_shared` makes of one, and `style` (batch,
        latent_size) -> `image` in [-1, 1], float32.
    """
    check_integers(1, filters=filters, residual_blocks=residual_blocks, latent_size=latent_size)
    content = layers.Input((None, None, filters * 2**HALVINGS), name="content")
    style = layers.Input((latent_size,), name="style")
    x = _joined(content, style)
    for _ in range(residual_blocks):
        x = _residual_block(x, initializer)
    for _ in range(HALVINGS):
        x = _joined(x, style)
        x = _doubled(x, x.shape[-1] // 2, initializer)
    return _decoder(content, style, _joined(x, style), channels, initializer, name)


def build_feature_wise_decoder(
    channels=3,
    filters=64,
    residual_blocks=4,
    latent_size=8,
    mlp_size=256,
    initializer="normal",
    name="decoder",
):
    """Returns the decoder whose every residual block is told its own part of the style.

    Args:
        channels, filters, latent_size, initializer, name: as of `build_joining_decoder`.
        residual_blocks: int. Defaults to 4.
        mlp_size: int, width of the layers between a style and its parts. Defaults to 256.

    Returns:
        Functional model: `content` (batch, height, width, 4 * filters) and `style` (batch,
        latent_size) -> `image` in [-1, 1], float32.
    """
    check_integers(1, filters=filters, residual_blocks=residual_blocks, latent_size=latent_size)
    check_integers(1, mlp_size=mlp_size)
    width = filters * 2**HALVINGS
    content = x = layers.Input((None, None, width), name="content")
    style = parts = layers.Input((latent_size,), name="style")
    for _ in range(2):
        parts = layers.ReLU()(_dense(parts, mlp_size, initializer))
    parts = _dense(parts, width * residual_blocks, initializer)
    for part in ops.split(parts, residual_blocks, -1):
        x = _told_block(x, part, initializer)
    for level in reversed(range(HALVINGS)):
        x = _doubled(x, filters * 2**level, initializer)
    return _decoder(content, style, x, channels, initializer, name)


def build_discriminator(
    channels=3,
    filters=64,
    hidden_layers=4,
    scales=3,
    spectral=False,
    initializer="normal",
    name="discriminator",
):
    """Returns discriminators of several scales, each of half the pixels of the one before.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of each one's first layer; they double with each. Defaults to 64.
        hidden_layers: int, each of which halves the sides; a single scale has 2 more, with smaller
            kernels. Defaults to 4.
        scales: int (dis_scale). Defaults to 3.
        spectral: bool, kernels are divided by their largest singular values. Defaults to False.
        initializer: str, see `build_content_encoder`.
        name: str, of the model.

    Returns:
        Functional model: `image` -> list for each scale of logits (batch, height', width', 1),
        float32.
    """
    check_integers(1, filters=filters, hidden_layers=hidden_layers, scales=scales)
    options = {"initializer": initializer, "layer": SpectralConv2D if spectral else layers.Conv2D}
    size, depth = (4, hidden_layers) if scales > 1 else (3, hidden_layers + 2)
    image = x = layers.Input((None, None, channels), name="image")
    logits = []
    for number in range(scales):
        y = x
        for level in range(depth):
            y = _leaky(_convolution(y, filters * 2**level, size, 2, padding=1, **options))
        y = _convolution(y, 1, 1, **options)
        logits.append(layers.Activation("linear", dtype="float32", name=f"logits_{number}")(y))
        x = InsideAveragePooling2D()(x)
    return keras.Model(image, logits, name=name)


def build_content_discriminator(
    side=54,
    width=256,
    kernel_size=7,
    hidden_layers=3,
    initializer="normal",
    name="content_discriminator",
):
    """Returns the discriminator that tells of which domain an image was, by its content.

    Args:
        side: int, of the contents in pixels. Defaults to 54, that of images of 216.
        width: int, channels of the contents. Defaults to 256.
        kernel_size: int, of the hidden layers, at least 3. Defaults to 7.
        hidden_layers: int, each of which halves the sides. Defaults to 3.
        initializer: str, see `build_content_encoder`.
        name: str, of the model.

    Returns:
        Functional model: `content` (batch, side, side, width) -> `logits` (batch, height', width',
        1), float32; one pixel for the defaults.
    """
    last = min(4, sides_of_contents(side, kernel_size, hidden_layers)[-1])
    content = x = layers.Input((None, None, width), name="content")
    for _ in range(hidden_layers):
        x = _leaky(_convolution(x, width, kernel_size, 2, padding=1, initializer=initializer))
    x = _leaky(_convolution(x, width, last, padding=0, initializer=initializer))
    x = _convolution(x, 1, 1, initializer=initializer)
    logits = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model(content, logits, name=name)


def sides_of_contents(side, kernel_size, hidden_layers):
    """Returns the sides of contents as a content discriminator's hidden layers leave them.

    Args:
        side, kernel_size, hidden_layers: as of `build_content_discriminator`.

    Raises:
        ValueError: a layer has too few pixels.
    """
    check_integers(3, content_kernel=kernel_size)
    check_integers(1, content_layers=hidden_layers)
    sides = [side]
    for _ in range(hidden_layers):
        least = max(2, kernel_size - 2)
        expected = f"fewer, for contents of {side} pixels and kernels of {kernel_size}"
        check(sides[-1] >= least, expected, content_layers=hidden_layers)
        sides.append((sides[-1] + 2 - kernel_size) // 2 + 1)
    return sides


def check_size(image_size, hidden_layers, scales):
    """Raises `ValueError` unless coders and discriminators can have images of a size.

    Args:
        image_size: int, height and width.
        hidden_layers, scales: int, of the discriminators.
    """
    check_integers(LEAST_SIZE, image_size=image_size)
    check_integers(1, discriminator_layers=hidden_layers, scales=scales)
    check(image_size % 2**HALVINGS == 0, f"a multiple of {2**HALVINGS}", image_size=image_size)
    least = 2 ** (hidden_layers + (scales - 1 if scales > 1 else 2))
    expected = f"at least {least}, for a patch of the smallest discriminator"
    check(image_size >= least, expected, image_size=image_size)


def _residual_block(x, initializer):
    y = InstanceNormalization()(_mirrored(x, initializer))
    y = InstanceNormalization()(_mirrored(layers.ReLU()(y), initializer))
    return layers.Add()([x, y])


def _told_block(x, part, initializer):
    """Returns a residual block of features that are mixed with a part of the style, twice."""
    y = x
    for _ in range(2):
        y = _joined(InstanceNormalization()(_mirrored(y, initializer)), part)
        y = layers.ReLU()(_convolution(y, y.shape[-1], 1, initializer=initializer))
        y = layers.ReLU()(_convolution(y, x.shape[-1], 1, initializer=initializer))
    return layers.Add()([x, y])


def _halving_block(x, filters, initializer):
    """Returns a residual block without normalization, whose result has half the sides."""
    y = _mirrored(_leaky(x, 0.2), initializer)
    y = layers.AveragePooling2D(2)(_mirrored(_leaky(y, 0.2), initializer, filters))
    shortcut = layers.AveragePooling2D(2)(x)
    return layers.Add()([y, _convolution(shortcut, filters, 1, initializer=initializer)])


def _joined(x, style):
    """Returns features to whose every pixel a style is joined."""
    everywhere = ops.zeros_like(x[..., :1]) + layers.Reshape((1, 1, style.shape[-1]))(style)
    return layers.Concatenate()([x, everywhere])


def _doubled(x, filters, initializer):
    """Returns features of twice the sides, normalized over each whole image."""
    x = DoublingConv2DTranspose(filters, **_weights(x, 3, initializer))(x)
    return layers.ReLU()(layers.GroupNormalization(1, epsilon=1e-5)(x))


def _decoder(content, style, x, channels, initializer, name):
    x = layers.Conv2DTranspose(channels, 1, **_weights(x, 1, initializer))(x)
    image = layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model({"content": content, "style": style}, image, name=name)


def _mirrored(x, initializer, filters=None):
    return ReflectionConv2D(filters or x.shape[-1], **_weights(x, 3, initializer))(x)


def _convolution(
    x, filters, size, strides=1, initializer="normal", padding=None, layer=layers.Conv2D
):
    """Returns a convolution of features that are mirrored at their border."""
    options = _weights(x, size, initializer)
    padding = (size - 1) // 2 if padding is None else padding
    x = ReflectionPadding2D(padding)(x) if padding else x
    return layer(filters, size, strides, **options)(x)


def _dense(x, units, initializer):
    return layers.Dense(units, **_weights(x, 1, initializer, dense=True))(x)


def _weights(x, size, initializer, dense=False):
    """Returns how weights begin: the authors choose convolutions' kernels, PyTorch the rest."""
    check_choice(tuple(INITIALIZERS), initializer=initializer)
    bound = (size * size * x.shape[-1]) ** -0.5
    bias = keras.initializers.RandomUniform(-bound, bound)
    return {"kernel_initializer": INITIALIZERS[initializer][dense](), "bias_initializer": bias}


def _leaky(x, slope=0.01):
    return layers.LeakyReLU(negative_slope=slope)(x)
