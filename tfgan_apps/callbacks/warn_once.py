"""What keeps a logger from stopping a run."""

import tensorflow as tf
from absl import logging


class WarnOnce:
    """Context in which a failure to write is a warning, the first time, and then nothing.

    A full disk, a removed folder or a missing tensorboard cost the log, never the training.

    Args:
        what: what is written, for the warning.
    """

    def __init__(self, what):
        self._what = what
        self._warned = False

    def __enter__(self):
        """Starts to write."""

    def __exit__(self, kind, error, traceback):
        """Swallows a failure to write."""
        if not isinstance(error, (OSError, ImportError, tf.errors.OpError)):
            return False
        if not self._warned:
            logging.warning(
                "Could not write %s, training goes on without: %s: %s",
                self._what,
                kind.__name__,
                error,
            )
        self._warned = True
        return True
