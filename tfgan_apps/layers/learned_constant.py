"""LearnedConstant: features that are the same for each example."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class LearnedConstant(keras.layers.Layer):
    """Gives each example of a batch the same weights.

    Args:
        shape: tuple of int, of an example's.
        initializer: of the weights. Defaults to "ones".

    Input: (batch, ...), of which only the count is taken. Output: (batch, *shape).
    """

    def __init__(self, shape, initializer="ones", **kwargs):
        super().__init__(**kwargs)
        self.shape, self.initializer = tuple(shape), keras.initializers.get(initializer)

    def build(self, input_shape):
        self.value = self.add_weight(self.shape, self.initializer, name="value")

    def call(self, inputs):
        value = ops.cast(self.value, self.compute_dtype)
        return ops.broadcast_to(value, (ops.shape(inputs)[0], *self.shape))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.shape)

    def get_config(self):
        initializer = keras.saving.serialize_keras_object(self.initializer)
        return super().get_config() | {"shape": self.shape, "initializer": initializer}
