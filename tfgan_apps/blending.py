"""Blending: a part of an image put into another one, with a soft edge.

Reference: Shaham et al. 2019 (SinGAN), https://arxiv.org/abs/1905.01164, section 4;
https://github.com/tamarott/SinGAN at 18865c1, SinGAN/functions.py, `dilate_mask`
"""

import tensorflow as tf

_SOFTNESS = 5.0  # pixels, standard deviation of the edge
_REACH = 20  # pixels, four of them


def blended(inside, outside, mask, dilation):
    """Returns an image that is one inside of a mask, and another one outside.

    Args:
        inside, outside: float32 tensors (height, width, C).
        mask: bool tensor (height, width), what is inside; part of the image, not all of it.
        dilation: int32 scalar tensor >= 0, pixels that the mask grows by to all sides; 7 for
            harmonization and 20 for editing are the authors'.
    """
    share = soft(mask, dilation)[..., None]
    return share * inside + (1.0 - share) * outside


def soft(mask, dilation):
    """Returns a mask, grown by pixels within a circle, with a soft edge: float32 from 0 to 1.

    Args:
        mask, dilation: see `blended`.
    """
    steps = tf.range(-dilation, dilation + 1)
    circle = steps[:, None] ** 2 + steps[None] ** 2 <= dilation**2
    grown = _filtered(tf.cast(mask, tf.float32), tf.cast(circle, tf.float32)) > 0.5
    offsets = tf.range(-_REACH, _REACH + 1, dtype=tf.float32)
    bell = tf.exp(-0.5 * (offsets / _SOFTNESS) ** 2)
    bell /= tf.reduce_sum(bell)
    edge = _continued(tf.cast(grown, tf.float32))
    smooth = _filtered(edge, bell[:, None] * bell[None])[_REACH:-_REACH, _REACH:-_REACH]
    least, most = tf.reduce_min(smooth), tf.reduce_max(smooth)
    return tf.math.divide_no_nan(smooth - least, most - least)


def _filtered(image, kernel):
    found = tf.nn.conv2d(image[None, ..., None], kernel[..., None, None], 1, "SAME")
    return found[0, ..., 0]


def _continued(image):
    """Returns an image with its outermost pixels repeated beyond its border."""
    for axis in (0, 1):
        side = tf.shape(image)[axis]
        places = tf.clip_by_value(tf.range(-_REACH, side + _REACH), 0, side - 1)
        image = tf.gather(image, places, axis=axis)
    return image
