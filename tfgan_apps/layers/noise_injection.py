"""NoiseInjection: features get a map of noise, each channel as much of it as it has learned."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class NoiseInjection(keras.layers.Layer):
    """Adds a part of a vector of noise, as one map for all channels, times weights that begin at 0.

    Args:
        start: int, where in the vector the part begins. Defaults to 0.
        shared: bool, whether all channels have one weight, as in StyleGAN2. Defaults to False.

    Input: features (batch, height, width, channels) and noise (batch, n), of which height * width
    values are taken. Output: as the features.

    Reference: Karras et al. 2019 (StyleGAN), https://arxiv.org/abs/1812.04948, section 2
    """

    def __init__(self, start=0, shared=False, **kwargs):
        super().__init__(**kwargs)
        self.start, self.shared = start, shared

    def build(self, features_shape, noise_shape):
        shape = () if self.shared else (features_shape[-1],)
        self.strength = self.add_weight(shape, "zeros", name="strength")

    def call(self, features, noise):
        _, height, width, _ = features.shape
        part = noise[:, self.start : self.start + height * width]
        added = ops.reshape(part, (-1, height, width, 1)) * self.strength
        return features + ops.cast(added, features.dtype)

    def compute_output_shape(self, features_shape, noise_shape):
        return features_shape

    def get_config(self):
        return super().get_config() | {"start": self.start, "shared": self.shared}
