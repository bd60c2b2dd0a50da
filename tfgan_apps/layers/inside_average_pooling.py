"""InsideAveragePooling2D: means of windows over the edge are of what lies inside."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_apps")
class InsideAveragePooling2D(keras.layers.Layer):
    """Halves the sides by the means of 3 x 3 pixels, as multi-scale discriminators do.

    PyTorch's `AvgPool2d(3, 2, 1, count_include_pad=False)`: windows begin a pixel before the image,
    where `AveragePooling2D(3, 2, "same")` begins in it.

    Input: (batch, height, width, channels). Output: (batch, (height + 1) // 2, (width + 1) // 2,
    channels).
    """

    def call(self, inputs):
        inside = tf.ones_like(inputs[:1, :, :, :1])
        return _pooled(inputs) / _pooled(inside)

    def compute_output_shape(self, input_shape):
        batch, *sides, channels = input_shape
        return (batch, *(side and (side + 1) // 2 for side in sides), channels)


def _pooled(x):
    return tf.nn.avg_pool2d(tf.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), 3, 2, "VALID")
