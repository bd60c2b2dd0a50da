"""Arrays of one's own, of any kind: from memory to batches, in an order that a seed decides."""

import hashlib

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.indexed_data import IndexedData


def from_arrays(arrays, test=None, batch_size=1, seed=0):
    """Returns the data of a run from arrays, as `ArrayData`.

    Args:
        arrays: array, or a tuple or dict of them, all of as many examples: what a batch is made of.
            Images of 8 bits, uint8 (examples, height, width, channels), come as float32 in [-1, 1];
            everything else comes as it is.
        test: the same of held-out examples. Defaults to None, those of training stand in for them.
        batch_size: int, examples of a step over all replicas. Defaults to 1.
        seed: int, of the order. Defaults to 0.

    Raises:
        ValueError: there is no array, their lengths differ, or those of `test` are of another form.
    """
    return ArrayData(arrays, test, batch_size, seed)


class ArrayData(IndexedData):
    """Batches of arrays; an epoch visits every example once, in a new order each time.

    Args:
        arrays, test, batch_size, seed: see `from_arrays`.
    """

    def __init__(self, arrays, test=None, batch_size=1, seed=0):
        self._train, length = _tensors(arrays=arrays)
        super().__init__(length, batch_size, seed)
        self.held_out = test is not None
        self._test, self._test_length = self._train, length
        if self.held_out:
            self._test, self._test_length = _tensors(test=test)
        forms = [_form(tensors) for tensors in (self._train, self._test)]
        check(forms[0] == forms[1], f"of the form of arrays, {forms[0]}", test=forms[1])
        self.length = length

    def train_example(self, position):
        return self._example(self._train, self.shuffled_index(position) % self.length)

    def test_example(self, index):
        return self._example(self._test, index)

    @property
    def test_length(self):
        return self._test_length

    @property
    def fingerprint(self):
        """str that changes with the arrays."""
        digest = hashlib.sha256()
        for tensor in tf.nest.flatten((self._train, self._test)):
            digest.update(f"{tensor.dtype.name} {tensor.shape}".encode())
            values = tensor.numpy()
            held = values.tobytes() if values.dtype != object else b"\0".join(values.ravel())
            digest.update(held)
        return digest.hexdigest()

    def check(self):
        """Looks at every number.

        Raises:
            DataError: an array holds numbers that are not finite.
        """
        problems = []
        for part, tensors in (("arrays", self._train), ("test", self._test)):
            for number, tensor in enumerate(tf.nest.flatten(tensors)):
                if tensor.dtype.is_floating and not np.isfinite(tensor).all():
                    wrong = np.argwhere(~np.isfinite(tensor))[0].tolist()
                    problems.append(f"{part}, number {number}: not finite at {wrong}. Remove it.")
        if problems:
            raise DataError("memory", list(dict.fromkeys(problems)))

    def describe(self):
        """Returns lines that say what was found."""
        lines = [f"data: {self.length} examples in memory, {_form(self._train)}"]
        return [*lines, *self._stand_in("test examples"), f"  training: {self._batches}"]

    def _example(self, tensors, index):
        return tf.nest.map_structure(lambda tensor: _scaled(tensor[index]), tensors)


def _tensors(**given):
    """Returns arrays as tensors on the CPU, where batches are made, and how many examples."""
    ((name, arrays),) = given.items()
    with tf.device("CPU"):
        tensors = tf.nest.map_structure(tf.convert_to_tensor, arrays)
    lengths = {tensor.shape[0] if tensor.shape.rank else 0 for tensor in tf.nest.flatten(tensors)}
    fits = len(lengths) == 1 and min(lengths) > 0
    if not fits:
        raise ValueError(
            f"{name} must be arrays of as many examples each, at least 1. "
            f"Received: {_form(tensors)} of {sorted(lengths)} examples"
        )
    return tensors, lengths.pop()


def _form(tensors):
    return tf.nest.map_structure(lambda t: f"{t.dtype.name} {tuple(t.shape[1:])}", tensors)


def _scaled(example):
    if example.dtype == tf.uint8 and example.shape.rank == 3:
        return tf.cast(example, tf.float32) * np.float32(1 / 127.5) - 1.0
    return example
