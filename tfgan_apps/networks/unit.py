"""The UNIT paper's networks, whose inner parts both domains share.

Reference: Liu, Breuel, Kautz 2017, https://arxiv.org/abs/1703.00848;
https://github.com/mingyuliutw/UNIT, branch version_02 at 96def6b, COCOResGen2 and COCOSharedDis
"""

import keras
from keras import layers

from tfgan_apps.arguments import check_integers
from tfgan_apps.initializers import normal_002
from tfgan_apps.layers import DoublingConv2DTranspose, InstanceNormalization

HALVINGS = 2  # of a code's sides
OWN_LAYERS = 2  # of a domain's discriminator, before those that are shared


def build_encoder(channels=3, filters=64, residual_blocks=3, name="encoder"):
    """Returns a domain's own part of an encoder.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of the first layer (the authors' ch). Defaults to 64.
        residual_blocks: int (n_enc_res_blk). Defaults to 3.
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1], height and width
        multiples of 4 -> features (batch, height / 4, width / 4, 4 * filters).
    """
    check_integers(1, filters=filters, residual_blocks=residual_blocks)
    image = layers.Input((None, None, channels), name="image")
    x = _leaky(_convolution(image, filters, 7))
    for level in range(1, HALVINGS + 1):
        x = _leaky(_convolution(x, filters * 2**level, 3, 2))
    return keras.Model(image, _residual(x, residual_blocks), name=name)


def build_shared(width=256, residual_blocks=1, name="shared"):
    """Returns what both domains' encoders end with, or their decoders begin with.

    Args:
        width: int, channels of features. Defaults to 256.
        residual_blocks: int; 0: features stay as they are. Defaults to 1.
        name: str, of the model.

    Returns:
        Functional model: features (batch, height, width, channels) -> such.
    """
    check_integers(0, residual_blocks=residual_blocks)
    features = layers.Input((None, None, width), name="features")
    return keras.Model(features, _residual(layers.Identity()(features), residual_blocks), name=name)


def build_decoder(channels=3, filters=64, residual_blocks=3, name="decoder"):
    """Returns a domain's own part of a decoder.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of the last hidden layer. Defaults to 64.
        residual_blocks: int (n_gen_res_blk). Defaults to 3.
        name: str, of the model.

    Returns:
        Functional model: features -> `translated`, the image in [-1, 1], float32.
    """
    check_integers(1, filters=filters, residual_blocks=residual_blocks)
    features = layers.Input((None, None, filters * 2**HALVINGS), name="features")
    x = _residual(features, residual_blocks)
    for level in reversed(range(HALVINGS)):
        x = _leaky(DoublingConv2DTranspose(filters * 2**level, **_weights(x, 3))(x))
    x = layers.Conv2DTranspose(channels, 1, **_weights(x, 1))(x)
    translated = layers.Activation("tanh", dtype="float32", name="translated")(x)
    return keras.Model(features, translated, name=name)


def build_discriminator(channels=3, filters=64, name="discriminator"):
    """Returns a domain's own part of a discriminator: two layers, which halve the sides.

    Args:
        channels: int, of the image. Defaults to 3.
        filters: int, of the first layer. Defaults to 64.
        name: str, of the model.
    """
    check_integers(1, filters=filters)
    image = layers.Input((None, None, channels), name="image")
    x = _leaky(_convolution(image, filters, 7, 2))
    return keras.Model(image, _leaky(_convolution(x, 2 * filters, 3, 2)), name=name)


def build_shared_discriminator(width=128, hidden_layers=4, name="shared_discriminator"):
    """Returns what both domains' discriminators end with.

    Args:
        width: int, channels of the features; they double with each layer. Defaults to 128.
        hidden_layers: int, each of which halves the sides (n_shared_layer). Defaults to 4.
        name: str, of the model.

    Returns:
        Functional model: features -> `logits` (batch, height', width', 1), float32.
    """
    features = x = layers.Input((None, None, width), name="features")
    for level in range(1, hidden_layers + 1):
        x = _leaky(_convolution(x, width * 2**level, 3, 2))
    x = _convolution(x, 1, 1)
    logits = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model(features, logits, name=name)


def joined(first, second, name):
    """Returns two networks as one, the second after the first.

    Args:
        first, second: functional models of one input each.
        name: str, of the model.
    """
    return keras.Model(first.inputs[0], second(first.outputs[0]), name=name)


def _residual(x, blocks):
    for _ in range(blocks):
        y = InstanceNormalization()(_convolution(x, x.shape[-1], 3))
        y = _convolution(layers.ReLU()(y), x.shape[-1], 3)
        x = layers.Add()([x, InstanceNormalization()(y)])
    return x


def _convolution(x, filters, size, strides=1):
    """Returns a convolution of features with zeros around them, on both sides as many."""
    options = _weights(x, size)
    x = layers.ZeroPadding2D(size // 2)(x) if size > 1 else x
    return layers.Conv2D(filters, size, strides, **options)(x)


def _weights(x, size):
    """Returns how weights begin: kernels as DCGAN's, biases as PyTorch's."""
    bound = (size * size * x.shape[-1]) ** -0.5
    bias = keras.initializers.RandomUniform(-bound, bound)
    return {"kernel_initializer": normal_002(), "bias_initializer": bias}


def _leaky(x):
    return layers.LeakyReLU(negative_slope=0.01)(x)
