"""Losses and metrics for TensorBoard."""

import tensorflow as tf

from tfgan_apps.callbacks import event_files
from tfgan_apps.callbacks.from_epoch import FromEpoch
from tfgan_apps.callbacks.warn_once import WarnOnce


class TensorBoardScalars(FromEpoch):
    """Writes the epoch's metrics as scalars; a failure to write is a warning.

    A run that resumes drops the points of the epochs that it makes again. Keras' own TensorBoard
    callback would stop the run when the disk is full.

    Args:
        directory: where the events go, made when absent.
    """

    def __init__(self, directory):
        super().__init__()
        self.directory = directory
        self._writing = WarnOnce(f"scalars to {directory}")
        self._writer = None

    def keep_epochs(self, last):
        """Drops the points after an epoch."""
        with self._writing:
            event_files.keep_epochs(self.directory, last)

    def on_epoch_end(self, epoch, logs=None):
        """Writes a point of each curve; epochs count from 1."""
        with self._writing:
            self._writer = self._writer or tf.summary.create_file_writer(self.directory)
            with self._writer.as_default():
                for name, value in (logs or {}).items():
                    tf.summary.scalar(name, value, step=epoch + 1)
            self._writer.flush()

    def on_train_end(self, logs=None):
        """Closes the events file."""
        if self._writer is not None:
            with self._writing:
                self._writer.close()
            self._writer = None
