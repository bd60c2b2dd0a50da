"""What a model makes of the same inputs as it learns, as pictures or as text."""

import functools
import os

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_apps.arguments import check
from tfgan_apps.callbacks import event_files
from tfgan_apps.callbacks.every_epochs import EveryEpochs
from tfgan_apps.callbacks.from_epoch import FromEpoch
from tfgan_apps.callbacks.warn_once import WarnOnce
from tfgan_apps.files import write_whole
from tfgan_apps.sheets import sheet

_LOGGED_ROWS = 4


class SampleSheets(EveryEpochs, FromEpoch):
    """Writes `epoch_0005.png` of `model.samples(batch)`: a row per example, a column per entry,
    its name above it.

    Texts beside images are written above their row. Texts alone go to `epoch_0005.txt`, columns
    apart by tabs, and the first rows to the log. The sheet of epoch 0, before training, is written
    where it is absent, so that a resumed run keeps it. TensorBoard shows the same under the tag
    `samples`. A failure to write is a warning.

    Args:
        batch: the fixed input of `model.samples`, which returns a dict, name -> images
            (B, H, W, C) in [-1, 1] or strings (B,).
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
        self._writing_sheet = WarnOnce(f"sample sheets to {directory}")
        self._writing_events = WarnOnce(f"sample sheets to {tensorboard_dir}")
        self._writer = None

    def on_train_begin(self, logs=None):
        """Writes the sheet before training."""
        super().on_train_begin(logs)
        if not any(os.path.exists(self._path(0, kind)) for kind in ("png", "txt")):
            self.on_due_epoch(0, logs)

    def keep_epochs(self, last):
        """Drops TensorBoard's sheets after an epoch; the files are written over."""
        if self.tensorboard_dir:
            with self._writing_events:
                event_files.keep_epochs(os.path.join(self.tensorboard_dir, "samples"), last)

    def on_due_epoch(self, epoch, logs):
        """Writes the sheet of an epoch."""
        samples = self.model.samples(self.batch)
        check(isinstance(samples, dict), "a dict, title -> column", samples=samples)
        columns = {name: np.asarray(values) for name, values in samples.items()}
        is_text = all(map(_is_text, columns.values()))
        kind, content, summary = (_text if is_text else _picture)(columns)
        if is_text:
            rows = content.decode().split("\n")[:_LOGGED_ROWS]
            logging.info("%s", "\n  ".join([f"samples of epoch {epoch}:", *rows]))
        with self._writing_sheet:
            os.makedirs(self.directory, exist_ok=True)
            write_whole(self._path(epoch, kind), content)
        if self.tensorboard_dir:
            with self._writing_events:
                self._write_event(summary, epoch, " | ".join(samples))

    def on_train_end(self, logs=None):
        """Closes the events file."""
        if self._writer is not None:
            with self._writing_events:
                self._writer.close()
            self._writer = None

    def _path(self, epoch, kind):
        return os.path.join(self.directory, f"epoch_{epoch:04d}.{kind}")

    def _write_event(self, summary, epoch, columns):
        if self._writer is None:
            self._writer = tf.summary.create_file_writer(
                os.path.join(self.tensorboard_dir, "samples")
            )
        with self._writer.as_default():
            summary("samples", step=epoch, description=columns)
        self._writer.flush()


def _is_text(column):
    return column.dtype.kind in "OSU"


def _picture(columns):
    """Returns a file's kind and content, and the function that writes its summary."""
    images = {name: column for name, column in columns.items() if not _is_text(column)}
    rows = zip(*filter(_is_text, columns.values()), strict=True)
    captions = [b" | ".join(map(tf.compat.as_bytes, row)) for row in rows]
    picture = sheet(images, captions)
    summary = functools.partial(tf.summary.image, data=picture[None])
    return "png", tf.io.encode_png(picture).numpy(), summary


def _text(columns):
    """Returns what `_picture` does, of strings."""
    rows = [list(map(tf.compat.as_text, row)) for row in zip(*columns.values(), strict=True)]
    content = "".join("\t".join(row) + "\n" for row in rows)
    return "txt", content.encode(), functools.partial(tf.summary.text, data=rows)
