"""Log of a run as JSON lines."""

import json
import os
import time

import keras
import numpy as np

from tfgan_apps.callbacks.train_steps import train_steps
from tfgan_apps.callbacks.warn_once import WarnOnce


class JSONLLogger(keras.callbacks.Callback):
    """Appends one JSON object per epoch: `epoch` (from 1), `step`, `seconds`, and the metrics.

    A run that resumes keeps the lines of the epochs before the one it starts with and drops the
    others, so each epoch stands there once. A value that is not finite is written as `null`, since
    JSON has no name for it. A failure to write is a warning.

    Args:
        path: the file; its directory is made when absent.
    """

    def __init__(self, path):
        super().__init__()
        self.path = path
        self._writing = WarnOnce(path)

    def on_train_begin(self, logs=None):
        """Marks that the first epoch's number is not known yet."""
        self._resumed = False

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the clock, and in the first epoch drops what is done again."""
        self._start = time.monotonic()
        if not self._resumed:
            self._resumed = True
            with self._writing:
                self._keep_epochs(epoch)

    def on_epoch_end(self, epoch, logs=None):
        """Appends the epoch's line."""
        line = {
            "epoch": epoch + 1,
            "step": train_steps(self.model),
            "seconds": round(time.monotonic() - self._start, 3),
            **{name: _number(value) for name, value in (logs or {}).items()},
        }
        with self._writing:
            os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def _keep_epochs(self, last):
        if not os.path.exists(self.path):
            return
        with open(self.path, encoding="utf-8") as file:
            kept = [line for line in file if (_epoch(line) or np.inf) <= last]
        temporary = f"{self.path}.tmp"
        with open(temporary, "w", encoding="utf-8") as file:
            file.writelines(kept)
        os.replace(temporary, self.path)


def _epoch(line):
    """Returns a line's epoch, or None for one that was cut short when the run was killed."""
    try:
        return json.loads(line)["epoch"] if line.endswith("\n") else None
    except ValueError:
        return None


def _number(value):
    value = float(np.mean(value))
    return value if np.isfinite(value) else None
