"""Optimizers that Keras does not have, or is slow at."""

import keras
import tensorflow as tf
from keras import ops

from tfgan_apps.arguments import check_integers, check_learning_rate, check_numbers
from tfgan_apps.schedules import StepDecay


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Adam(keras.optimizers.Adam):
    """Keras' Adam in one operation per variable, where Keras has a pass over memory for each sign.

    Same arguments, numbers and saved variables. Worth it where weights are many and a batch small,
    and where variables are many: a graph has a quarter of the operations of Keras' moves.

    Raises:
        ValueError: `amsgrad` is true, which the operation does not know.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.amsgrad:
            raise ValueError("amsgrad must be False. Received: True")

    def apply(self, grads, trainable_variables=None):
        count = tf.cast(self.iterations + 1, tf.float32)
        self._powers = self.beta_1**count, self.beta_2**count  # once for all variables
        super().apply(grads, trainable_variables)

    def update_step(self, gradient, variable, learning_rate):
        index, dtype = self._get_variable_index(variable), variable.dtype
        beta1_power, beta2_power = (tf.cast(power, dtype) for power in self._powers)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=beta1_power,
            beta2_power=beta2_power,
            lr=tf.cast(learning_rate, dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(tf.convert_to_tensor(gradient), dtype),
        )


@keras.saving.register_keras_serializable(package="tfgan_apps")
class GrowingMomentumSGD(keras.optimizers.SGD):
    """Stochastic gradient descent whose momentum grows linearly, then stays.

    Args:
        learning_rate: float, or a schedule.
        momentum: float in (0, 1], at the first step. Defaults to 0.5.
        final_momentum: float in [0, 1]. Defaults to 0.7.
        growth_steps: int >= 1, steps from the first momentum to the last. Defaults to 1.
        **kwargs: as in `keras.optimizers.SGD`.

    Raises:
        ValueError: a number is out of its range.

    Reference: https://github.com/goodfeli/adversarial, mnist.yaml.
    """

    def __init__(
        self, learning_rate=0.1, momentum=0.5, final_momentum=0.7, growth_steps=1, **kwargs
    ):
        super().__init__(learning_rate, momentum, **kwargs)
        if not (0 < momentum and 0 <= final_momentum <= 1 and growth_steps >= 1):
            raise ValueError(
                "momentum must be above 0, final_momentum in [0, 1], growth_steps >= 1. Received: "
                f"momentum={momentum}, final_momentum={final_momentum}, growth_steps={growth_steps}"
            )
        self.final_momentum, self.growth_steps = final_momentum, growth_steps

    def update_step(self, gradient, variable, learning_rate):
        grown = ops.minimum(ops.cast(self.iterations, "float32") / self.growth_steps, 1.0)
        momentum = self.momentum + grown * (self.final_momentum - self.momentum)
        velocity = self.momentums[self._get_variable_index(variable)]
        rate, gradient = (ops.cast(x, variable.dtype) for x in (learning_rate, gradient))
        new = ops.cast(momentum, variable.dtype) * velocity - rate * gradient
        self.assign(velocity, new)
        self.assign_add(variable, new)

    def get_config(self):
        numbers = {"final_momentum": self.final_momentum, "growth_steps": self.growth_steps}
        return {**super().get_config(), **numbers}


class _Decayed:
    """Gradients get the weights times a number, `decay`, before anything else is done with them.

    Keras' `weight_decay` is that of AdamW, which is another thing: it goes past the moments.
    """

    def __init__(self, *args, decay=0.0, **kwargs):
        super().__init__(*args, **kwargs)
        if decay < 0:
            raise ValueError(f"decay must be >= 0. Received: decay={decay}")
        self.decay = decay

    def update_step(self, gradient, variable, learning_rate):
        decayed = gradient + self.decay * ops.cast(variable, gradient.dtype)
        super().update_step(decayed, variable, learning_rate)

    def get_config(self):
        return {**super().get_config(), "decay": self.decay}


@keras.saving.register_keras_serializable(package="tfgan_apps")
class DecayedAdam(_Decayed, Adam):
    """Adam whose gradients get the weights times a number: PyTorch's `Adam(weight_decay=...)`.

    Args:
        *args, **kwargs: as in `Adam`.
        decay: float >= 0, of all weights, biases too. Defaults to 0, none.

    Raises:
        ValueError: `decay` is negative.
    """


@keras.saving.register_keras_serializable(package="tfgan_apps")
class DecayedRMSprop(_Decayed, keras.optimizers.RMSprop):
    """RMSprop whose gradients get the weights times a number: PyTorch's, with `weight_decay`.

    Args:
        *args, **kwargs: as in `keras.optimizers.RMSprop`, which adds epsilon under the root:
            1e-16 is PyTorch's 1e-8 beside it.
        decay: see `DecayedAdam`.

    Raises:
        ValueError: `decay` is negative.
    """


def halved_adams(players, learning_rate, decay, halving_steps):
    """Returns the Adams of MUNIT's authors, whose UNIT has them too, one for each player.

    Args:
        players: iterable of str.
        learning_rate: of all, at first.
        decay: float >= 0, of the weights, which their gradients get, times the weights.
        halving_steps: int, after how many the rates are halved; 0: never.

    Raises:
        ValueError: an argument is out of its range.
    """
    check_learning_rate(learning_rate=learning_rate)
    check_numbers(0, decay=decay)
    check_integers(0, halving_steps=halving_steps)
    # A step early, as the authors', whose schedule is asked before each step.
    rate = StepDecay(learning_rate, 1, halving_steps) if halving_steps else learning_rate
    numbers = {"beta_1": 0.5, "beta_2": 0.999, "epsilon": 1e-8, "decay": decay}
    return {player: DecayedAdam(rate, **numbers) for player in players}
