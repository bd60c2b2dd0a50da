"""Coordinates: features get channels that tell where they are."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Coordinates(keras.layers.Layer):
    """Adds three channels: row and column from -1 to 1, and the distance from the middle, up to 1.

    Input: (batch, height, width, channels), the sides known. Output: (..., channels + 3).

    Reference: Liu et al. 2018 (CoordConv), https://arxiv.org/abs/1807.03247
    """

    def call(self, inputs):
        height, width = inputs.shape[1:3]
        rows, columns = np.meshgrid(
            np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij"
        )
        distances = np.hypot(rows, columns)
        told = np.stack([rows, columns, distances / distances.max()], -1)
        told = ops.cast(told[None], inputs.dtype)
        return ops.concatenate([inputs, ops.repeat(told, ops.shape(inputs)[0], 0)], -1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 3)
