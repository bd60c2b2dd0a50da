"""Decoding label maps inside a graph: a PNG of numbers, of palette or of colours becomes labels.

What is wrong with a file is a text of the graph, so that one sentence serves data and servers.
"""

import dataclasses
import zlib

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.input_pipelines.sources.decoding import is_jpeg, is_png
from tfgan_apps.input_pipelines.sources.orientation import before_pixels

DONTCARE = 255  # the number that data sets give to pixels of no class
_CURE = "Save it as grey PNG of label numbers."
_COLORED = f"{_CURE[:-1]}, or give the table of its colours (--palette)."
_PALETTE = 3  # the colour type of a PNG, of which grey is 0
_BYTES = tuple(bytes([value]) for value in range(256))


def _check_of_grey():
    """Returns what changes in a header's check sum, whatever else it says, when it becomes grey."""
    headers = (b"IHDR" + bytes(9) + bytes([kind, 0, 0, 0]) for kind in (_PALETTE, 0))
    first, second = map(zlib.crc32, headers)
    return (first ^ second).to_bytes(4)


_CHECK_OF_GREY = _check_of_grey()


@dataclasses.dataclass(frozen=True)
class Labelling:
    """How files of label maps tell labels.

    Args:
        classes: int, labels are below it.
        dontcare: bool, whether pixels of no class have the label `classes`: those of number 255, or
            below `first_id`.
        first_id: int, the number of label 0. Defaults to 0.
        colors: sequence of (red, green, blue), 0 to 255, the colours of labels; of don't care, too,
            the last one, where there is one more. Defaults to None: files hold numbers.

    Raises:
        ValueError: a number is out of its range, or the colours are not as many, or not different.
    """

    classes: int
    dontcare: bool
    first_id: int = 0
    colors: tuple | None = None

    def __post_init__(self):
        check_integers(1, classes=self.classes)
        check_integers(0, first_id=self.first_id)
        if self.colors is not None:
            object.__setattr__(self, "colors", tuple(map(tuple, self.colors)))  # frozen
            counts = {self.classes, self.classes + self.dontcare}
            expected = f"{' or '.join(map(str, sorted(counts)))} different ones, of the classes"
            fits = len(self.colors) in counts and len(set(self.colors)) == len(self.colors)
            check(fits, expected, colors=f"{len(set(self.colors))} of {len(self.colors)}")


@tf.autograph.experimental.do_not_convert
def decode_labels(encoded, labelling):
    """Decodes a label map.

    Args:
        encoded: scalar string tensor.
        labelling: `Labelling`.

    Returns:
        int32 tensor (height, width), -1 where there is no label, and what is wrong with the file, a
        scalar string tensor, "" where nothing is.

    Raises:
        tf.errors.OpError: of a PNG that cannot be decoded.
    """
    if labelling.colors is not None:
        return _of_png(encoded, lambda: _by_table(encoded, labelling))
    return _of_png(encoded, lambda: _by_number(encoded, labelling))


@tf.autograph.experimental.do_not_convert
def decode_numbers(encoded):
    """Decodes a map of numbers of any meaning, such as of things; see `decode_labels`."""
    return _of_png(encoded, lambda: _numbers(encoded))


def _of_png(encoded, decode):
    nothing = tf.zeros([0, 0], tf.int32)
    jpeg = f"is a JPEG, which changes label numbers. {_CURE}"
    kind = tf.where(is_jpeg(encoded), jpeg, f"is no PNG. {_CURE}")
    found, problem = tf.cond(is_png(encoded), decode, lambda: (nothing, kind))
    return tf.ensure_shape(found, (None, None)), problem


def _by_number(encoded, labelling):
    """Returns labels of a PNG of numbers or of a palette, and what is wrong."""
    first, classes = labelling.first_id, labelling.classes
    numbers, problem = _numbers(encoded)
    inside = (numbers >= first) & (numbers < first + classes)
    outside = (numbers < first) | (numbers == DONTCARE)
    known = inside | outside if labelling.dontcare else inside
    labels = tf.where(inside, numbers - first, tf.where(known, classes, -1))
    meant = f"labels have {first} to {first + classes - 1}"
    meant += f", and {DONTCARE} is don't care" if labelling.dontcare else " (no don't care)"
    cure = f": {meant}. Correct it, or classes, first_id or dontcare."
    strange = _said("has the number ", tf.boolean_mask(numbers, ~known), cure)
    return labels, tf.where(problem == "", strange, problem)


def _by_table(encoded, labelling):
    """Returns labels of a PNG by its colours, and what is wrong."""
    table = np.asarray(labelling.colors, np.int32)
    order = np.argsort(_key(table)).astype(np.int32)
    keys = tf.constant(_key(table)[order])
    colors = _key(tf.cast(tf.io.decode_png(encoded, channels=3), tf.int32))
    found = tf.searchsorted(keys, tf.reshape(colors, [-1]))
    found = tf.reshape(tf.minimum(found, len(table) - 1), tf.shape(colors))
    known = tf.gather(keys, found) == colors
    strange = tf.boolean_mask(colors, ~known)[:1]
    levels = tf.concat([strange // 2**16, strange // 2**8 % 2**8, strange % 2**8], 0)
    cure = ", which the table of colours lacks. Add it there, or correct the file."
    return tf.where(known, tf.gather(order, found), -1), _said("has the colour ", levels, cure, 3)


def _numbers(encoded):
    """Returns the numbers in a PNG, int32 (height, width), and what is wrong with it."""
    header = tf.cast(tf.io.decode_raw(tf.strings.substr(encoded, 24, 2), tf.uint8), tf.int32)
    depth, kind = tf.unstack(tf.ensure_shape(header, [2]))
    encoded = tf.cond(kind == _PALETTE, lambda: _as_grey(encoded), lambda: encoded)
    levels = tf.cast(tf.io.decode_png(encoded, channels=3, dtype=tf.uint16), tf.int32)
    # TensorFlow spreads whatever depth over 16 bits.
    numbers = levels[..., 0] // (65535 // (tf.bitwise.left_shift(1, depth) - 1))
    colored = tf.reduce_any(levels[..., :1] != levels)
    return numbers, tf.where(colored, f"is of colours, not of label numbers. {_COLORED}", "")


def _as_grey(encoded):
    """Returns a PNG of palette as one of its numbers: TensorFlow tells colours only.

    The header says grey, and nothing is between it and the pixels.
    """
    check = tf.io.decode_raw(tf.strings.substr(encoded, 29, 4), tf.uint8)
    check = tf.bitwise.bitwise_xor(check, np.frombuffer(_CHECK_OF_GREY, np.uint8))
    check = tf.strings.reduce_join(tf.gather(_BYTES, tf.cast(check, tf.int32)))
    pixels = tf.strings.substr(encoded, tf.strings.length(before_pixels(encoded)) - 4, -1)
    head = tf.strings.substr(encoded, 0, 25), tf.strings.substr(encoded, 26, 3)
    return tf.strings.join([head[0], b"\0", head[1], check, pixels])


def _key(colors):
    """Returns a number for each colour, of int32 (..., 3)."""
    return colors[..., 0] * 2**16 + colors[..., 1] * 2**8 + colors[..., 2]


def _said(before, values, after, count=1):
    """Returns a sentence about the first of some values, or "" where there are none."""
    text = tf.strings.reduce_join(tf.strings.as_string(values[:count]), separator=" ")
    return tf.where(tf.size(values) > 0, tf.strings.join([before, text, after]), "")
