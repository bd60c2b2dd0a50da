"""What systems that make images of noise share: its distributions, draws of it, and sheets."""

import functools

import numpy as np
import tensorflow as tf

from tfgan_apps import batches, plane, sheets

_SQRT_3 = float(np.sqrt(3.0))

DISTRIBUTIONS = {
    "normal": tf.random.stateless_normal,
    "uniform": functools.partial(tf.random.stateless_uniform, minval=-1.0, maxval=1.0),
    "unit": tf.random.stateless_uniform,
    "unit from 0.3": functools.partial(tf.random.stateless_uniform, minval=0.3, maxval=1.0),
    "uniform of variance 1": functools.partial(
        tf.random.stateless_uniform, minval=-_SQRT_3, maxval=_SQRT_3
    ),
}
"""Functions of (shape, seed, alg), as those of `tf.random`; `unit` is uniform in [0, 1)."""


def drawn(model, name, like, batch=None):
    """Returns noise of a training step, or of a test batch; see `AdversarialModel.draw`.

    Args:
        model: `AdversarialModel` with `noise`, one of `DISTRIBUTIONS`, and `latent_size`.
        name: str, tells apart the draws of one step.
        like: tensor with as many examples.
        batch: scalar tensor, of an evaluation. Defaults to None, for training.

    Returns:
        float32 tensor (examples, latent_size).
    """
    return model.draw(model.noise, name, tf.shape(like)[0], (model.latent_size,), batch)


def fixed(model, count, index=0):
    """Returns noise that is the same at every call, of the model's seed.

    Args:
        model: as for `drawn`.
        count: int, examples.
        index: int, tells apart the draws. Defaults to 0.
    """
    return model.noise((count, model.latent_size), (model.seed, index))


def samples(model, batch, discriminator):
    """Returns the columns of a sample sheet of a generator without conditions.

    Args:
        model: as for `drawn`, called with latents.
        batch: real images (B, H, W, C) in [-1, 1], or points (B, 2).
        discriminator: `keras.Model`, whose levels are drawn under points.

    Returns:
        dict, title -> images.
    """
    if len(batch.shape) == 4:
        return sheets.of_noise(model.call, lambda i: fixed(model, len(batch), i), batch)
    fake = model.call(fixed(model, len(batch)))
    picture = plane.picture(batch, fake, lambda x: discriminator(x, training=False))
    return {"generated points, red, over real ones, and the critic's levels": picture[None]}


def batch_of(discriminator, image_shape):
    """Returns what a batch of `fit` is: what a given discriminator takes, else images.

    Args:
        discriminator: `keras.Model`, or None where it is to be built.
        image_shape: (height, width, channels).
    """
    shape = getattr(discriminator, "input_shape", (None, *image_shape))[1:]
    return batches.images(shape[:2], shape[2]) if len(shape) == 3 else batches.Values(shape)
