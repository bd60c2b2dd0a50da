"""The means of an epoch that is interrupted: of all its steps, not of its rest."""

import functools

import keras
import numpy as np
import tensorflow as tf


class EpochMeans(keras.callbacks.Callback):
    """Goes on with the means of the first epoch, as they were when it was interrupted.

    Args:
        means: dict, from `means_of`.
    """

    def __init__(self, means):
        super().__init__()
        self.means = means

    def on_epoch_begin(self, epoch, logs=None):
        """Comes after Keras has set all means to nothing."""
        if self.means:
            strategy = self.model.distribute_strategy
            _of_replicas(lambda: strategy.run(self._assign), strategy)()
            self.model.played.update(self.means)
        self.means = {}

    def _assign(self):
        context = tf.distribute.get_replica_context()
        for name, means in self.means.items():
            total, count = _for_replicas(means, context.num_replicas_in_sync)
            tracker, place = self.model.trackers[name], context.replica_id_in_sync_group
            tracker.total.assign(tf.gather(total, place))
            tracker.count.assign(tf.gather(count, place))


def _for_replicas(means, replicas):
    """Returns sums and counts (2, replicas): where there were others, the first has them all."""
    means = np.reshape(np.float32(means), (2, -1))
    if means.shape[1] == replicas:
        return means
    return np.pad(means.sum(1, keepdims=True), [(0, 0), (0, replicas - 1)])


def means_of(model):
    """Returns what `EpochMeans` takes: name -> [sums, counts] of each mean of this epoch.

    They are those of each replica: added up, they would be rounded in another way. On several hosts
    all of them must call it together.

    Args:
        model: `AdversarialModel`, in training.
    """
    names = tuple(sorted(model.played))
    if not names:
        return {}
    return dict(zip(names, _gathering(model, names)().numpy().tolist(), strict=True))


@functools.lru_cache(maxsize=1)
def _gathering(model, names):
    """Returns a function that gathers (names, 2, replicas)."""
    strategy = model.distribute_strategy

    def own():
        trackers = [model.trackers[name] for name in names]
        pairs = [[tf.convert_to_tensor(t.total), tf.convert_to_tensor(t.count)] for t in trackers]
        return tf.stack(pairs)[None]

    def gather():
        return tf.transpose(strategy.gather(strategy.run(own), axis=0), (1, 2, 0))

    return _of_replicas(gather, strategy)


def _of_replicas(function, strategy):
    """Compiles what several replicas do: else it is slow, and TensorFlow says so each time."""
    several = strategy.num_replicas_in_sync > 1
    return tf.function(function, autograph=False) if several else function
