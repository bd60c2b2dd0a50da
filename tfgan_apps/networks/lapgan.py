"""LAPGAN's generators and discriminators, level by level, and their pyramid.

Reference: Denton et al. 2015, https://arxiv.org/abs/1506.05751;
https://github.com/facebook/eyescream, cifar
"""

import keras
from keras import layers

from tfgan_apps.initializers import default_of_pytorch
from tfgan_apps.layers import BilinearResizing, Dropout


def build_coarsest_generator(size, channels=3, latent_size=100, width=600):
    """Returns the generator of the coarsest images: `latents` -> `image`, linear, float32.

    Args:
        size: int, height and width.
        channels, latent_size: int. Default to 3 and 100.
        width: int, of the two hidden layers; the code has 8000. Defaults to 600.
    """
    latents = x = layers.Input((latent_size,), name="latents")
    for activation in ("relu", "sigmoid"):
        x = layers.Dense(width, activation, kernel_initializer=_normal(0.05))(x)
    x = layers.Dense(size * size * channels, kernel_initializer=_normal(0.05))(x)
    image = layers.Reshape((size, size, channels))(x)
    return keras.Model(latents, _float32(image, "image"), name=f"generator_{size}")


def build_coarsest_discriminator(size, channels=3, width=600):
    """Returns the discriminator of the coarsest images: `image` -> `logits` (batch, 1), float32.

    Args:
        size, channels: int; channels default to 3.
        width: int, of the two hidden layers; the code has 1600. Defaults to 600.
    """
    image = layers.Input((size, size, channels), name="image")
    x = layers.Flatten()(image)
    for seed in (1, 2):
        x = Dropout(0.5, seed)(layers.Dense(width, "relu", kernel_initializer=_normal(0.005))(x))
    x = layers.Dense(1, kernel_initializer=_normal(0.005))(x)
    return keras.Model(image, _float32(x, "logits"), name=f"discriminator_{size}")


def build_generator(size, channels=3, filters=64):
    """Returns the generator of details: `latents` (batch, size, size, 1), `coarse` -> `details`.

    Args:
        size, channels: int; channels default to 3.
        filters: int, of the hidden layers. Defaults to 64.
    """
    latents = layers.Input((size, size, 1), name="latents")
    coarse = layers.Input((size, size, channels), name="coarse")
    x = layers.Concatenate()([latents, coarse])
    for _ in range(2):
        x = _convolution(filters, 7, padding="same", activation="relu")(x)
    details = _float32(_convolution(channels, 5, padding="same")(x), "details")
    return keras.Model({"latents": latents, "coarse": coarse}, details, name=f"generator_{size}")


def build_discriminator(size, channels=3, filters=64):
    """Returns the discriminator: `details`, `coarse` -> `logits` (batch, 1); it sees their sum.

    Args:
        size, channels: int; channels default to 3.
        filters: int, of the two convolutions. Defaults to 64.
    """
    inputs = {n: layers.Input((size, size, channels), name=n) for n in ("details", "coarse")}
    x = _convolution(filters, 5, activation="relu")(layers.Add()(list(inputs.values())))
    x = layers.Flatten()(_convolution(filters, 5, strides=2, activation="relu")(x))
    x = layers.Dense(1, kernel_initializer=default_of_pytorch())(Dropout(0.5, seed=0)(x))
    return keras.Model(inputs, _float32(x, "logits"), name=f"discriminator_{size}")


def build_pyramid(generators, sizes, latent_size):
    """Returns the whole chain twice: with its last image, in [-1, 1], and with those of all levels.

    Args:
        generators: list of the levels' generators, coarsest first.
        sizes: of the levels.
        latent_size: int, of the coarsest level's noise.
    """
    place = latent_size
    latents = layers.Input((place + sum(size**2 for size in sizes[1:]),), name="latents")
    images = [generators[0](latents[:, :place])]
    for size, generator in zip(sizes[1:], generators[1:], strict=True):
        plane = layers.Reshape((size, size, 1))(latents[:, place : place + size**2])
        coarse = BilinearResizing(size)(images[-1])
        images.append(layers.Add()([coarse, generator({"latents": plane, "coarse": coarse})]))
        place += size**2
    cut = layers.ReLU(max_value=2.0)(layers.Rescaling(1.0, 1.0, dtype="float32")(images[-1]))
    image = layers.Rescaling(1.0, -1.0, dtype="float32", name="image")(cut)
    return keras.Model(latents, image, name="generator"), keras.Model(
        latents, images, name="pyramid"
    )


def _convolution(filters, kernel, **options):
    return layers.Conv2D(filters, kernel, kernel_initializer=default_of_pytorch(), **options)


def _normal(deviation):
    return keras.initializers.RandomNormal(stddev=deviation)


def _float32(x, name):
    return layers.Activation("linear", dtype="float32", name=name)(x)
