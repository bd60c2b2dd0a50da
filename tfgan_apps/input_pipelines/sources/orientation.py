"""Turning photographs upright inside a graph, as the EXIF data of their files tell."""

import functools

import tensorflow as tf

_TAG = 0x0112  # Orientation; its value is 1 for an upright image, up to 8 for others
_SHORT = 3  # the type of its value
_LONGEST = 1 << 16  # bytes of EXIF data that are looked at, what a segment of a JPEG can hold


def exif_of_jpeg(encoded):
    """Returns the EXIF data in a JPEG, a string tensor, "" where there are none."""
    # In front of the quantization tables: to look through all of a file takes as long as to decode
    # a part of it. The tables of a thumbnail stand in the data themselves, behind what is read.
    return _after(_before(encoded, b"\xff\xdb\0"), b"Exif\0\0")


def exif_of_png(header):
    """Returns the EXIF data in the `before_pixels` of a PNG, a string tensor, or ""."""
    return _after(header, b"eXIf")


def before_pixels(encoded):
    """Returns what a PNG has in front of its pixels, a string tensor."""
    return _before(encoded, b"IDAT")


def has_chunk(header, name):
    """Tells whether a chunk of that name, bytes, is in the `before_pixels` of a PNG."""
    return tf.size(_split(header, name)) > 1


def _before(encoded, mark):
    return _split(encoded, mark)[0]


def _after(encoded, mark):
    return tf.concat([_split(encoded, mark), [""]], axis=0)[1]


def _split(encoded, mark):
    return tf.raw_ops.StringSplitV2(input=[encoded], sep=mark, maxsplit=1).values


# A graph of its own: a branch that is not taken costs as much as its operations are many.
@functools.partial(
    tf.function,
    input_signature=[tf.TensorSpec([None, None, None], tf.uint16), tf.TensorSpec([], tf.string)],
    autograph=False,
    experimental_attributes={"_noinline": True},
)
def upright(image, exif):
    """Returns an image as it is to be seen; where the EXIF data say nothing, as it is.

    Args:
        image: uint16 tensor (height, width, channels).
        exif: scalar string tensor, the data, of which the end may be missing, or something behind
            it; damaged data say nothing.
    """
    orientation = _orientation(tf.strings.substr(exif, 0, _LONGEST))
    return tf.cond(orientation > 1, lambda: _turned(image, orientation), lambda: image)


def _orientation(tiff):
    """Returns the orientation in EXIF data, int64 from 1 to 8; 1 where there is none."""
    little = tf.strings.substr(tiff, 0, 4) == b"II*\0"
    is_tiff = little | (tf.strings.substr(tiff, 0, 4) == b"MM\0*")
    # Damaged data may end anywhere: zeros behind them keep every place that is read inside.
    data = tf.io.decode_raw(tiff, tf.uint8)
    data = tf.pad(tf.cast(data, tf.int64), [[0, 16]])

    def number(place, size, rows=data[None]):
        powers = tf.constant([256**power for power in range(size)], tf.int64)
        powers = tf.where(little, powers, powers[::-1])
        return tf.linalg.matvec(rows[:, place : place + size], powers)

    start, last = number(4, 4)[0], tf.size(data, tf.int64) - 2
    is_tiff &= (start >= 8) & (start <= last)
    start = tf.clip_by_value(start, 8, last)
    count = number(start, 2)[0]
    rows = data[start + 2 : start + 2 + 12 * count]
    rows = tf.reshape(rows[: tf.size(rows) // 12 * 12], [-1, 12])
    fits = (number(0, 2, rows) == _TAG) & (number(2, 2, rows) == _SHORT) & is_tiff
    values = tf.concat([tf.boolean_mask(number(8, 2, rows), fits), [1]], axis=0)
    return tf.where(values[0] <= 8, values[0], 1)


def _turned(image, orientation):
    def among(*orientations):
        return tf.reduce_any(orientation == tf.constant(orientations, tf.int64))

    # From 5 on rows and columns have changed places, before the image is mirrored.
    image = tf.cond(orientation >= 5, lambda: tf.transpose(image, (1, 0, 2)), lambda: image)
    mirrored = [among(3, 4, 7, 8), among(2, 3, 6, 7)]
    return tf.reverse(image, tf.boolean_mask([0, 1], mirrored))
