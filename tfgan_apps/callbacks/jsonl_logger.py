"""Log of a run as JSON lines."""

import json
import os
import time

import numpy as np

from tfgan_apps.callbacks.from_epoch import FromEpoch
from tfgan_apps.callbacks.train_steps import train_steps
from tfgan_apps.callbacks.warn_once import WarnOnce
from tfgan_apps.files import write_whole


class JSONLLogger(FromEpoch):
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

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the clock, and in the first epoch drops what is done again."""
        super().on_epoch_begin(epoch, logs)
        self._start = time.monotonic()

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

    def keep_epochs(self, last):
        """Drops the lines after an epoch."""
        if not os.path.exists(self.path):
            return
        with self._writing:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                kept = [line for line in file if _epoch(line) <= last]
            write_whole(self.path, "".join(kept))


def _epoch(line):
    """Returns a line's epoch; of one that is no line of ours, as a kill leaves it, infinity."""
    try:
        return int(json.loads(line)["epoch"]) if line.endswith("\n") else np.inf
    except (ValueError, TypeError, KeyError):
        return np.inf


def _number(value):
    value = float(np.mean(value))
    return value if np.isfinite(value) else None
