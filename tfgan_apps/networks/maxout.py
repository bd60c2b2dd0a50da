"""Maxout: what the multilayer perceptrons of GAN and CGAN have in place of an activation.

Reference: Goodfellow et al. 2013, "Maxout Networks", https://arxiv.org/abs/1302.4389
"""

from keras import layers


def maxout(x, units, pieces, initializer):
    """Returns the largest of several linear functions of features, for each unit.

    Args:
        x: tensor (batch, features) of a functional model.
        units: int, of the output.
        pieces: int, linear functions for each unit.
        initializer: Keras initializer of the kernel.

    Returns:
        tensor (batch, units).
    """
    x = layers.Dense(units * pieces, kernel_initializer=initializer)(x)
    x = layers.Reshape((units * pieces, 1))(x)
    return layers.Flatten()(layers.MaxPooling1D(pieces)(x))
