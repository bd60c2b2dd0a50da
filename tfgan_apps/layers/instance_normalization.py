"""InstanceNormalization: each channel of each image to zero mean and unit variance."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class InstanceNormalization(keras.layers.Layer):
    """Normalizes every channel of every image by its own mean and variance over height and width.

    Statistics are float32 under every precision policy, and the same in training and inference.
    The defaults are the CycleGAN authors' (no learned scale or offset, epsilon 1e-5);
    `epsilon=1e-3, center=True, scale=True` is the layer of tensorflow-addons.

    Args:
        epsilon: float > 0 added to the variance. Defaults to 1e-5.
        center: bool, learn an offset `beta` per channel. Defaults to False.
        scale: bool, learn a factor `gamma` per channel. Defaults to False.
        beta_initializer: of `beta`. Defaults to `"zeros"`.
        gamma_initializer: of `gamma`. Defaults to `"ones"`.

    Input: (batch, height, width, channels), any float dtype. Output: same shape and dtype.

    Raises:
        ValueError: when the input is not of rank 4 or its channels are unknown.

    Reference: Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022
    """

    def __init__(
        self,
        epsilon=1e-5,
        center=False,
        scale=False,
        beta_initializer="zeros",
        gamma_initializer="ones",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if epsilon <= 0:
            raise ValueError(f"epsilon must be > 0. Received: epsilon={epsilon}")
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = keras.initializers.get(beta_initializer)
        self.gamma_initializer = keras.initializers.get(gamma_initializer)

    def build(self, input_shape):
        if len(input_shape) != 4 or input_shape[-1] is None:
            raise ValueError(
                "InstanceNormalization needs an input of shape (batch, height, width, channels) "
                f"with known channels. Received: input_shape={input_shape}"
            )
        channels = (input_shape[-1],)
        if self.scale:
            self.gamma = self.add_weight(channels, self.gamma_initializer, name="gamma")
        if self.center:
            self.beta = self.add_weight(channels, self.beta_initializer, name="beta")

    def call(self, inputs):
        # The variance of float16 activations overflows: everything up to the end is float32.
        x = ops.cast(inputs, "float32")
        mean, variance = ops.moments(x, axes=(1, 2), keepdims=True)
        factor = ops.rsqrt(variance + self.epsilon)
        if self.scale:
            factor = factor * ops.cast(self.gamma, "float32")
        x = (x - mean) * factor
        if self.center:
            x = x + ops.cast(self.beta, "float32")
        return ops.cast(x, inputs.dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": keras.initializers.serialize(self.beta_initializer),
            "gamma_initializer": keras.initializers.serialize(self.gamma_initializer),
        }
