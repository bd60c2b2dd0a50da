"""Turning photographs upright inside a graph, as the EXIF data of their files tell."""

import tensorflow as tf

_TAG = 0x0112  # Orientation; its value is 1 for an upright image, up to 8 for others
_SHORT = 3  # the type of its value
_LONGEST = 1 << 16  # bytes of EXIF data that are looked at, what a segment of a JPEG can hold


def upright(image, encoded, mark, skipped=0):
    """Returns an image as it is to be seen; where the EXIF data say nothing, as it is.

    Args:
        image: tensor (height, width, channels).
        encoded: scalar string tensor, the image's file.
        mark: bytes, what stands before EXIF data in files of this format.
        skipped: int, bytes between the mark and the data. Defaults to 0.
    """
    parts = tf.raw_ops.StringSplitV2(input=[encoded], sep=mark, maxsplit=1).values
    found = tf.cond(
        tf.size(parts) > 1,
        lambda: _orientation(tf.strings.substr(parts[1], skipped, _LONGEST)),
        lambda: tf.constant(1, tf.int64),
    )
    return tf.cond(found > 1, lambda: _turned(image, found), lambda: image)


def _orientation(tiff):
    """Returns the orientation in EXIF data, int64 from 1 to 8; 1 where there is none."""
    little = tf.strings.substr(tiff, 0, 4) == b"II*\0"
    is_tiff = little | (tf.strings.substr(tiff, 0, 4) == b"MM\0*")
    # Damaged data may end anywhere: zeros behind them keep every place that is read inside.
    data = tf.io.decode_raw(tiff, tf.uint8)
    data = tf.pad(tf.cast(data, tf.int64), [[0, 16]])

    def number(digits):
        powers = tf.constant([256**power for power in range(digits.shape[-1])], tf.int64)
        return tf.reduce_sum(digits * tf.where(little, powers, powers[::-1]), axis=-1)

    start = tf.clip_by_value(number(data[4:8]), 8, tf.size(data, tf.int64) - 2)
    count = number(tf.ensure_shape(data[start : start + 2], [2]))
    rows = data[start + 2 : start + 2 + 12 * count]
    rows = tf.reshape(rows[: tf.size(rows) // 12 * 12], [-1, 12])
    fits = (number(rows[:, :2]) == _TAG) & (number(rows[:, 2:4]) == _SHORT) & is_tiff
    values = tf.concat([tf.boolean_mask(number(rows[:, 8:10]), fits), [1]], axis=0)
    return tf.where(values[0] <= 8, values[0], 1)


def _turned(image, orientation):
    def among(*orientations):
        return tf.reduce_any(orientation == tf.constant(orientations, tf.int64))

    # From 5 on rows and columns have changed places, before the image is mirrored.
    image = tf.cond(orientation >= 5, lambda: tf.transpose(image, (1, 0, 2)), lambda: image)
    mirrored = [among(3, 4, 7, 8), among(2, 3, 6, 7)]
    return tf.reverse(image, tf.boolean_mask([0, 1], mirrored))
