"""Gain: features times one number that is learned."""

import keras


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Gain(keras.layers.Layer):
    """Multiplies by one weight, which begins at 0: what it gates comes in as the weight grows.

    Input, output: of any shape.

    Reference: Zhang et al. 2019 (SAGAN), https://arxiv.org/abs/1805.08318, equation 3
    """

    def build(self, input_shape):
        self.gain = self.add_weight((), "zeros", name="gain")

    def call(self, inputs):
        return self.gain * inputs

    def compute_output_shape(self, input_shape):
        return input_shape
