"""A `tf.data.Dataset` of one's own: from its examples to batches that go on at any step."""

import functools
import hashlib

import tensorflow as tf

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.indexed_data import IndexedData

_LOOKED_AT = 64  # examples that tell one dataset from another
_UNUSABLE = {0: "none", -1: "a dataset without end", -2: "a dataset of unknown length"}


def from_dataset(dataset, test=None, batch_size=1, seed=0, shuffle=1000):
    """Returns the data of a run from a dataset, as `StreamedData`.

    Args:
        dataset: finite `tf.data.Dataset` of examples, not batches, that gives the same ones in the
            same order whenever it is read: shuffling and drawing are left to the run.
        test: the same of held-out examples. Defaults to None, those of training stand in for them.
        batch_size: int, examples of a step over all replicas. Defaults to 1.
        seed: int, of the order. Defaults to 0.
        shuffle: int, examples in a row that are mixed with each other, in memory; 0: none, they
            come in the dataset's order. Defaults to 1000.

    Raises:
        ValueError: the dataset is none, is empty or endless, or a number is out of its range.
    """
    return StreamedData(dataset, test, batch_size, seed, shuffle)


class StreamedData(IndexedData):
    """Batches of a dataset, read anew in each epoch and shuffled by the seed and the epoch.

    A run that goes on inside an epoch reads what was used of it, and drops it.

    Args:
        dataset, test, batch_size, seed, shuffle: see `from_dataset`.
    """

    def __init__(self, dataset, test=None, batch_size=1, seed=0, shuffle=1000):
        check_integers(0, shuffle=shuffle)
        self.length = _length(dataset=dataset)
        super().__init__(self.length, batch_size, seed)
        check(batch_size <= self.length, f"at most {self.length}", batch_size=batch_size)
        self.held_out = test is not None
        self.dataset, self.tests = dataset, test if self.held_out else dataset
        self._test_length = _length(test=test) if self.held_out else self.length
        self.shuffle = shuffle

    @property
    def test_length(self):
        return self._test_length

    @functools.cached_property
    def fingerprint(self):
        """str that changes with the lengths and the first examples."""
        return self._digest()

    def check(self):
        """Reads the first examples again.

        Raises:
            DataError: they are others each time.
        """
        if self._digest() != self.fingerprint:
            cure = "Take shuffle(...) and random draws out of it; from_dataset shuffles."
            raise DataError("a dataset", [f"it gives other examples when it is read again. {cure}"])

    def test(self, batch_size=1, limit=None):
        """Returns the finite test stream in fixed order; see `IndexedData.test`."""
        examples = self.tests if limit is None else self.tests.take(limit)
        return examples.batch(batch_size).prefetch(2)

    def describe(self):
        """Returns lines that say what was found."""
        lines = [f"data: {self.length} examples of a dataset, {self.dataset.element_spec}"]
        return [*lines, *self._stand_in("test examples"), f"  training: {self._batches}"]

    def _stream(self, start_step, first, share):
        epoch, inside = divmod(start_step, self.steps_per_epoch)
        batches = tf.data.Dataset.counter(epoch).flat_map(self._epoch).skip(inside)
        is_tuple = isinstance(self.dataset.element_spec, tuple)

        def part(*batch):
            batch = batch if is_tuple else batch[0]
            return tf.nest.map_structure(lambda values: values[first : first + share], batch)

        return batches.map(part).unbatch()

    def _epoch(self, epoch):
        """Returns the global batches of an epoch, an int64 scalar tensor."""
        examples = self.dataset
        if self.shuffle:
            windows = examples.batch(self.shuffle).enumerate()
            mixed = functools.partial(self._mixed, epoch)
            examples = windows.map(mixed, tf.data.AUTOTUNE, deterministic=True).unbatch()
        return examples.batch(self.batch_size, drop_remainder=True).take(self.steps_per_epoch)

    def _mixed(self, epoch, number, window):
        """Returns a window of examples in an order of its own; tf.data's shuffle has one a run."""
        last = tf.shape(tf.nest.flatten(window)[0], tf.int64)[0] - 1
        seed = tf.stack([self._key("order") + epoch, number])
        order = tf.random.experimental.index_shuffle(tf.range(last + 1), seed, last)
        return tf.nest.map_structure(lambda values: tf.gather(values, order), window)

    def _digest(self):
        digest = hashlib.sha256(f"{self.length} {self._test_length}".encode())
        for examples in (self.dataset, self.tests):
            for example in examples.take(_LOOKED_AT):
                for part in tf.nest.flatten(example):
                    digest.update(tf.io.serialize_tensor(part).numpy())
        return digest.hexdigest()


def _length(**given):
    """Returns how many examples a dataset has, which must be told without reading it."""
    ((name, dataset),) = given.items()
    check(isinstance(dataset, tf.data.Dataset), "a tf.data.Dataset", **given)
    length = int(dataset.cardinality())
    if length < 1:
        raise ValueError(
            f"{name} must have a known number of examples, at least 1: take(n) ends an endless "
            "one, apply(tf.data.experimental.assert_cardinality(n)) says what a generator gives. "
            f"Received: {_UNUSABLE[length]}"
        )
    return length
