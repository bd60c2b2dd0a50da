"""Warnings of the two ways in which a generator ceases to learn: it collapses, or it has lost."""

import keras
import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_apps import noise
from tfgan_apps.metrics.diversity import diversity

LEAST_DIVERSITY = 0.02  # of what is generated, by that of real examples
SURE = 0.995  # mean probability of the right verdict, of real examples and of generated ones
LARGEST_LOSS = 8.0  # nats, with which a generated example is mostly found out
EPOCHS = 2  # in a row: for one, anything happens

ALIKE = (
    "collapse? For %d epochs what is generated from different inputs has been alike: it differs "
    "%.1f %% as much as real examples do.\n"
    "  What usually helps: a smaller learning rate of the discriminator, larger batches, another "
    "seed; look at the sheets."
)
LOST = (
    "has the discriminator won? For %d epochs it took real examples for real at %.3f, generated "
    "ones at %.3f, and the generator_loss was %.1f: the generator has little to learn from.\n"
    "  What usually helps: a smaller learning rate of the discriminator, fewer filters in it, more "
    "data."
)


class CollapseAlarm(keras.callbacks.Callback):
    """Warns, once of each, of what a generator seldom recovers from; it never stops a run.

    - What the sheet of fixed inputs shows of the generator is alike: its `diversity` is less than
      a fiftieth of the real examples'.
    - Of a system that reports `d_real` and `d_fake`, the mean verdicts on real and on generated
      examples, these are right to half a percent, or the `generator_loss` is above 8 nats.

    Either counts after two epochs in a row. A model of one player has no adversary, and a sheet
    that shows nothing real nothing to compare with: neither is looked at.

    Args:
        batch: the fixed input of `model.samples`.
    """

    def __init__(self, batch):
        super().__init__()
        self.batch = batch
        self._epochs = {ALIKE: 0, LOST: 0}

    def on_epoch_end(self, epoch, logs=None):
        """Looks, and warns."""
        if len(self.model.players()) > 1:
            ratio = relative_diversity(*shown(self.model, self.batch))
            self._count(ALIKE, ratio < LEAST_DIVERSITY, 100 * ratio)
            names = ("d_real", "d_fake", "generator_loss")
            values = [float(np.mean(logs[name])) for name in names if name in (logs or {})]
            self._count(LOST, len(values) == 3 and _is_sure(*values), *values)

    def _count(self, text, seen, *values):
        """Counts the epochs in a row in which something was seen; the second one warns."""
        self._epochs[text] = self._epochs[text] + 1 if seen else min(0, self._epochs[text])
        if self._epochs[text] == EPOCHS:
            self._epochs[text] = -np.inf
            logging.warning(text, EPOCHS, *values)


def _is_sure(real, fake, generator_loss):
    return (real > SURE and fake < 1 - SURE) or generator_loss > LARGEST_LOSS


def shown(model, batch):
    """Returns what a sheet shows of real examples, and of generated ones: two lists of columns.

    Args:
        model: `AdversarialModel`.
        batch: the fixed input of `model.samples`.
    """
    given = [np.asarray(part) for part in tf.nest.flatten(batch)]
    if [part.ndim for part in given] == [2] and hasattr(model, "noise"):  # points, in one picture
        return given, [np.asarray(model.call(noise.fixed(model, len(given[0]))))]
    columns = {name: np.asarray(column) for name, column in model.samples(batch).items()}
    real = [name for name in columns if name == "real" or _is_given(columns[name], given)]
    kinds = {columns[name].dtype.kind for name in real}
    fake = [name for name in columns if name not in real and columns[name].dtype.kind in kinds]
    kinds = {columns[name].dtype.kind for name in fake}
    real = [columns[name] for name in real if columns[name].dtype.kind in kinds]
    return real, [columns[name] for name in fake]


def _is_given(column, given):
    return any(column.shape == part.shape and np.array_equal(column, part) for part in given)


def relative_diversity(real, fake):
    """Returns the mean diversity of generated columns by that of real ones; 1 without either.

    Args:
        real, fake: lists of columns, see `shown`.
    """
    if not real or not fake or len(real[0]) < 2:
        return 1.0
    usual = np.mean([diversity(each) for each in real])
    return float(np.mean([diversity(each) for each in fake]) / usual) if usual else 1.0
