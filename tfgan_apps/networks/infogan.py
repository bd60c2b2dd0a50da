"""InfoGAN's generator, discriminator and recognizer.

Reference: Chen et al. 2016, https://arxiv.org/abs/1606.03657; https://github.com/openai/InfoGAN
"""

import keras
from keras import layers

from tfgan_apps.initializers import normal_002
from tfgan_apps.networks import quarters
from tfgan_apps.networks.dcgan import normalized


def build_generator(image_size=28, channels=1, latent_size=62, code_size=12, filters=64):
    """Returns the generator: `latents` and `code`, (batch, their sizes) -> `image`, float32.

    Args:
        image_size, channels, filters: see `quarters.check_size`. Default to 28, 1 and 64.
        latent_size, code_size: int. Default to 62 and 12.
    """
    quarters.check_size(image_size, channels, filters)
    latents = layers.Input((latent_size,), name="latents")
    code = layers.Input((code_size,), name="code")
    x = layers.Concatenate()([latents, code])
    first, last = (_convolution(n, layers.Conv2DTranspose) for n in (filters, channels))
    image = quarters.image_of(x, image_size, filters, _dense, first, last, _relu, _relu)
    return keras.Model({"latents": latents, "code": code}, image, name="generator")


def build_discriminator(image_size=28, channels=1, filters=64):
    """Returns the discriminator: `image` -> dict of `logits` (batch, 1), float32, and `features`.

    Args:
        image_size, channels, filters: see `quarters.check_size`. Default to 28, 1 and 64.
    """
    quarters.check_size(image_size, channels, filters)
    image = layers.Input((image_size, image_size, channels), name="image")
    first, second = _convolution(filters), _convolution(2 * filters)
    rest = lambda x: _leaky(normalized(x))  # noqa: E731
    x = quarters.features_of(image, filters, _dense, first, second, _leaky, rest)
    logits = layers.Activation("linear", dtype="float32", name="logits")(_dense(1)(x))
    features = layers.Activation("linear", name="features")(x)
    return keras.Model(image, {"logits": logits, "features": features}, name="discriminator")


def build_recognizer(features=1024, outputs=14, width=128):
    """Returns the network of Q on top of the discriminator: features -> `code`, float32.

    Args:
        features: int, of the discriminator. Defaults to 1024.
        outputs: int, logits of categories, means and logarithms of variances. Defaults to 14.
        width: int, of the hidden layer. Defaults to 128.
    """
    inputs = layers.Input((features,), name="features")
    x = _dense(outputs)(_leaky(normalized(_dense(width)(inputs))))
    code = layers.Activation("linear", dtype="float32", name="code")(x)
    return keras.Model(inputs, code, name="recognizer")


def _dense(width):
    return layers.Dense(width, kernel_initializer=normal_002())


def _convolution(filters, kind=layers.Conv2D):
    return kind(filters, 4, 2, "same", kernel_initializer=normal_002())


def _relu(x):
    return layers.ReLU()(normalized(x))


def _leaky(x):
    return layers.LeakyReLU(negative_slope=0.01)(x)  # the paper has 0.1
