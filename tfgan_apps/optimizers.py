"""Adam: Keras' optimizer, whose update reads and writes each weight once."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Adam(keras.optimizers.Adam):
    """Keras' Adam in one operation per variable, where Keras has a pass over memory for each sign.

    Same arguments, numbers and saved variables. Worth it where weights are many and a batch small.

    Raises:
        ValueError: `amsgrad` is true, which the operation does not know.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.amsgrad:
            raise ValueError("amsgrad must be False. Received: True")

    def update_step(self, gradient, variable, learning_rate):
        index, dtype = self._get_variable_index(variable), variable.dtype
        count = tf.cast(self.iterations + 1, dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=self.beta_1**count,
            beta2_power=self.beta_2**count,
            lr=tf.cast(learning_rate, dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(tf.convert_to_tensor(gradient), dtype),
        )
