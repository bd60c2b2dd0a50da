"""Geometry of augmentation: eight transforms of an image's plane, as one resampling.

Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data",
https://arxiv.org/abs/2006.06676, appendix B; https://github.com/NVlabs/stylegan2-ada-pytorch at
d72cc7d, training/augment.py
"""

import math

import tensorflow as tf

from tfgan_apps.augment import filters


def inverse(parameters, height, width):
    """Returns where each pixel comes from, an affine map of the plane, or None for no transform.

    Its origin is the middle of the image, its unit a pixel; x is to the right and y down.

    Args:
        parameters: dict of tensors, some of those of `parameters.TRANSFORMS`; what is absent, or no
            geometry, does nothing.
        height, width: int, pixels.

    Returns:
        float32 tensor (batch, 3, 3).
    """
    made = {
        "flip": lambda i: _scale(1.0 - 2.0 * i, tf.ones_like(i)),
        "quarter_turns": lambda i: _rotation(math.pi / 2 * i),
        "shift": lambda t: _shift(-tf.round(t * (width, height))),
        "scale": lambda s: _scale(1.0 / s, 1.0 / s),
        "rotation_before": _rotation,
        "stretch": lambda s: _scale(1.0 / s, s),
        "rotation_after": _rotation,
        "fractional_shift": lambda t: _shift(-t * (width, height)),
    }
    steps = [make(parameters[name]) for name, make in made.items() if name in parameters]
    if not steps:
        return None
    whole = steps[0]
    for step in steps[1:]:
        whole = whole @ step
    return whole


def resampled(images, inverse):
    """Returns images whose pixels come from elsewhere, between the pixels, too.

    Images are doubled, sampled bilinearly and halved; doubling and halving are of a wavelet, so
    that what does not move comes out as it was.

    The authors add as large a reflected border as any image of the batch needs, at most all of
    it. Here it is all of it always, so that an image depends on no other one, shapes are static,
    and halves of a batch on two devices are what one makes; `filters.doubling` says why that is
    cheap. Beyond are zeros, as theirs.

    Args:
        images: float32 tensor (batch, height, width, channels), the sides known.
        inverse: float32 tensor (batch, 3, 3), see `inverse`.
    """
    height, width, channels = images.shape[1:]
    (rows, row_of), (columns, column_of) = filters.doubling(height), filters.doubling(width)
    x, y = _places(inverse, height, width)
    (left, right), across = _neighbours(x, width, column_of)
    (above, below), down = _neighbours(y, height, row_of)
    table = filters.along_both(tf.constant(rows), images, tf.constant(columns))
    first = tf.range(tf.shape(images)[0])[:, None, None] * len(rows)
    above, below = (first + above) * len(columns), (first + below) * len(columns)
    places = above + left, above + right, below + left, below + right
    weights = (1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across
    sampled = _sampled(tf.reshape(table, (-1, channels)), places, weights)
    rows, columns = filters.halving(height), filters.halving(width)
    return filters.along_both(tf.constant(rows), sampled, tf.constant(columns))


def _places(inverse, height, width):
    """Returns x and y (batch, rows, columns) in the doubled image that pixels come from."""
    x, y = (tf.range(2.0 * (n + 2 * filters.BORDER)) for n in (width, height))
    x = (x + 1.0) / 2 - (width / 2 + filters.BORDER)  # from the middle, in pixels of the image
    y = (y + 1.0) / 2 - (height / 2 + filters.BORDER)
    x, y = x[None, None, :], y[None, :, None]
    m = inverse[:, :2, :, None, None]
    x, y = (m[:, i, 0] * x + m[:, i, 1] * y + m[:, i, 2] for i in (0, 1))
    return 2.0 * x + (width - 1), 2.0 * y + (height - 1)


def _neighbours(place, size, row_of):
    """Returns the rows of the pixels before and after places, and how far it is from the first."""
    before = tf.floor(place)
    index = tf.clip_by_value(before, -4.0 * size, 8.0 * size)  # what is far off fits an integer
    index = tf.cast(index, tf.int32) + (2 * size - 1)
    last = len(row_of) - 1  # it is zero, as the first one
    pair = (tf.gather(row_of, tf.clip_by_value(index + i, 0, last)) for i in (0, 1))
    return tuple(pair), place - before


def _sampled(table, places, weights):
    """Returns weighted sums (..., channels) of rows of a table (n, channels), at several places.

    It is linear in the table, and the gradient of its gradient is itself. TensorFlow's own has
    to add up one sparse gradient for each of the places.
    """

    @tf.custom_gradient
    def gathered(table):
        parts = [tf.gather(table, i) * w[..., None] for i, w in zip(places, weights, strict=True)]
        return tf.add_n(parts), spread

    @tf.custom_gradient
    def spread(sampled):
        parts = [tf.reshape(sampled * w[..., None], (-1, sampled.shape[-1])) for w in weights]
        where = tf.concat([tf.reshape(i, (-1,)) for i in places], 0)
        return tf.math.unsorted_segment_sum(tf.concat(parts, 0), where, size), gathered

    size = tf.shape(table)[0]
    return gathered(table)


def _shift(t):
    """Returns translations (batch, 3, 3) by t (batch, 2)."""
    one, zero = tf.ones_like(t[:, 0]), tf.zeros_like(t[:, 0])
    return _matrix((one, zero, t[:, 0]), (zero, one, t[:, 1]), (zero, zero, one))


def _scale(x, y):
    """Returns scalings (batch, 3, 3) of both axes."""
    one, zero = tf.ones_like(x), tf.zeros_like(x)
    return _matrix((x, zero, zero), (zero, y, zero), (zero, zero, one))


def _rotation(angle):
    """Returns rotations (batch, 3, 3) by angles in radians."""
    one, zero, cos, sin = tf.ones_like(angle), tf.zeros_like(angle), tf.cos(angle), tf.sin(angle)
    return _matrix((cos, -sin, zero), (sin, cos, zero), (zero, zero, one))


def _matrix(*rows):
    """Returns matrices (batch, rows, columns) of their elements (batch,)."""
    return tf.stack([tf.stack(row, -1) for row in rows], -2)
