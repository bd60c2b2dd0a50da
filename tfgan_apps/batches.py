"""What a system's batches are, said in a line, and what is wrong with those that a user has.

self.batch_spec = (batches.images(image_size, channels),) * 2     # in a system's constructor
"""

import dataclasses
import itertools

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_apps.arguments import check

_LEVELS = " Levels of 8 bits become such by x / 127.5 - 1."


@dataclasses.dataclass(frozen=True)
class Values:
    """One part of a batch.

    Args:
        shape: tuple of an example's, None where it may be any.
        dtype: str; "integer" is any of them.
        low, high: the least and the largest value. Default to None, not checked.
        multiple, least: int, what heights and widths that `shape` leaves open are multiples of, and
            are at least. Default to 1.
    """

    shape: tuple
    dtype: str = "float32"
    low: float | None = None
    high: float | None = None
    multiple: int = 1
    least: int = 1

    def __str__(self):
        sides = ("height", "width")
        named = [sides[i] if size is None else size for i, size in enumerate(self.shape)]
        text = f"{self.dtype} ({', '.join(map(str, ['batch', *named]))})"
        if self.low is not None:
            text += f" in [{self.low:g}, {self.high:g}]"
        if self.least > 1:
            text += f", height and width multiples of {self.multiple}, at least {self.least}"
        return text

    def fits(self, dtype, shape):
        """Tells whether a tensor of a `tf.DType` and a static shape is such a part."""
        shape = tf.TensorShape(shape)
        of_kind = dtype.is_integer if self.dtype == "integer" else dtype.name == self.dtype
        if not of_kind:
            return False
        if shape.rank is None or not shape.is_compatible_with((None, *self.shape)):
            return shape.rank is None
        sides = [found for found, size in zip(shape[1:], self.shape, strict=True) if size is None]
        known = [side for side in sides if side is not None]
        return all(side % self.multiple == 0 and side >= self.least for side in known)


def images(size, channels, multiple=1, least=1):
    """Returns the part of a batch that is images, float32 in [-1, 1].

    Args:
        size: int, height and width; a pair of them; None: any.
        channels: int.
        multiple, least: see `Values`.
    """
    sides = tuple(size) if isinstance(size, list | tuple) else (size, size)
    return Values((*sides, channels), "float32", -1, 1, multiple, least)


def labelled(size, channels, classes):
    """Returns a batch of images with a class each: a dict of `image` and `label`.

    Args:
        size, channels: see `images`.
        classes: int, labels are below it.
    """
    return {"image": images(size, channels), "label": Values((), "integer", 0, classes - 1)}


def check_batches(expected, iterator, count=1, least=1):
    """Looks at what is to be trained or measured on, before the first batch of it is.

    Args:
        expected: structure of `Values`; of a dict, what must be in it.
        iterator: of a `tf.data.Dataset`, or a distributed one.
        count: int, batches that are taken together. Defaults to 1.
        least: int, the fewest examples of a batch. Defaults to 1.

    Returns:
        An iterator of the first `count` batches, for which those of the given one are taken.

    Raises:
        ValueError: the structure, a shape, a type or a value is not as expected, or there are too
            few examples.
    """
    _check_specs(expected, iterator.element_spec)
    if not isinstance(iterator, tf.data.Iterator):
        return iterator  # of several replicas; their first batch cannot be put back
    first = list(itertools.islice(iterator, count))
    for batch in first:
        _check_values(expected, batch)
        size = tf.nest.flatten(batch)[0].shape[0]
        check(size >= least, f"at least {least}, its examples are compared", batch_size=size)
    # Of the same `element_spec`, so that nothing is traced again.
    spec = iterator.element_spec
    return iter(tf.data.Dataset.from_generator(lambda: iter(first), output_signature=spec))


def check_input(expected, x):
    """Raises `ValueError` unless what `predict` is given is as expected.

    Args:
        expected: `Values`, or None where anything is.
        x: array, or a `tf.data.Dataset` whose elements are looked at when they are used.
    """
    if expected is None:
        return
    if isinstance(x, tf.data.Dataset):
        spec = x.element_spec
        _check_specs(expected, spec[0] if isinstance(spec, tuple) else spec, "x")
    elif hasattr(x, "shape"):
        x = np.asarray(x)
        # As Keras does before it calls the model.
        x = x.astype(np.float32) if x.dtype.kind == "f" else x
        _check_specs(expected, tf.TensorSpec(x.shape, x.dtype), "x")
        _check_values(expected, x, "x")


def _check_specs(expected, specs, what="a batch"):
    specs = tf.nest.map_structure(_of_one_replica, specs)
    fits = _same_structure(expected, specs) and all(
        part.fits(spec.dtype, spec.shape) for part, spec in _pairs(expected, specs)
    )
    if not fits:
        cure = "uint8" in _text(specs) and "[-1, 1]" in _text(expected)
        _refuse(expected, _text(specs), what, cure)


def _check_values(expected, batch, what="a batch"):
    for part, values in _pairs(expected, batch):
        if part.low is None or 0 in values.shape:
            continue
        values = np.asarray(values)  # on the host: a whole set may be larger than a GPU's memory
        low, high = float(values.min()), float(values.max())
        if not (part.low <= low and high <= part.high):  # nor is a NaN
            cure = part.low == -1 and 2 < high <= 255
            _refuse(expected, f"values from {low:g} to {high:g}", what, cure)
        if part.low == -1 and 0 <= low < high and what == "a batch":
            logging.warning(
                "images must be in [-1, 1], and the first are all in [%g, %g]: are they scaled?",
                low,
                high,
            )


def _refuse(expected, received, what, cure):
    cure = _LEVELS if cure else ""
    raise ValueError(f"{what} must be {_text(expected)}.{cure} Received: {received}")


def _of_one_replica(spec):
    return tf.nest.flatten(spec, expand_composites=True)[0]


def _same_structure(expected, found):
    if isinstance(expected, dict):
        return isinstance(found, dict) and set(expected) <= set(found)
    if isinstance(expected, tuple | list):
        parts = isinstance(found, tuple | list) and len(found) == len(expected)
        return parts and all(map(_same_structure, expected, found))
    return not isinstance(found, dict | tuple | list)


def _pairs(expected, found):
    """Returns [(`Values`, what stands in its place)]."""
    if isinstance(expected, dict):
        return [pair for name in expected for pair in _pairs(expected[name], found[name])]
    if isinstance(expected, tuple | list):
        return [pair for each in map(_pairs, expected, found) for pair in each]
    return [(expected, found)]


def _text(parts):
    if isinstance(parts, dict):
        inner = ", ".join(f"{name!r}: {_text(part)}" for name, part in parts.items())
        return f"{{{inner}}}"
    if isinstance(parts, tuple | list):
        return f"({', '.join(map(_text, parts))})"
    if isinstance(parts, Values):
        return str(parts)
    return f"{parts.dtype.name} {tf.TensorShape(parts.shape)}"
