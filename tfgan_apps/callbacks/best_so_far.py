"""The best epoch by a held-out metric, and the end of a run that finds no better one."""

import keras


class BestSoFar(keras.callbacks.Callback):
    """Knows the best epoch, and ends the training when too many evaluations were not better.

    Put it behind the evaluation and before what writes: the epoch that it ends with is the last one
    for all of them. How long the best one stands is counted from its epoch, which stands on its
    checkpoint's card, so that a run that was stopped and goes on ends where the unbroken one would.

    Args:
        monitor: str, the metric in an epoch's logs whose smallest value is the best, or -name,
            whose largest is; epochs without it do not count. Defaults to None, there is no best.
        patience: int, evaluations in a row without a better value, after which training ends; 0:
            it goes on to its end. Defaults to 0.
        every_epochs: int, epochs between two evaluations. Defaults to 1.
        protocol: dict, how the values are measured; by another one, they do not compare.
        card: dict, of the best checkpoint before, or None. Defaults to None.
        done: int, epochs that are done. Defaults to 0.
    """

    def __init__(self, monitor=None, patience=0, every_epochs=1, protocol=None, card=None, done=0):
        super().__init__()
        self.monitor = monitor
        self.patience = patience
        self.every_epochs = every_epochs
        self.protocol = protocol or {}
        self.improved = False
        self._name = (monitor or "").removeprefix("-")
        self._sign = -1 if self._name != monitor else 1
        same = card and (card.get("metric"), card.get("protocol")) == (monitor, self.protocol)
        self.value, self.epoch = (card["value"], card["epoch"]) if same else (None, done)

    def on_epoch_end(self, epoch, logs=None):
        """Compares, and marks the last epoch."""
        value = (logs or {}).get(self._name)
        self.improved = value is not None and self._is_better(float(value))
        if self.improved:
            self.value, self.epoch = float(value), epoch + 1
        if value is not None and self.is_over(epoch + 1):
            self.params["epochs"] = epoch + 1
            self.model.stop_training = True

    def _is_better(self, value):
        # Of what is no number, neither is: not better.
        return self._sign * value < (
            float("inf") if self.value is None else self._sign * self.value
        )

    def is_over(self, epochs):
        """Tells whether a run is at its end for want of a better value.

        Args:
            epochs: int, that are done.
        """
        since = epochs // self.every_epochs - self.epoch // self.every_epochs
        return bool(self.patience) and since >= self.patience

    def __str__(self):
        return f"no {self.monitor} better than that of epoch {self.epoch}, {self.value}"

    @property
    def card(self):
        """dict, what stands beside the checkpoint of the best epoch."""
        found = {"metric": self.monitor, "value": self.value, "epoch": self.epoch}
        return {**found, "protocol": self.protocol}
