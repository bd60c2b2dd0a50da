"""Checkpoints of a run as it goes on."""

import keras

from tfgan_apps.callbacks.epoch_means import means_of


class SaveCheckpoints(keras.callbacks.Callback):
    """Saves at every n-th step, at the end of each n-th epoch, and the best one.

    The last step of an epoch is saved when all that belongs to the epoch is done: put it behind the
    callbacks that write, and what a killed run has not written is done again with the epoch.

    Args:
        checkpoints: a `Checkpoints`.
        every_steps: int, also within an epoch; 0 for epochs only. Defaults to 0.
        every_epochs: int >= 1. Defaults to 1.
        best: the `BestSoFar` of the run, before this one. Defaults to None, no best.
        saved_step: int, of the checkpoint that the model was restored from. Defaults to None.
    """

    def __init__(self, checkpoints, every_steps=0, every_epochs=1, best=None, saved_step=None):
        super().__init__()
        self.checkpoints = checkpoints
        self.every_steps = every_steps
        self.every_epochs = every_epochs
        self.best = best
        # Kept here, not read from disk: all workers must decide alike, for saving is collective;
        # and what is on the disk may be damaged.
        self.saved_step = saved_step

    def on_train_batch_end(self, batch, logs=None):
        if batch + 1 < self.params["steps"] and self._is_due():
            self.save()

    def on_epoch_end(self, epoch, logs=None):
        if self.best and self.best.improved:
            self.checkpoints.save(self.model, "best", **self.best.card)
        is_last = epoch + 1 == self.params["epochs"]
        if (epoch + 1) % self.every_epochs == 0 or is_last or self._is_due():
            self.save()

    def _is_due(self):
        return self.every_steps and int(self.model.step.numpy()) % self.every_steps == 0

    def save(self):
        """Saves now, unless this step is saved already."""
        step = int(self.model.step.numpy())
        if step != self.saved_step:
            self.checkpoints.save(self.model, means=means_of(self.model))
            self.saved_step = step
