"""Metrics on held-out data during `fit`."""

from tfgan_apps.callbacks.every_epochs import EveryEpochs


class HeldOutEvaluation(EveryEpochs):
    """Adds the values of an evaluation to the logs of an epoch, for all callbacks after it.

    Args:
        evaluate: function without arguments that returns a dict, name -> float.
        every_epochs: positive integer; the last epoch is always evaluated. Defaults to `1`.
    """

    def __init__(self, evaluate, every_epochs=1):
        super().__init__(every_epochs)
        self.evaluate = evaluate

    def on_due_epoch(self, epoch, logs):
        """Evaluates and merges."""
        logs.update(self.evaluate())
