"""ACGAN's generator and discriminator, for ImageNet at 128 pixels and for others.

Reference: Odena et al. 2017, https://arxiv.org/abs/1610.09585;
https://github.com/clvrai/ACGAN-PyTorch
"""

import keras
from keras import layers

from tfgan_apps.initializers import normal_002
from tfgan_apps.layers import Dropout, OneHot
from tfgan_apps.networks.dcgan import normalized

IMAGENET = 128  # the image size that has networks of its own


def build_generator(image_size=128, channels=3, classes=10, latent_size=100, filters=384):
    """Returns the generator: `latents` (batch, latent_size), `label` (batch,) -> `image`, float32.

    Args:
        image_size: int, a power of 2 from 16 on; 128 has the layers of ImageNet, 5 x 5 kernels.
            Defaults to 128.
        channels: int, of the image, 1 to 4. Defaults to 3.
        classes: int. Defaults to 10.
        latent_size: int, of the noise. Defaults to 100.
        filters: int, a multiple of 12, of the largest convolution's output for 128 pixels, and
            before it for others. Defaults to 384.
    """
    latents = layers.Input((latent_size,), name="latents")
    label = layers.Input((), dtype="int32", name="label")
    x = layers.Concatenate()([latents, OneHot(classes)(label)])
    large = image_size == IMAGENET
    x = layers.Dense(2 * filters if large else filters, kernel_initializer=normal_002())(x)
    x = layers.Reshape((1, 1, x.shape[-1]))(x)
    if large:
        for width in (filters, 2 * filters // 3, filters // 2, filters // 6):
            x = _relu(_transposed(width, 5, 2, "valid")(x))
        x = _transposed(channels, 8, 2, "valid")(x)
    else:
        x = _relu(_transposed(filters // 2, 4, 1, "valid")(x))
        for halving in range(2, image_size.bit_length() - 2):
            x = _relu(_transposed(max(1, filters // 2**halving), 4)(x))
        x = _transposed(channels, 4)(x)
    image = layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model({"latents": latents, "label": label}, image, name="generator")


def build_discriminator(image_size=128, channels=3, classes=10, filters=16, depth=6):
    """Returns the discriminator: `image` -> dict of `source` (batch, 1) and `class`, both logits.

    Args:
        image_size: int. Defaults to 128, where every other convolution pads nothing.
        channels: int, of the image, 1 to 4. Defaults to 3.
        classes: int. Defaults to 10.
        filters: int, of the first layer; they double with each. Defaults to 16.
        depth: int >= 1, convolutions. Defaults to 6.
    """
    image = x = layers.Input((image_size, image_size, channels), name="image")
    for number in range(depth):
        halved = number % 2 == 0
        if halved or image_size != IMAGENET:
            x = layers.ZeroPadding2D(1)(x)
        x = layers.Conv2D(filters * 2**number, 3, 2 if halved else 1, **_plain())(x)
        x = normalized(x) if number else x
        x = Dropout(0.5, seed=number)(layers.LeakyReLU(negative_slope=0.2)(x))
    x = layers.Flatten()(x)
    heads = {"source": layers.Dense(1)(x), "class": layers.Dense(classes)(x)}
    outputs = {n: layers.Activation("linear", dtype="float32", name=n)(h) for n, h in heads.items()}
    return keras.Model(image, outputs, name="discriminator")


def _plain():
    return {"use_bias": False, "kernel_initializer": normal_002()}


def _transposed(filters, kernel, strides=2, padding="same"):
    return layers.Conv2DTranspose(filters, kernel, strides, padding, **_plain())


def _relu(x):
    return layers.ReLU()(normalized(x))
