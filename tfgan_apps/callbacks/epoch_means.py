"""The means of an epoch that is interrupted: of all its steps, not of its rest."""

import keras


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
        for name, (total, count) in self.means.items():
            tracker = self.model.trackers[name]
            tracker.total.assign(total)
            tracker.count.assign(count)
            self.model.played.add(name)
        self.means = {}


def means_of(model):
    """Returns what `EpochMeans` takes: name -> [sum, count] of each mean of this epoch.

    Args:
        model: `AdversarialModel`, in training.
    """
    trackers = {name: model.trackers[name] for name in sorted(model.played)}
    return {name: [_number(t.total), _number(t.count)] for name, t in trackers.items()}


def _number(variable):
    """Returns the sum over all replicas: a collective operation where they are on several hosts."""
    return float(keras.ops.convert_to_numpy(variable))
