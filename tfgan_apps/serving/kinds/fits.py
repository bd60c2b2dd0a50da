"""How pictures of any size are brought to a size that a network can have, and back.

| fit | the network sees |
|---|---|
| `training` | as many pixels as a training image has, the picture's aspect kept (up to 4 : 1) |
| `original` | the picture as it is |
| `pad` | a square of the training size, which the picture's longer side fills |

Sides that a network cannot have are rounded (`training`), or mirrored beyond the right and the
lower edge and cropped afterwards (`original`, `pad`). The answer has the picture's size.
"""

import math

import tensorflow as tf

from tfgan_apps.input_pipelines.sources.decoding import resized
from tfgan_apps.serving.kinds import pixels

FITS = ("training", "original", "pad")
_MAX_ASPECT = 4.0  # A panorama that is longer is squeezed: nothing would be left of its short side.


def translated(network, images, fit, size, multiple, received):
    """Returns what a network makes of images of any size.

    Args:
        network: function, float32 tensor (B, H, W, C) in [-1, 1] -> the same.
        images: uint8 tensor (B, height, width, C).
        fit: scalar string tensor, one of `FITS`.
        size: (height, width) of a training image.
        multiple: int, the network takes heights and widths that are multiples of it, from twice
            that, or `size`, on; None: of `size` only, which `images` must have where `fit` is
            `original`.
        received: str or string tensor, what an error calls the images.

    Returns:
        float32 tensor (B, height, width, C) in [-1, 1], or a little beyond.
    """
    own = tf.shape(images)[1:3]
    with tf.control_dependencies(_checks(own, fit, size, multiple, received)):
        content, padded = _sizes(tf.identity(own), fit, size, multiple)
    # Bicubic overshoots at edges.
    seen = tf.clip_by_value(pixels.scaled(resized(images, content)), -1.0, 1.0)
    answer = network(_mirrored(seen, padded))
    return resized(answer[:, : content[0], : content[1]], own)


def check_fits(fits):
    """Returns an assertion that each string of a batch (B,) is one of `FITS`."""
    known = tf.reduce_any(fits[:, None] == list(FITS), axis=1)
    places = tf.where(~known)[:, 0]
    wrong = tf.strings.join(["fit[", tf.strings.as_string(places), "]: ", tf.gather(fits, places)])
    expected = f"fit must be {', '.join(FITS[:-1])} or {FITS[-1]}. Received: "
    message = expected + tf.strings.reduce_join(wrong, separator=", ")
    return tf.debugging.Assert(tf.reduce_all(known), [message])


def _checks(own, fit, size, multiple, received):
    """Returns assertions that images can be translated."""
    checks = [pixels.check_size(tf.maximum(own, 1), own, received)]
    if multiple is None:
        checks.append(pixels.check_size(tf.where(fit == "original", size, own), own, received))
    return checks


def _sizes(own, fit, size, multiple):
    """Returns the height and width that a picture is resized to, and then padded to."""
    training = tf.constant(size) if multiple is None else _of_training_area(own, size, multiple)
    longer_side_fits = tf.reduce_min(tf.constant(size) / own)
    inside = tf.cast(tf.round(tf.cast(own, tf.float64) * longer_side_fits), tf.int32)
    padded = own if multiple is None else _multiples(own / multiple, tf.math.ceil, size, multiple)
    is_training, is_original = fit == "training", fit == "original"
    content = tf.where(is_original, own, tf.maximum(inside, 1))
    square = tf.where(is_original, padded, tf.constant(size))
    return tf.where(is_training, training, content), tf.where(is_training, training, square)


def _of_training_area(own, size, multiple):
    height, width = tf.unstack(tf.cast(own, tf.float64))
    stretch = tf.sqrt(tf.clip_by_value(height / width, 1 / _MAX_ASPECT, _MAX_ASPECT))
    sides = math.sqrt(size[0] * size[1]) * tf.stack([stretch, 1 / stretch])
    return _multiples(sides / multiple, tf.round, size, multiple)


def _multiples(counts, whole, size, multiple):
    """Returns the height and width that are a whole number of multiples, and not too few."""
    least = min(2, min(size) // multiple)
    return tf.maximum(tf.cast(whole(counts), tf.int32), least) * multiple


def _mirrored(images, size):
    """Returns images (B, H, W, C) continued to a height and width, mirrored as often as needed."""
    for axis in (0, 1):
        length = tf.shape(images)[axis + 1]
        period = tf.maximum(2 * length - 2, 1)
        places = tf.range(size[axis]) % period
        images = tf.gather(images, tf.minimum(places, period - places), axis=axis + 1)
    return images
