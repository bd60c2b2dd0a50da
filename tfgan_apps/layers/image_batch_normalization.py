"""ImageBatchNormalization: batch normalization that sees one image at a time in inference."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class ImageBatchNormalization(keras.layers.BatchNormalization):
    """Normalizes by the statistics of the batch in training, and of each image alone in inference.

    pix2pix is tested as it is trained, by the statistics of the test batch, of one image. So an
    answer does not depend on what else is asked; the moving statistics are kept and not used. The
    other numbers are PyTorch's: epsilon 1e-5, momentum 0.1, which Keras calls 0.9.

    Args:
        **kwargs: of `keras.layers.BatchNormalization`, in place of these numbers.

    Input: (batch, height, width, channels). Output: the same shape and dtype.

    Reference: Isola et al. 2017, https://arxiv.org/abs/1611.07004, section 3.3
    """

    def __init__(self, **kwargs):
        super().__init__(**{"momentum": 0.9, "epsilon": 1e-5, "synchronized": True, **kwargs})

    def call(self, inputs, training=False):
        if training:
            return super().call(inputs, training=True)
        # The variance of float16 activations overflows: everything up to the end is float32.
        x = ops.cast(inputs, "float32")
        mean, variance = ops.moments(x, axes=(1, 2), keepdims=True)
        gamma, beta = (ops.cast(weight, "float32") for weight in (self.gamma, self.beta))
        x = (x - mean) * (ops.rsqrt(variance + self.epsilon) * gamma) + beta
        return ops.cast(x, inputs.dtype)
