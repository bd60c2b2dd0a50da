"""PixelNormalization: the features of each pixel, or vectors, get a mean square of 1."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class PixelNormalization(keras.layers.Layer):
    """Divides by the root of the mean square over the last axis.

    Args:
        epsilon: float > 0, added to the mean square. Defaults to 1e-8.

    Input, output: (batch, ..., channels).

    Reference: Karras et al. 2018 (PGGAN), https://arxiv.org/abs/1710.10196, section 4.2
    """

    def __init__(self, epsilon=1e-8, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.built = True  # it has no weights

    def call(self, inputs):
        x = ops.cast(inputs, "float32")  # 1e-8 is 0 in float16
        scale = ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + self.epsilon)
        return ops.cast(x * scale, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
