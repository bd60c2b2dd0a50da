"""Stop of a run whose numbers are no numbers any more."""

import keras
import numpy as np

from tfgan_apps.callbacks.train_steps import train_steps
from tfgan_apps.non_finite import NonFiniteError, is_finite, non_finite_weight


class StopOnNonFinite(keras.callbacks.Callback):
    """Raises `NonFiniteError` naming the first non-finite metric and weight, with step and epoch.

    Metrics are checked after every step; weights as soon as a metric is not finite, and at the end
    of every epoch. Put it before what saves the model, so that the last good checkpoint stays.

    Raises:
        NonFiniteError: at the step, or at the end of the epoch.
    """

    def on_epoch_begin(self, epoch, logs=None):
        """Notes the epoch for the message."""
        self._epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        """Checks the metrics."""
        metric = next((name for name, value in (logs or {}).items() if not is_finite(value)), None)
        if metric is not None:
            found = f"metric {metric!r} is {np.mean(logs[metric])}"
            weight = non_finite_weight(self.model)
            self._stop(
                found
                + (f", weight {weight!r} is not finite" if weight else ", all weights are finite")
            )

    def on_epoch_end(self, epoch, logs=None):
        """Checks the weights, which the last update may have spoiled after its loss was taken."""
        weight = non_finite_weight(self.model)
        if weight:
            self._stop(f"weight {weight!r} is not finite")

    def _stop(self, found):
        raise NonFiniteError(
            "Training must keep every metric and weight finite. Received: "
            f"{found}, at step {train_steps(self.model)} in epoch {self._epoch}"
        )
