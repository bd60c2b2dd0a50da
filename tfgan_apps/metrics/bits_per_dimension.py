"""Bits per dimension: a likelihood that images of any size share."""

import math

import numpy as np

from tfgan_apps.metrics import arrays


def bits_per_dimension(nats, shape):
    """Returns negative log-likelihoods of whole images in bits for each value.

    Args:
        nats: real numbers, finite, of any shape: -log p of an image of 8-bit values.
        shape: sequence of int >= 1, the image's (H, W, C).

    Returns:
        float64 of the shape of `nats`.

    Raises:
        ValueError: a number is not finite, or the shape is empty.
    """
    if not len(shape) or min(shape) < 1:
        raise ValueError(f"shape must be of integers >= 1. Received: shape={tuple(shape)}")
    nats = arrays.finite("nats", np.asarray(nats, np.float64))
    return nats / (math.log(2) * math.prod(shape))
