"""HighPass: what of features differs from what is around it."""

import keras
import numpy as np
from keras import ops

from tfgan_apps.arguments import check_numbers

_KERNEL = np.float32([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])


@keras.saving.register_keras_serializable(package="tfgan_apps")
class HighPass(keras.layers.Layer):
    """Eight times each feature less its eight neighbours, divided by a weight; beyond is 0.

    Args:
        weight: float > 0, the authors' w_hpf.

    Input, output: (batch, height, width, channels).

    Reference: Choi et al. 2020 (StarGAN v2), https://arxiv.org/abs/1912.01865;
    https://github.com/clovaai/stargan-v2 at 875b70a, core/model.py, `HighPass`
    """

    def __init__(self, weight, **kwargs):
        super().__init__(**kwargs)
        check_numbers(1e-6, weight=weight)
        self.weight = weight

    def call(self, inputs):
        kernel = np.repeat(_KERNEL[..., None, None] / self.weight, inputs.shape[-1], 2)
        return ops.depthwise_conv(inputs, ops.cast(kernel, inputs.dtype), padding="same")

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "weight": self.weight}
