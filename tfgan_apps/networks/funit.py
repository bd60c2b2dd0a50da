"""FUNIT's discriminator: of each class an answer of its own, of one network of residual blocks.

Reference: Liu, Huang, Mallya, Karras, Aila, Lehtinen, Kautz 2019, https://arxiv.org/abs/1905.01723;
https://github.com/NVlabs/FUNIT at 198f430, networks.py and blocks.py
"""

import keras
from keras import layers, ops

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.initializers import kaiming
from tfgan_apps.layers import OneHot, ReflectionConv2D, ReflectionPadding2D

MOST_FILTERS = 1024


def build_discriminator(
    channels=3, classes=119, filters=64, residual_blocks=10, name="discriminator"
):
    """Returns the discriminator: patches as real images of their class, or not, and its features.

    Args:
        channels: int, of the image. Defaults to 3.
        classes: int, of training. Defaults to 119.
        filters: int, of the first layer, doubled by every second block. Defaults to 64.
        residual_blocks: int, even; after every two but the last ones the sides are halved
            (n_res_blks). Defaults to 10.
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1] and `label` int
        (batch,) -> dict of `logits` (batch, height', width', 1), those of the label's class, and
        `features` (batch, filters'), means over the pixels; float32.
    """
    check_integers(1, filters=filters, classes=classes)
    check_integers(2, residual_blocks=residual_blocks)
    check(residual_blocks % 2 == 0, "even", residual_blocks=residual_blocks)
    image = layers.Input((None, None, channels), name="image")
    label = layers.Input((), dtype="int32", name="label")
    x = _convolution(ReflectionPadding2D(3)(image), filters, 7)
    for number in range(residual_blocks // 2):
        if number:
            x = layers.AveragePooling2D(3, 2)(ReflectionPadding2D(1)(x))
        x = _residual_block(_residual_block(x, x.shape[-1]), min(2 * x.shape[-1], MOST_FILTERS))
    x = _activated(x)  # in place, too: features are what the head's activation leaves
    of_classes = _convolution(x, classes, 1)
    asked = layers.Reshape((1, 1, classes))(OneHot(classes)(label))
    found = {
        "logits": ops.sum(of_classes * ops.cast(asked, of_classes.dtype), -1, keepdims=True),
        "features": layers.GlobalAveragePooling2D()(x),
    }
    outputs = {
        name: layers.Activation("linear", dtype="float32", name=name)(y)
        for name, y in found.items()
    }
    return keras.Model({"image": image, "label": label}, outputs, name=name)


def _residual_block(x, filters):
    """Returns what a block makes of features.

    Where their number stays, the features that it adds to are activated, too: the authors' first
    activation works in place.
    """
    shortcut = active = _activated(x)
    if filters != x.shape[-1]:
        shortcut = _convolution(x, filters, 1, use_bias=False)
    y = ReflectionConv2D(min(filters, x.shape[-1]), kernel_initializer=kaiming())(active)
    y = ReflectionConv2D(filters, kernel_initializer=kaiming())(_activated(y))
    return layers.Add()([shortcut, y])


def _activated(x):
    return layers.LeakyReLU(negative_slope=0.2)(x)


def _convolution(x, filters, size, **options):
    return layers.Conv2D(filters, size, kernel_initializer=kaiming(), **options)(x)
