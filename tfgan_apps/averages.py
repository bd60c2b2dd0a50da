"""Averages of networks' weights: what `AdversarialModel.follow` moves."""

import keras
import tensorflow as tf

from tfgan_apps import accumulation


def average_of(network):
    """Returns a copy of a network, which trains nothing, to follow it.

    Args:
        network: functional `keras.Model`.
    """
    average = keras.models.clone_model(network)
    average.name = f"average_{network.name}"
    average.set_weights(network.get_weights())
    average.trainable = False
    return average


def decay_by_images(model, like, kimg, seen=None, ramp=0.0):
    """Returns the decay of an average for one training step, a scalar tensor.

    Args:
        model: `AdversarialModel`.
        like: tensor with as many examples as this replica's batch.
        kimg: float > 0, images after which half of the average is new, thousands.
        seen: int64 scalar tensor, images so far. Defaults to None.
        ramp: float >= 0, the share of `seen` that this is at most; 0: no such bound. Defaults to 0.
    """
    images = tf.cast(accumulation.examples(model, like), tf.float32)
    half = 1000.0 * kimg
    if ramp:
        half = tf.minimum(half, ramp * tf.cast(seen, tf.float32))
    return 0.5 ** (images / tf.maximum(half, 1e-8))
