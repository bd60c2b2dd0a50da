"""Bicubic resizing as MATLAB's `imresize` does it, by any factor, and steps of 8 bits before it.

Reference: Keys 1981, "Cubic convolution interpolation for digital image processing", a = -0.5;
https://github.com/tamarott/SinGAN at 7b0b418, SinGAN/imresize.py
Differences:
    Beyond all four borders the image is mirrored, as in MATLAB. In the authors' code what lies
    beyond the left and the upper one has no weight, by a cast of negative numbers.
"""

import tensorflow as tf

_REACH = 2.0  # of the cubic, in pixels to each side


def bicubic(image, factor, size):
    """Returns images of another size, smoothed as much as they shrink.

    Args:
        image: float tensor (B, height, width, C).
        factor: float > 0, by which sides grow; or a pair of such scalars, of height and width.
        size: (height, width) of what is taken of the result, from its upper left corner on, of ints
            or scalar tensors; where it is larger than the factor makes it, what is beyond is
            mirrored.

    Returns:
        float32 tensor (B, *size, C) of the same range, or a little beyond at edges.
    """
    of_rows, of_columns = factor if isinstance(factor, tuple) else (factor, factor)
    sides = [known or tf.shape(image)[axis] for axis, known in enumerate(image.shape[1:3], 1)]
    rows = _weights(sides[0], size[0], of_rows)
    columns = _weights(sides[1], size[1], of_columns)
    image = tf.einsum("ph,bhwc->bpwc", rows, tf.cast(image, tf.float32))
    return tf.einsum("qw,bpwc->bpqc", columns, image)


def eight_bits(image):
    """Returns images in [-1, 1] with the levels that 8 bits hold: cut off, not rounded.

    Args:
        image: float32 tensor; what is beyond the range is cut to it.
    """
    levels = tf.clip_by_value((image + 1.0) * 127.5, 0.0, 255.0)
    return tf.floor(levels + 1e-3) / 127.5 - 1.0  # that a level is not lost by its own rounding


def _weights(length, wanted, factor):
    """Returns what each wanted pixel takes of each given one, float32 (wanted, length)."""
    factor = tf.cast(factor, tf.float64)
    shrunk = tf.minimum(factor, 1.0)
    places = (tf.range(wanted, dtype=tf.float64) + 0.5) / factor - 0.5
    # Twice the cubic's reach, where it is widest, and a pixel more at each side.
    count = tf.cast(tf.math.ceil(2 * _REACH / shrunk), tf.int32) + 2
    first = tf.floor(places - _REACH / shrunk)
    taps = first[:, None] + tf.range(count, dtype=tf.float64)
    weights = _cubic(shrunk * (places[:, None] - taps))
    weights = tf.cast(weights / tf.reduce_sum(weights, 1, keepdims=True), tf.float32)
    taken = tf.one_hot(_mirrored(tf.cast(taps, tf.int32), length), length)
    return tf.einsum("pk,pkl->pl", weights, taken)


def _mirrored(places, length):
    """Returns places inside an image for those beyond its border, whose pixels come twice."""
    places = places % (2 * length)
    return tf.minimum(places, 2 * length - 1 - places)


def _cubic(x):
    x = tf.abs(x)
    near, far = (1.5 * x - 2.5) * x * x + 1.0, ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return tf.where(x <= 1.0, near, tf.where(x <= _REACH, far, 0.0))
