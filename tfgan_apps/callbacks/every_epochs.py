"""Base of the callbacks that act after some of the epochs."""

import keras


class EveryEpochs(keras.callbacks.Callback):
    """Calls `on_due_epoch` after every `every_epochs` epochs, and after the last one.

    Args:
        every_epochs: positive integer.

    Raises:
        ValueError: `every_epochs` is not a positive integer.
    """

    def __init__(self, every_epochs):
        super().__init__()
        if not isinstance(every_epochs, int) or every_epochs < 1:
            raise ValueError(
                f"every_epochs must be a positive integer. Received: every_epochs={every_epochs!r}"
            )
        self.every_epochs = every_epochs

    def on_epoch_end(self, epoch, logs=None):
        """Counts epochs from 1, as people do, where Keras counts from 0."""
        done = epoch + 1
        if done % self.every_epochs == 0 or done == self.params.get("epochs"):
            self.on_due_epoch(done, logs)

    def on_due_epoch(self, epoch, logs):
        """Acts; `epoch` is the number of epochs done, `logs` the dict of the epoch's metrics."""
        raise NotImplementedError
