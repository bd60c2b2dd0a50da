"""Networks of points in the plane, those of WGAN-GP's toy.

Reference: Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028;
https://github.com/igul222/improved_wgan_training, gan_toy.py
"""

import keras
from keras import layers


def networks(discriminator="discriminator", width=512):
    """Returns what a system is given to learn points: its networks, and the size of its noise.

    Args:
        discriminator: str, how the system calls it. Defaults to "discriminator".
        width: int, of the three hidden layers. Defaults to 512.

    Returns:
        dict, name of an argument -> value.
    """
    judge = build_discriminator(width, discriminator)
    return {"generator": build_generator(width), discriminator: judge, "latent_size": 2}


def build_generator(width=512, name="generator"):
    """Returns the generator: noise (batch, 2) `latents` -> `point` (batch, 2), float32.

    Args:
        width: int, of the three hidden layers. Defaults to 512.
        name: str, of the model. Defaults to "generator".
    """
    return _perceptron("latents", width, 2, "point", name)


def build_discriminator(width=512, name="discriminator"):
    """Returns the discriminator: `point` (batch, 2) -> `logits` (batch, 1), float32.

    Args:
        width: int, of the three hidden layers. Defaults to 512.
        name: str, of the model. Defaults to "discriminator".
    """
    return _perceptron("point", width, 1, "logits", name)


def _perceptron(takes, width, size, gives, name):
    inputs = x = layers.Input((2,), name=takes)
    for _ in range(3):
        x = layers.Dense(width, activation="relu", kernel_initializer="he_normal")(x)
    outputs = layers.Activation("linear", dtype="float32", name=gives)(layers.Dense(size)(x))
    return keras.Model(inputs, outputs, name=name)
