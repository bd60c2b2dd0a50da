"""StyleGAN's generator: a mapping network makes styles, by which a synthesis network makes images.

Reference: Karras, Laine, Aila 2019, https://arxiv.org/abs/1812.04948, figure 1;
https://github.com/NVlabs/stylegan at 1e0d5c7, training/networks_stylegan.py
"""

import keras
from keras import layers

from tfgan_apps.growth import SMALLEST
from tfgan_apps.layers import (
    AdaptiveInstanceNormalization,
    Bias,
    EqualizedConv2D,
    EqualizedDense,
    EqualizedDoublingConv2D,
    LearnedConstant,
    NoiseInjection,
    PixelNormalization,
    Resampling2D,
)
from tfgan_apps.networks.growing import generator_of
from tfgan_apps.networks.pggan import GAIN, leaky, views_of, widths_of

_RATE = 0.01  # of the mapping network's weights


def build_mapping(latent_size=512, style_size=512, layers_count=8, name="mapping"):
    """Returns the mapping network.

    Args:
        latent_size: int, of the noise. Defaults to 512.
        style_size: int. Defaults to 512.
        layers_count: int, of dense layers. Defaults to 8.
        name: str, of the model.

    Returns:
        Functional model: `latents` (batch, latent_size) -> `style` (batch, style_size), float32.
    """
    latents = keras.Input((latent_size,), name="latents")
    x = PixelNormalization()(latents)
    for number in range(layers_count):
        x = leaky(EqualizedDense(style_size, gain=GAIN, rate=_RATE, name=f"dense{number}")(x))
    return keras.Model(
        {"latents": latents}, layers.Identity(name="style", dtype="float32")(x), name=name
    )


def build_synthesis(
    image_size=1024,
    channels=3,
    style_size=512,
    filters_base=16384,
    most_filters=512,
    name="synthesis",
):
    """Returns the synthesis network, which grows; see `networks.growing`.

    Args:
        image_size, channels, filters_base, most_filters, name: see `networks.pggan`.
        style_size: int. Defaults to 512.

    Returns:
        Functional model: `styles` (batch, layers, style_size), of two layers for each level,
        `noise` (batch, n), of which `noise_size` values are taken, and `level` (batch,) -> `image`,
        float32.
    """
    widths = widths_of(image_size, filters_base, most_filters)
    parts = {}
    for level, width in enumerate(widths):
        before = widths[level - 1] if level else None
        block = _block(level, before, width, style_size, 2 * len(widths))
        parts[block.name] = block
    parts |= views_of(widths, channels)
    inputs = {
        "styles": keras.Input((2 * len(widths), style_size), name="styles"),
        "noise": keras.Input((None,), name="noise"),
    }
    return generator_of(parts, inputs, len(widths) - 1, range(1, len(widths)), name)


def noise_size(size):
    """Returns how many values of noise images of so many pixels take: two maps for each level.

    Args:
        size: int, height and width in pixels; half of 4 for none.
    """
    return sum(side**2 for side in noise_sides(size))


def noise_sides(size):
    """Returns the sides of the noise maps of images of so many pixels, in order."""
    return [SMALLEST << n // 2 for n in range(40) if SMALLEST << n // 2 <= size]


def _block(level, before, width, style_size, count):
    """Returns the two layers of a level, the first of which doubles the sides, or is a constant."""
    size = SMALLEST << level
    styles = keras.Input((count, style_size), name="styles")
    noise = keras.Input((None,), name="noise")
    inputs = {"styles": styles, "noise": noise}
    if before is None:
        x = LearnedConstant((size, size, width), name="constant")(styles)
    else:
        inputs["features"] = x = keras.Input((size // 2, size // 2, before), name="features")
        x = EqualizedDoublingConv2D(width, gain=GAIN, use_bias=False, name="conv0_up")(x)
        x = Resampling2D((1, 2, 1), name="blur")(x)
    start = noise_size(size // 2)
    x = _told(x, styles[:, 2 * level], noise, start, "0")
    x = EqualizedConv2D(width, 3, gain=GAIN, use_bias=False, name="conv1")(x)
    x = _told(x, styles[:, 2 * level + 1], noise, start + size**2, "1")
    return keras.Model(inputs, x, name=f"block_{size}")


def _told(x, style, noise, start, name):
    """Returns features after noise, bias and activation, their statistics those of a style."""
    width = x.shape[-1]
    x = NoiseInjection(start, name=f"noise{name}")(x, noise)
    x = leaky(Bias(name=f"bias{name}")(x))
    told = EqualizedDense(2 * width, name=f"style{name}")(style)
    normalize = AdaptiveInstanceNormalization(1e-8, name=f"normalization{name}")
    return normalize(x, told[:, :width] + 1.0, told[:, width:])
