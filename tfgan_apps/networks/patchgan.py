"""PatchGAN: a discriminator of overlapping patches of the image, of which each has a logit.

Reference: Isola, Zhu, Zhou, Efros 2017 (pix2pix), https://arxiv.org/abs/1611.07004;
https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py
"""

import keras
from keras import layers

from tfgan_apps.arguments import check_integers
from tfgan_apps.initializers import normal_002
from tfgan_apps.layers import InstanceNormalization


def build_discriminator(channels=3, filters=64, hidden_layers=3, name="discriminator"):
    """Returns CycleGAN's PatchGAN, which normalizes instances.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of the first layer (the authors' ndf). Defaults to 64.
        hidden_layers: int >= 1 (the authors' n_layers); patches of 16, 34, 70, 142, 286 px for
            1 to 5. Defaults to 3.
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1] -> `patch_logits`
        (batch, height', width', 1) float32 without activation; 30 x 30 for 256 px.
    """
    check_integers(1, filters=filters, hidden_layers=hidden_layers)
    image = layers.Input((None, None, channels), name="image")
    logits = patch_logits(image, filters, hidden_layers, InstanceNormalization)
    return keras.Model(image, logits, name=name)


def patch_logits(x, filters, hidden_layers, normalization, use_bias=True):
    """Returns the logits of patches, float32, `patch_logits` by name.

    Args:
        x: tensor (batch, height, width, channels) of a functional model.
        filters: int, of the first layer.
        hidden_layers: int >= 0; 0: patches of one pixel.
        normalization: function without arguments -> layer, after all convolutions but the first
            and the last.
        use_bias: bool, of the convolutions that are normalized. Defaults to True.
    """
    x = _halving(x, filters) if hidden_layers else _convolution(x, filters, 1)
    x = layers.LeakyReLU(negative_slope=0.2)(x)
    for depth in range(1, max(1, hidden_layers) + 1):
        width = filters * min(2**depth, 8)
        if not hidden_layers:
            x = _convolution(x, width, 1, use_bias=use_bias)
        else:
            strides = 1 if depth == hidden_layers else 2
            x = _convolution(layers.ZeroPadding2D(1)(x), width, 4, strides, use_bias)
        x = layers.LeakyReLU(negative_slope=0.2)(normalization()(x))
    if hidden_layers:
        x = _convolution(layers.ZeroPadding2D(1)(x), 1, 4)
    else:
        x = _convolution(x, 1, 1, use_bias=use_bias)
    return layers.Activation("linear", dtype="float32", name="patch_logits")(x)


def _halving(x, filters):
    return layers.Conv2D(filters, 4, 2, "same", kernel_initializer=normal_002())(x)


def _convolution(x, filters, size, strides=1, use_bias=True):
    options = {"use_bias": use_bias, "kernel_initializer": normal_002()}
    return layers.Conv2D(filters, size, strides, **options)(x)
