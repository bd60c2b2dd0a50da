"""Draws of candidates from distributions over them, one distribution for each query."""

import numpy as np
import tensorflow as tf


def distribution(scores, allowed, temperature=1.0):
    """Returns the softmax over the allowed candidates, float32; 0 where none is.

    Args:
        scores: float (batch, candidates).
        allowed: bool (batch, candidates).
        temperature: float > 0.
    """
    return tf.exp(log_distribution(scores, allowed, temperature)) * tf.cast(allowed, tf.float32)


def log_distribution(scores, allowed, temperature=1.0):
    """Returns the logarithms of `distribution`; very negative where a candidate is not allowed."""
    scores = tf.cast(scores, tf.float32) / temperature
    return tf.nn.log_softmax(tf.where(allowed, scores, -1e9))


def with_replacement(probabilities, uniform):
    """Draws candidates by inversion of the distribution function.

    Args:
        probabilities: float32 (batch, candidates) >= 0; they need not add up to 1.
        uniform: float32 (batch, draws) in [0, 1).

    Returns:
        int32 (batch, draws); a candidate of probability 0 only where all have it.
    """
    bounds = tf.cumsum(probabilities, axis=1)
    drawn = tf.searchsorted(bounds, uniform * bounds[:, -1:], side="right")
    return tf.minimum(drawn, tf.shape(probabilities)[1] - 1)


def without_replacement(probabilities, uniform, draws):
    """Draws different candidates, one after the other from what is left of the distribution.

    Args:
        probabilities: float32 (batch, candidates) >= 0.
        uniform: float32 (batch, candidates) in [0, 1).
        draws: int, at most the number of candidates.

    Returns:
        int32 (batch, draws); candidates of probability 0 come last.

    Raises:
        ValueError: there are fewer candidates than draws.
    """
    if draws > probabilities.shape[1]:
        raise ValueError(
            "draws must be at most the number of candidates without replacement. "
            f"Received: draws={draws}, {probabilities.shape[1]} candidates"
        )
    # The order of log p + Gumbel noise is that of such draws.
    noise = -tf.math.log(-tf.math.log(tf.maximum(uniform, np.float32(1e-30))))
    return tf.math.top_k(tf.math.log(probabilities) + noise, draws).indices


def counts(drawn, taken, candidates):
    """Returns how often each candidate was drawn, float32 (batch, candidates).

    Args:
        drawn: int32 (batch, draws).
        taken: bool (batch, draws), the draws that count.
        candidates: int, their number.
    """
    batch = tf.shape(drawn)[0]
    place = drawn + candidates * tf.range(batch)[:, None]
    total = tf.math.unsorted_segment_sum(
        tf.reshape(tf.cast(taken, tf.float32), [-1]), tf.reshape(place, [-1]), batch * candidates
    )
    return tf.reshape(total, (batch, candidates))
