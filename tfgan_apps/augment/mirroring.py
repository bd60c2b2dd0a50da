"""Augmentation of images in training: what is drawn for each, and is done to it."""

import tensorflow as tf


def mirrored(images, drawn):
    """Returns images of which half are mirrored, left to right.

    Args:
        images: float tensor (batch, height, width, channels).
        drawn: float tensor (batch,), uniform in [0, 1).
    """
    chosen = tf.reshape(drawn < 0.5, (-1, 1, 1, 1))
    return tf.where(chosen, tf.reverse(images, (2,)), images)


def mirrored_by_chance(model, images):
    """Returns the images of a training step, each of them mirrored with probability a half.

    Args:
        model: `AdversarialModel`, which draws.
        images: float tensor (batch, height, width, channels).
    """
    return mirrored(images, model.draw(tf.random.stateless_uniform, "mirror", tf.shape(images)[0]))
