"""Pictures of what a model makes of the same inputs as it learns."""

import os

import numpy as np
import tensorflow as tf

from tfgan_apps.callbacks.every_epochs import EveryEpochs
from tfgan_apps.callbacks.image_grid import image_grid
from tfgan_apps.callbacks.warn_once import WarnOnce


class SampleSheets(EveryEpochs):
    """Writes `epoch_0005.png` of `model.samples(batch)`: a row per example, a column per entry.

    `epoch_0000.png`, before training, is written where it is absent, so that a resumed run keeps
    the untrained sheet. TensorBoard shows the same under the tag `samples`. A failure to write is a
    warning.

    Args:
        batch: the fixed input of `model.samples`, which returns a dict, name -> images
            (B, H, W, C) in [-1, 1].
        directory: where the sheets go, made when absent.
        every_epochs: positive integer; the last epoch always has a sheet. Defaults to `1`.
        tensorboard_dir: directory of TensorBoard's logs, whose `samples/` gets the same sheets.
            Defaults to none.
    """

    def __init__(self, batch, directory, every_epochs=1, tensorboard_dir=None):
        super().__init__(every_epochs)
        self.batch = batch
        self.directory = directory
        self.tensorboard_dir = tensorboard_dir
        self._writing_png = WarnOnce(f"sample sheets to {directory}")
        self._writing_events = WarnOnce(f"sample sheets to {tensorboard_dir}")
        self._writer = None

    def on_train_begin(self, logs=None):
        """Writes the sheet before training."""
        if not os.path.exists(self._path(0)):
            self.on_due_epoch(0, logs)

    def on_due_epoch(self, epoch, logs):
        """Writes the sheet of an epoch."""
        samples = self.model.samples(self.batch)
        sheet = image_grid([np.asarray(images) for images in samples.values()])
        with self._writing_png:
            os.makedirs(self.directory, exist_ok=True)
            with open(self._path(epoch), "wb") as file:
                file.write(tf.io.encode_png(sheet).numpy())
        if self.tensorboard_dir:
            with self._writing_events:
                self._write_event(sheet, epoch, " | ".join(samples))

    def on_train_end(self, logs=None):
        """Closes the events file."""
        if self._writer is not None:
            with self._writing_events:
                self._writer.close()
            self._writer = None

    def _path(self, epoch):
        return os.path.join(self.directory, f"epoch_{epoch:04d}.png")

    def _write_event(self, sheet, epoch, columns):
        if self._writer is None:
            self._writer = tf.summary.create_file_writer(
                os.path.join(self.tensorboard_dir, "samples")
            )
        with self._writer.as_default():
            tf.summary.image("samples", sheet[None], step=epoch, description=columns)
        self._writer.flush()
