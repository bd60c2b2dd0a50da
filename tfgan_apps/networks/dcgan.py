"""DCGAN's generator and discriminator, which much of the family is built on.

Reference: Radford, Metz, Chintala 2016, https://arxiv.org/abs/1511.06434; the sizes are those of
https://github.com/soumith/dcgan.torch and of PyTorch's example.
"""

import keras
from keras import layers

from tfgan_apps.arguments import check, check_choice, check_integers
from tfgan_apps.initializers import gamma_normal_002, normal_002


def build_generator(image_size=64, channels=3, latent_size=100, filters=64, name="generator"):
    """Returns the generator: noise becomes 4 x 4 pixels, which are doubled up to the image.

    Args:
        image_size: int, a power of 2 from 16 on. Defaults to 64.
        channels: int, of the image, 1 to 4. Defaults to 3.
        latent_size: int, of the noise. Defaults to 100.
        filters: int, of the layer before the last (the authors' ngf); they double towards the
            noise. Defaults to 64.
        name: str, of the model.

    Returns:
        Functional model: `latents` (batch, latent_size) -> `image` (batch, image_size, image_size,
        channels) in [-1, 1], float32.

    Raises:
        ValueError: an argument is out of its range.
    """
    check_integers(1, latent_size=latent_size)
    first, *rest = reversed(_widths(image_size, channels, filters)[:-1])
    latents = layers.Input((latent_size,), name="latents")
    x = layers.Reshape((1, 1, latent_size))(latents)
    x = layers.ReLU()(normalized(_transposed(first, 1, "valid")(x)))
    for width in rest:
        x = layers.ReLU()(normalized(_transposed(width)(x)))
    image = layers.Activation("tanh", dtype="float32", name="image")(_transposed(channels)(x))
    return keras.Model(latents, image, name=name)


def build_discriminator(image_size=64, channels=3, filters=64, name="discriminator"):
    """Returns the discriminator: the image is halved to 4 x 4 pixels, and these to one logit.

    Args:
        image_size: int, a power of 2 from 16 on. Defaults to 64.
        channels: int, of the image, 1 to 4. Defaults to 3.
        filters: int, of the first layer (the authors' ndf); they double with each. Defaults to 64.
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, image_size, image_size, channels) in [-1, 1] -> `logits`
        (batch, 1) float32 without activation.

    Raises:
        ValueError: an argument is out of its range.
    """
    first, *rest = _widths(image_size, channels, filters)[:-1]
    image = layers.Input((image_size, image_size, channels), name="image")
    x = layers.LeakyReLU(negative_slope=0.2)(_convolution(first)(image))
    for width in rest:
        x = layers.LeakyReLU(negative_slope=0.2)(normalized(_convolution(width)(x)))
    x = layers.Flatten()(_convolution(1, 1, "valid")(x))
    logits = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name=name)


def _widths(image_size, channels, filters):
    """Returns the filters of every stage, that next to the image first, down to 2 x 2 pixels."""
    check_integers(16, image_size=image_size)
    check_integers(1, filters=filters)
    check_choice((1, 2, 3, 4), channels=channels)
    check(not image_size & (image_size - 1), "a power of 2", image_size=image_size)
    return [filters * 2**stage for stage in range(image_size.bit_length() - 2)]


def _convolution(filters, strides=2, padding="same"):
    return layers.Conv2D(
        filters, 4, strides, padding, use_bias=False, kernel_initializer=normal_002()
    )


def _transposed(filters, strides=2, padding="same"):
    return layers.Conv2DTranspose(
        filters, 4, strides, padding, use_bias=False, kernel_initializer=normal_002()
    )


def normalized(x, **options):
    """Returns features after batch normalization with the numbers of PyTorch, in Keras' terms.

    Args:
        x: features of a functional model.
        **options: of `keras.layers.BatchNormalization`, in place of these numbers.
    """
    numbers = {"momentum": 0.9, "epsilon": 1e-5, "synchronized": True}
    gamma = {} if "gamma_initializer" in options else {"gamma_initializer": gamma_normal_002()}
    return layers.BatchNormalization(**{**numbers, **gamma, **options})(x)
