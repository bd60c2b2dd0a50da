"""ImageLayerNormalization: all pixels and channels of an image to one mean and deviation."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class ImageLayerNormalization(keras.layers.Layer):
    """Normalizes each image as a whole, then multiplies and shifts every channel by its own number.

    Ratios between channels stay, which a style lives in and instance normalization erases. It is
    divided by the unbiased standard deviation + epsilon, as MUNIT's authors have it, whose factors
    begin as uniform in [0, 1]. Statistics are float32 under every precision policy.

    Args:
        epsilon: float > 0 added to the deviation. Defaults to 1e-5.

    Input: (batch, height, width, channels), any float dtype. Output: same shape and dtype.

    Reference: https://github.com/NVlabs/MUNIT, networks.py, `LayerNorm`
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        uniform = keras.initializers.RandomUniform(0.0, 1.0)
        self.gamma = self.add_weight(input_shape[-1:], uniform, name="gamma")
        self.beta = self.add_weight(input_shape[-1:], "zeros", name="beta")

    def call(self, inputs):
        x = ops.cast(inputs, "float32")
        mean, variance = ops.moments(x, axes=(1, 2, 3), keepdims=True)
        count = tf.cast(tf.reduce_prod(tf.shape(x)[1:]), tf.float32)
        deviation = ops.sqrt(variance * (count / (count - 1.0)))
        x = (x - mean) / (deviation + self.epsilon)
        x = x * ops.cast(self.gamma, "float32") + ops.cast(self.beta, "float32")
        return ops.cast(x, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
