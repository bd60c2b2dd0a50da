"""IndexedData: a training stream that is a function of (seed, position) and starts anywhere."""

import hashlib

import tensorflow as tf

from tfgan_apps.arguments import check_integers

_INDEX_SHUFFLE = 498247692  # with which index_shuffle begins a seed


class IndexedData:
    """Base of every kind of data: subclasses say what the example at a position is.

    The position of an example is `step * batch_size + slot`. Since an example depends on nothing
    but the seed and its position, a stream that starts at step k equals a stream that skipped k
    steps, reads nothing of what came before, and replicas together see the batch of one device.

    Subclasses write `train_example(position)`, `test_example(index)`, `test_length` and
    `fingerprint`, and `check()` where an example may be unusable; their
    `describe()` says `_batches` and, where nothing may be held out, `_stand_in(...)`.

    Args:
        epoch_length: int >= 1, examples in an epoch; what does not fill a batch is left out.
        batch_size: int >= 1, examples of one step over all replicas. Defaults to 1.
        seed: int >= 0. Defaults to 0.

    Raises:
        ValueError: when a number is out of its range.
    """

    def __init__(self, epoch_length, batch_size=1, seed=0):
        check_integers(1, batch_size=batch_size)
        check_integers(0, seed=seed)
        self.batch_size = batch_size
        self.seed = seed
        self.steps_per_epoch = max(1, epoch_length // batch_size)
        self._shuffled = max(epoch_length, batch_size)

    def train_example(self, position):
        """Returns the example at a position (int64 scalar tensor), drawing by `uniform` only."""
        raise NotImplementedError

    @property
    def takes_vectors(self):
        """bool, whether `train_example` makes a batch of a vector of positions, in less time."""
        return False

    def test_example(self, index):
        """Returns the test example at an index (int64 scalar tensor), without any draw."""
        raise NotImplementedError

    @property
    def test_length(self):
        """int, number of test examples."""
        raise NotImplementedError

    @property
    def fingerprint(self):
        """str that changes with the data: a run does not go on with others."""
        raise NotImplementedError

    def check(self):
        """Looks at every example once, before a run; raises `DataError` that names the bad ones."""

    @property
    def meaning(self):
        """dict, name -> str or floats: what the numbers in its batches stand for.

        A model that has learned others cannot go on.
        """
        return {}

    @property
    def contents(self):
        """dict, name of a part of the data -> str that changes with it; "the same" where empty."""
        return {}

    def describe(self):
        """Returns lines that say what was found."""
        return [f"data: {type(self).__name__}", f"  training: {self._batches}"]

    @property
    def _batches(self):
        """str, what `describe` says of the batches."""
        return (
            f"batches of {self.batch_size}, {self.steps_per_epoch} steps per epoch, "
            f"seed {self.seed}"
        )

    def _stand_in(self, what):
        """Returns what `describe` says where nothing is held out, a list of lines."""
        return [] if self.held_out else [f"  no {what}: those of training stand in for them"]

    def shuffled_index(self, position):
        """Returns the index at a position: every epoch visits [0, epoch_length) in a new order.

        Args:
            position: int64 tensor, a scalar or a vector.
        """
        examples = self.steps_per_epoch * self.batch_size
        first = tf.fill(tf.shape(position), tf.constant(_INDEX_SHUFFLE, tf.int64))
        key = tf.fill(tf.shape(position), self._key("order"))
        # index_shuffle, whose Python wrapper refuses seeds of its own for a vector of indices.
        return tf.raw_ops.RandomIndexShuffle(
            index=position % examples,
            seed=tf.stack([first, key, position // examples], axis=-1),
            max_index=tf.constant(self._shuffled - 1, tf.int64),
            rounds=4,
        )

    def uniform(self, position, purpose, count):
        """Draws numbers that depend on the seed, the position and the purpose only.

        Args:
            position: int64 scalar tensor.
            purpose: str; draws of different purposes are independent.
            count: int, how many.

        Returns:
            float32 tensor (count,) in [0, 1).
        """
        seed = tf.stack([self._key(purpose), position])
        return tf.random.stateless_uniform((count,), seed, alg="philox")

    def uniform_index(self, position, purpose, length):
        """Draws an index in [0, length), an int64 scalar tensor; see `uniform`."""
        seed = tf.stack([self._key(purpose), position])
        return tf.random.stateless_uniform((), seed, 0, length, tf.int64, alg="philox")

    def _key(self, purpose):
        digest = hashlib.sha256(f"{self.seed}/{purpose}".encode()).digest()
        return tf.constant(int.from_bytes(digest[:8], "little", signed=True), tf.int64)

    def train(self, start_step=0, input_context=None):
        """Returns the infinite training stream from a step on.

        Args:
            start_step: int >= 0, steps of the global batch that were done. Defaults to 0.
            input_context: `tf.distribute.InputContext`, or None for batches of the global size.
                With a context the stream yields, step after step, the batches of this worker's
                replicas in order, each of batch_size / replicas examples.

        Raises:
            ValueError: when `start_step` is negative or the replicas do not divide the batch.
        """
        check_integers(0, start_step=start_step)
        context = input_context or tf.distribute.InputContext()
        replicas = context.num_replicas_in_sync
        if self.batch_size % replicas:
            raise ValueError(
                f"batch_size must be a multiple of the number of replicas, {replicas}. "
                f"Received: batch_size={self.batch_size}"
            )
        share = self.batch_size // context.num_input_pipelines
        first = share * context.input_pipeline_id

        size = self.batch_size // replicas
        if self.takes_vectors:
            return self._stream(start_step, first, share, size).prefetch(2)
        examples = self._stream(start_step, first, share)
        return examples.batch(size, drop_remainder=True).prefetch(2)

    def _stream(self, start_step, first, share, size=None):
        """Returns the stream of a worker's examples, without end, one by one or in batches.

        Args:
            start_step: int, steps that were done.
            first: int, the worker's first example in the global batch.
            share: int, how many of it are the worker's.
            size: int, of the batches, or None. Defaults to None.
        """

        def example(count):
            return self.train_example(count // share * self.batch_size + first + count % share)

        counts = tf.data.Dataset.counter(start_step * share)
        counts = counts.batch(size, drop_remainder=True) if size else counts
        return counts.map(example, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)

    def test(self, batch_size=1, limit=None):
        """Returns the finite test stream in fixed order; the last batch may be smaller.

        Args:
            batch_size: int >= 1. Defaults to 1.
            limit: int, at most so many examples, or None for all. Defaults to None.
        """
        length = self.test_length if limit is None else min(limit, self.test_length)
        indices = tf.data.Dataset.range(length)
        examples = indices.map(self.test_example, tf.data.AUTOTUNE, deterministic=True)
        return examples.batch(batch_size).prefetch(2)
