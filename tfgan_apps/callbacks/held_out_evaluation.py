"""Metrics on held-out data during `fit`."""

import time

from absl import logging

from tfgan_apps.arguments import check
from tfgan_apps.callbacks.every_epochs import EveryEpochs

_SHARE = 0.1  # of the time, which evaluations may take
_SECONDS = 60.0  # what takes less bothers nobody


class HeldOutEvaluation(EveryEpochs):
    """Adds the values of an evaluation to the logs of an epoch, for all callbacks after it.

    Evaluations that take more than a tenth of the time are a warning, once.

    Args:
        evaluate: function without arguments that returns a dict, name -> float.
        every_epochs: positive integer; the last epoch is always evaluated. Defaults to `1`.
        monitor: str, a metric that must be among the values, perhaps with a minus before it.
            Defaults to None, any.

    Raises:
        ValueError: at the first evaluation, which has not the monitored metric, or has a name that
            is in the logs already.
    """

    def __init__(self, evaluate, every_epochs=1, monitor=None):
        super().__init__(every_epochs)
        self.evaluate = evaluate
        self.monitor = monitor
        self.spent = 0.0  # seconds
        self._begun, self._warned = None, False

    def on_due_epoch(self, epoch, logs):
        """Evaluates and merges."""
        start = time.monotonic()
        values = self.evaluate()
        name = (self.monitor or "").removeprefix("-")
        check(not name or name in values, f"one of {list(values)}", monitor=self.monitor)
        clash = sorted(values.keys() & logs.keys())
        check(not clash, "no name of what training shows", values=clash)
        logs.update(values)
        self._count(start, time.monotonic())

    def _count(self, start, end):
        if self._begun is None:  # the first one is compiled, which tells nothing of the others
            self._begun = end
            return
        self.spent += end - start
        share = self.spent / (end - self._begun)
        if share > _SHARE and self.spent > _SECONDS and not self._warned:
            self._warned = True
            text = "evaluations take %.0f %% of the time: less with a larger --evaluate_epochs, or "
            logging.warning(text + "a smaller --evaluate_share", 100 * share)
