"""Bias: a learned number for each channel."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Bias(keras.layers.Layer):
    """Adds a weight to each channel, which begins at 0.

    Input, output: (batch, ..., channels).
    """

    def build(self, input_shape):
        self.bias = self.add_weight((input_shape[-1],), "zeros", name="bias")

    def call(self, inputs):
        return inputs + ops.cast(self.bias, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape
