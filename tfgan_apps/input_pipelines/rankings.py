"""Queries with candidates of which some are relevant: users and items, queries and documents."""

import hashlib

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_fraction, check_integers
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.indexed_data import IndexedData


class Rankings(IndexedData):
    """Batches of queries, each with all its candidates.

    An epoch visits every query that has a relevant candidate to learn from, in a new order each
    time. A training example is a dict of

    - the inputs, as given;
    - `valid`: bool (candidates,), what is no padding;
    - `relevant`: bool (candidates,), of the training part;
    - `positives`: int32 (most,), the same as indices, then -1.

    A test example has `valid` without what is known from training, and the held-out `relevant`;
    only queries with a held-out relevant candidate are there.

    Args:
        inputs: dict, name -> array with a row per query: `query`, or `features` (queries,
            candidates, number).
        valid, train, test: bool arrays (queries, candidates): the candidates, and which of them are
            relevant, for training and held out.
        batch_size: int >= 1, queries of all replicas. Defaults to 1.
        seed: int >= 0, of the order and the validation part. Defaults to 0.
        validation_fraction: float in [0, 1), the chance of a relevant training candidate to be held
            out for choosing a model; a query keeps at least one. Defaults to 0.
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        ValueError: a number is out of its range.
        DataError: no query has anything to learn from, or a part is empty that shall be held out.
    """

    def __init__(
        self,
        inputs,
        valid,
        train,
        test,
        batch_size=1,
        seed=0,
        validation_fraction=0.0,
        name="memory",
    ):
        check_fraction(validation_fraction=validation_fraction)
        check_integers(0, seed=seed)  # Before it draws.
        self.name = name
        self.inputs = {key: np.asarray(value) for key, value in inputs.items()}
        self.valid = np.asarray(valid, bool)
        held = _held_out(train, validation_fraction, seed)
        self.relevant = {"train": train & ~held, "validation": held, "test": np.asarray(test, bool)}
        self.rows = {
            split: np.flatnonzero(relevant.any(1)) for split, relevant in self.relevant.items()
        }
        needed = ("train", "validation", "test") if validation_fraction else ("train", "test")
        empty = [split for split in needed if not len(self.rows[split])]
        if empty:
            raise DataError(name, [f"no query has a relevant candidate for {s}." for s in empty])
        super().__init__(len(self.rows["train"]), batch_size, seed)
        relevant = self.relevant["train"]
        inputs = _tensors(**self.inputs)  # All parts share them.
        self._train = inputs | _tensors(
            valid=self.valid, relevant=relevant, positives=_padded(relevant)
        )
        known = {"validation": relevant, "test": np.asarray(train, bool)}
        self._held_out = {
            split: inputs
            | _tensors(valid=self.valid & ~known[split], relevant=self.relevant[split])
            for split in known
        }

    @property
    def parts(self):
        """list of str, what is held out: `"validation"` where there is one, and `"test"`."""
        return [split for split in ("validation", "test") if len(self.rows[split])]

    @property
    def candidates(self):
        """int, the largest number of candidates that a query has."""
        return self.valid.shape[1]

    @property
    def most_relevant(self):
        """int, the largest number of relevant candidates that a query has in training."""
        return self._train["positives"].shape[1]

    def train(self, start_step=0, input_context=None):
        """Returns the infinite training stream from a step on; see `IndexedData.train`."""
        # A batch is gathered at once: one by one its examples took longer than to learn from them.
        rows = super().train(start_step, input_context)
        return rows.map(lambda rows: _gather(self._train, rows), tf.data.AUTOTUNE).prefetch(2)

    def train_example(self, position):
        """Returns the row of the query at a position (int64 scalar tensor)."""
        index = self.shuffled_index(position) % len(self.rows["train"])
        return tf.gather(self.rows["train"], index)

    def test_example(self, index):
        return self._held_out_example("test", index)

    def _held_out_example(self, split, index):
        return _gather(self._held_out[split], tf.gather(self.rows[split], index))

    @property
    def test_length(self):
        return len(self.rows["test"])

    def held_out(self, split, batch_size=1):
        """Returns the finite stream of a held-out part in fixed order.

        Args:
            split: `"validation"` or `"test"`.
            batch_size: int >= 1. Defaults to 1.
        """
        indices = tf.data.Dataset.range(len(self.rows[split]))
        examples = indices.map(lambda index: self._held_out_example(split, index))
        return examples.batch(batch_size).prefetch(2)

    @property
    def fingerprint(self):
        """str that changes when anything in the data does."""
        digest = hashlib.sha256()
        for array in (*self.inputs.values(), self.valid, *self.relevant.values()):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def check(self):
        """Raises `DataError` when an input is not a finite number."""
        problems = [
            f"{name}: {np.count_nonzero(~np.isfinite(array))} values are no finite numbers."
            for name, array in self.inputs.items()
            if array.dtype.kind == "f" and not np.isfinite(array).all()
        ]
        if problems:
            raise DataError(self.name, problems)

    def describe(self):
        """Returns lines that say what was found."""
        parts = {
            split: f"  {split}: {int(relevant.sum())} relevant candidates of "
            f"{len(self.rows[split])} queries"
            for split, relevant in self.relevant.items()
        }
        return [
            f"data: {self.name}",
            f"  {len(self.valid)} queries, at most {self.valid.shape[1]} candidates",
            *parts.values(),
            f"  training: {self._batches}",
        ]


def _tensors(**arrays):
    return {name: tf.constant(array) for name, array in arrays.items()}


def _gather(tensors, rows):
    return {name: tf.gather(tensor, rows) for name, tensor in tensors.items()}


def _held_out(train, validation, seed):
    """Returns which relevant candidates are held out; of every query at least one is not."""
    if not validation:
        return np.zeros_like(train)
    drawn = np.random.default_rng(seed).random(train.shape)
    drawn[~train] = -1.0
    largest = drawn.argmax(1)
    held = train & (drawn < validation)
    held[np.arange(len(train)), largest] = False
    return held


def _padded(relevant):
    """Returns the indices of each row's True, int32 (rows, most), then -1."""
    most = int(relevant.sum(1).max())
    order = np.argsort(~relevant, axis=1, kind="stable")[:, :most]
    return np.where(np.take_along_axis(relevant, order, 1), order, -1).astype(np.int32)
