"""StyleGAN2's networks: kernels that styles modulate, and a discriminator of residual blocks.

Reference: Karras et al. 2020, https://arxiv.org/abs/1912.04958, figures 2 and 7; Karras et al. 2020
(StyleGAN2-ADA), https://arxiv.org/abs/2006.06676; https://github.com/NVlabs/stylegan2-ada-pytorch
at d72cc7d, training/networks.py
"""

import keras
from keras import layers, ops

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.growth import SMALLEST
from tfgan_apps.layers import (
    Bias,
    EqualizedConv2D,
    EqualizedDense,
    EqualizedFilteredConv2D,
    LearnedConstant,
    MinibatchDeviation,
    ModulatedConv2D,
    NoiseInjection,
    Resampling2D,
    scaled_leaky_relu,
)
from tfgan_apps.networks.mapping import build_mapping_network
from tfgan_apps.networks.pggan import widths_of

_LIMIT = 256.0  # of what 16 bits hold, as the authors have it
_UNIT_VARIANCE = 2**-0.5  # of the sum of two


def build_synthesis(
    image_size=1024,
    channels=3,
    style_size=512,
    filters_base=32768,
    most_filters=512,
    name="synthesis",
):
    """Returns the synthesis network, whose image is the sum of those of all sizes.

    Args:
        image_size: int, height and width, a power of 2 from 4 on. Defaults to 1024.
        channels: int, of the image. Defaults to 3.
        style_size: int. Defaults to 512.
        filters_base: int, channels of features times their pixels in a row (the authors'
            channel_base). Defaults to 32768.
        most_filters: int, the most channels of features (channel_max). Defaults to 512.
        name: str, of the model.

    Returns:
        Functional model: `styles` (batch, layers, style_size), of two layers for each size, and
        `noise` (batch, n), as many values as `noise_size` says -> `image`, float32, of any range.
    """
    widths = widths_of(image_size, filters_base, most_filters)
    styles = keras.Input((2 * len(widths), style_size), name="styles")
    noise = keras.Input((noise_size(image_size),), name="noise")
    normal = keras.initializers.RandomNormal(stddev=1.0)
    x = LearnedConstant((SMALLEST, SMALLEST, widths[0]), normal, name="constant")(styles)
    image = None
    for level, width in enumerate(widths):
        size = SMALLEST << level
        start, block = noise_size(size // 2), f"block_{size}"
        if level:
            x = _styled(x, width, styles[:, 2 * level - 1], noise, start, f"{block}_conv0", True)
            start += size**2
        x = _styled(x, width, styles[:, 2 * level], noise, start, f"{block}_conv1")
        shown = _shown(x, channels, styles[:, 2 * level + 1], f"{block}_to_rgb")
        image = shown if image is None else Resampling2D(scale=2, dtype="float32")(image) + shown
    image = layers.Identity(name="image", dtype="float32")(image)
    return keras.Model({"styles": styles, "noise": noise}, image, name=name)


def noise_size(size):
    """Returns how many values of noise images of so many pixels take: a map for each convolution.

    Args:
        size: int, height and width in pixels; less than 4 for none.
    """
    return sum(side**2 for side in noise_sides(size))


def noise_sides(size):
    """Returns the sides of the noise maps of images of so many pixels, in order."""
    sides = [SMALLEST << n for n in range(20) if SMALLEST << n <= size]
    return [side for side in sides for _ in range(1 if side == SMALLEST else 2)]


def build_discriminator(
    image_size=1024,
    channels=3,
    classes=0,
    filters_base=32768,
    most_filters=512,
    group_size=4,
    residual=True,
    name="discriminator",
):
    """Returns the discriminator.

    Args:
        image_size, channels, filters_base, most_filters, name: see `build_synthesis`.
        classes: int, labels are below it, which features are projected on; 0 for none. Defaults to
            0.
        group_size: int, images whose deviation is seen together. Defaults to 4.
        residual: bool, whether blocks have shortcuts. Defaults to True.

    Returns:
        Functional model: `image`, and where there are classes `label` int32 (batch,) -> `logit`
        (batch, 1), float32.
    """
    widths = widths_of(image_size, filters_base, most_filters)
    image = keras.Input((image_size, image_size, channels), name="image")
    inputs = {"image": image}
    x = _leaky(EqualizedConv2D(widths[-1], 1, name="from_rgb")(image))
    for level in range(len(widths) - 1, 0, -1):
        x = _block(x, widths[level - 1], f"block_{SMALLEST << level}", residual)
    x = layers.Identity(dtype="float32")(x)  # the authors' last block is of 32 bits
    x = MinibatchDeviation(group_size, dtype="float32")(x)
    options = {"activation": scaled_leaky_relu, "dtype": "float32"}
    x = EqualizedConv2D(widths[0], 3, name="conv", **options)(x)
    x = EqualizedDense(widths[0], name="dense", **options)(layers.Flatten(dtype="float32")(x))
    x = EqualizedDense(widths[0] if classes else 1, name="out", dtype="float32")(x)
    if classes:
        inputs["label"] = keras.Input((), dtype="int32", name="label")
        mapping = build_mapping_network(0, widths[0], classes=classes, name="label_mapping")
        told = mapping({"label": inputs["label"]})
        x = ops.sum(x * told, axis=-1, keepdims=True) * widths[0] ** -0.5
    logit = layers.Identity(name="logit", dtype="float32")(x)
    return keras.Model(inputs, logit, name=name)


def freeze(discriminator, count):
    """Makes the first convolutions of a discriminator keep their weights.

    Args:
        discriminator: from `build_discriminator`.
        count: int >= 0, of the colours' convolution, and of two or three in each block.

    Raises:
        ValueError: there are not as many.
    """
    parts = "_conv0", "_conv1", "_skip"  # a block's, in the authors' order
    blocks = [layer for layer in discriminator.layers if layer.name.endswith(parts)]
    blocks.sort(key=lambda layer: (-layer.input.shape[1], layer.name))
    convolutions = [discriminator.get_layer("from_rgb"), *blocks]
    check_integers(0, frozen_layers=count)
    check(count <= len(convolutions), f"at most {len(convolutions)}", frozen_layers=count)
    for layer in convolutions[:count]:
        layer.trainable = False


def _styled(x, width, style, noise, start, name, doubling=False):
    """Returns features after a convolution that a style modulates, noise and activation."""
    x = ModulatedConv2D(width, 3, 1, doubling=doubling, name=name)([x, style])
    x = NoiseInjection(start, shared=True, name=f"{name}_noise")(x, noise)
    return _leaky(Bias(name=f"{name}_bias")(x))


def _shown(x, channels, style, name):
    """Returns features as an image."""
    x = ModulatedConv2D(channels, 1, demodulate=False, name=name)([x, style])
    x = _limited(Bias(name=f"{name}_bias")(x))
    return layers.Identity(dtype="float32")(x)


def _block(x, width, name, residual):
    """Returns features of half the sides."""
    before = x.shape[-1]
    y = _leaky(EqualizedConv2D(before, 3, name=f"{name}_conv0")(x))
    y = _leaky(EqualizedFilteredConv2D(width, 3, name=f"{name}_conv1")(y))
    if not residual:
        return y
    x = EqualizedFilteredConv2D(width, 1, use_bias=False, name=f"{name}_skip")(x)
    return (x + y) * _UNIT_VARIANCE


def _leaky(x):
    return _limited(layers.Activation(scaled_leaky_relu)(x))


def _limited(x):
    """Returns features that float16 holds."""
    return ops.clip(x, -_LIMIT, _LIMIT) if x.dtype == "float16" else x
