"""U-Net: an image is halved down to one pixel, and doubled back beside what it was on the way.

Reference: Isola, Zhu, Zhou, Efros 2017 (pix2pix), https://arxiv.org/abs/1611.07004, appendix 6.1;
https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py, UnetGenerator
"""

import keras
from keras import layers

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.initializers import gamma_normal_002, normal_002
from tfgan_apps.layers import Dropout, ImageBatchNormalization


def build_generator(channels=3, filters=64, levels=8, dropout_layers=3, name="generator"):
    """Returns pix2pix's generator, whose only noise is dropout, which stays in inference.

    Convolutions that are normalized have no bias; the innermost one is not normalized, for one
    pixel would be left as 0. What is halved passes to the other side before its activation.

    Args:
        channels: int, of the input and the output. Defaults to 3.
        filters: int, of the first layer (the authors' ngf); at most 8 times as many further in.
            Defaults to 64.
        levels: int >= 2, how often the sides are halved: 8 for 256 px. Defaults to 8.
        dropout_layers: int, of the innermost layers that double, those with dropout. Defaults to
            3, the paper's.
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1], height and width
        multiples of 2**levels -> `translated`, the same shape and range, float32.

    Raises:
        ValueError: a number is out of its range.
    """
    check_integers(1, channels=channels, filters=filters)
    check_integers(2, levels=levels)
    fits = 0 <= dropout_layers < levels
    check(fits, f"from 0 to {levels - 1}", dropout_layers=dropout_layers)
    image = layers.Input((None, None, channels), name="image")
    widths = [filters * min(2**level, 8) for level in range(levels)]
    halved = [_convolution(layers.Conv2D, widths[0])(image)]
    for level, width in enumerate(widths[1:], 1):
        x = _convolution(layers.Conv2D, width)(layers.LeakyReLU(negative_slope=0.2)(halved[-1]))
        halved.append(x if level == levels - 1 else _normalized(x))
    x = halved.pop()
    for number, (width, beside) in enumerate(zip(widths[-2::-1], halved[::-1], strict=True)):
        x = _normalized(_convolution(layers.Conv2DTranspose, width)(layers.ReLU()(x)))
        if number < dropout_layers:
            x = Dropout(0.5, seed=number, in_inference=True)(x)
        x = layers.Concatenate()([beside, x])
    x = _convolution(layers.Conv2DTranspose, channels, use_bias=True)(layers.ReLU()(x))
    translated = layers.Activation("tanh", dtype="float32", name="translated")(x)
    return keras.Model(image, translated, name=name)


def _convolution(kind, filters, use_bias=False):
    return kind(filters, 4, 2, "same", use_bias=use_bias, kernel_initializer=normal_002())


def _normalized(x):
    return ImageBatchNormalization(gamma_initializer=gamma_normal_002())(x)
