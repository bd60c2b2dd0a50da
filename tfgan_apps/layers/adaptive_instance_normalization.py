"""AdaptiveInstanceNormalization: each channel's mean and deviation become those of a style."""

import keras

from tfgan_apps.layers.instance_normalization import InstanceNormalization


@keras.saving.register_keras_serializable(package="tfgan_apps")
class AdaptiveInstanceNormalization(keras.layers.Layer):
    """Normalizes each channel of each image, then multiplies and shifts it by given numbers.

    The scale is what is given, not 1 + that: who wants the latter adds it.

    Args:
        epsilon: float > 0 added to the variance. Defaults to 1e-5.

    Input: images (batch, height, width, channels), the scale and the offset (batch, channels).
    Output: the images' shape and dtype.

    Reference: Huang and Belongie 2017, https://arxiv.org/abs/1703.06868
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.normalization = InstanceNormalization(epsilon, dtype=self.dtype_policy)
        self.built = True  # it has no weights

    def call(self, images, scale, offset):
        return self.normalization(images) * scale[:, None, None] + offset[:, None, None]

    def compute_output_shape(self, images_shape, scale_shape, offset_shape):
        return images_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.normalization.epsilon}
