"""Learning-rate schedules."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Keeps the learning rate, then lowers it linearly, once an epoch, towards 0.

    With n = `epochs` - `decay_epoch` epochs of decay, epoch e (counted from 1) has
    `initial_learning_rate * (1 - max(0, e - decay_epoch) / (n + 1))`: the last epoch still learns.

    Args:
        initial_learning_rate: float > 0.
        steps_per_epoch: float > 0, optimizer steps an epoch; a fraction, of a player that does not
            move in each step.
        epochs: int >= 1, length of the whole training. Defaults to 200.
        decay_epoch: int, the last epoch at the full rate. Defaults to half of `epochs`.

    Reference: https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py,
    `get_scheduler`, policy "linear".
    """

    def __init__(self, initial_learning_rate, steps_per_epoch, epochs=200, decay_epoch=None):
        if steps_per_epoch <= 0 or epochs < 1:
            raise ValueError(
                "steps_per_epoch must be > 0, and epochs >= 1. "
                f"Received: steps_per_epoch={steps_per_epoch}, epochs={epochs}"
            )
        self.initial_learning_rate = initial_learning_rate
        self.steps_per_epoch = steps_per_epoch
        self.epochs = epochs
        self.decay_epoch = epochs // 2 if decay_epoch is None else decay_epoch

    def __call__(self, step):
        epoch = ops.cast(ops.floor_divide(step, self.steps_per_epoch), "float32") + 1.0
        past = ops.maximum(0.0, epoch - self.decay_epoch)
        rate = 1.0 - past / (self.epochs - self.decay_epoch + 1)
        return self.initial_learning_rate * ops.maximum(0.0, rate)

    def get_config(self):
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "steps_per_epoch": self.steps_per_epoch,
            "epochs": self.epochs,
            "decay_epoch": self.decay_epoch,
        }


@keras.saving.register_keras_serializable(package="tfgan_apps")
class StepDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Multiplies the learning rate by a factor before every epoch that `decay_epochs` divides.

    Epoch e (counted from 1) has `initial_learning_rate * factor ** (e // decay_epochs)`: the full
    rate lasts for `decay_epochs` - 1 epochs.

    Args:
        initial_learning_rate: float > 0.
        steps_per_epoch: int >= 1, optimizer steps an epoch.
        decay_epochs: int >= 1. Defaults to 100.
        factor: float > 0. Defaults to 0.5.

    Raises:
        ValueError: when `steps_per_epoch` or `decay_epochs` is not positive.

    Reference: https://github.com/reedscot/icml2016, main_cls.lua.
    """

    def __init__(self, initial_learning_rate, steps_per_epoch, decay_epochs=100, factor=0.5):
        if steps_per_epoch < 1 or decay_epochs < 1:
            raise ValueError(
                "steps_per_epoch and decay_epochs must be >= 1. "
                f"Received: steps_per_epoch={steps_per_epoch}, decay_epochs={decay_epochs}"
            )
        self.initial_learning_rate = float(initial_learning_rate)
        self.steps_per_epoch = steps_per_epoch
        self.decay_epochs = decay_epochs
        self.factor = float(factor)

    def __call__(self, step):
        epoch = ops.floor_divide(step, self.steps_per_epoch) + 1
        decays = ops.cast(ops.floor_divide(epoch, self.decay_epochs), "float32")
        return self.initial_learning_rate * ops.power(self.factor, decays)

    def get_config(self):
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "steps_per_epoch": self.steps_per_epoch,
            "decay_epochs": self.decay_epochs,
            "factor": self.factor,
        }


@keras.saving.register_keras_serializable(package="tfgan_apps")
class DivisionDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Divides the learning rate by a factor after every step, down to a least one.

    Args:
        initial_learning_rate: float > 0.
        factor: float >= 1. Defaults to 1.000004.
        least: float >= 0. Defaults to 1e-6.

    Reference: https://github.com/goodfeli/adversarial, mnist.yaml.
    """

    def __init__(self, initial_learning_rate, factor=1.000004, least=1e-6):
        if factor < 1 or least < 0:
            raise ValueError(
                f"factor must be >= 1, and least >= 0. Received: factor={factor}, least={least}"
            )
        self.initial_learning_rate = float(initial_learning_rate)
        self.factor = float(factor)
        self.least = float(least)

    def __call__(self, step):
        # Not a power of the factor: float32 knows 1.000004 to a few percent of its distance from 1.
        decay = ops.exp(-ops.cast(step, "float32") * math.log(self.factor))
        return ops.maximum(self.least, self.initial_learning_rate * decay)

    def get_config(self):
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "factor": self.factor,
            "least": self.least,
        }
