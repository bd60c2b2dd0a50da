"""InstanceNormalization: each channel of each image to zero mean and unit variance."""

import functools

import keras
import tensorflow as tf
from keras import ops

from tfgan_apps.gradients import GradientTape
from tfgan_apps.layers.cpu_path import takes_cpu_path

_FEW = 16  # images that are worth a kernel call each


@keras.saving.register_keras_serializable(package="tfgan_apps")
class InstanceNormalization(keras.layers.Layer):
    """Normalizes every channel of every image by its own mean and variance over height and width.

    Statistics are float32 under every precision policy, and the same in training and inference.
    On a CPU, small batches whose size is known when the graph is built are computed fastest.
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
        gamma = ops.cast(self.gamma, "float32") if self.scale else ops.ones(inputs.shape[-1])
        beta = ops.cast(self.beta, "float32") if self.center else ops.zeros(inputs.shape[-1])
        batch = inputs.shape[0]
        if takes_cpu_path(inputs, ("float32", "bfloat16")) and batch and batch <= _FEW:
            images = tf.split(inputs, batch)
            return tf.concat([_fused(image, gamma, beta, self.epsilon) for image in images], 0)
        return _formula(inputs, gamma, beta, self.epsilon)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": keras.initializers.serialize(self.beta_initializer),
            "gamma_initializer": keras.initializers.serialize(self.gamma_initializer),
        }


def _formula(inputs, gamma, beta, epsilon):
    # The variance of float16 activations overflows: everything up to the end is float32.
    x = ops.cast(inputs, "float32")
    mean, variance = ops.moments(x, axes=(1, 2), keepdims=True)
    x = (x - mean) * (ops.rsqrt(variance + epsilon) * gamma) + beta
    return ops.cast(x, inputs.dtype)


def _fused(image, gamma, beta, epsilon):
    """Returns `_formula` of one image by batch normalization's kernels, a quarter of the time."""

    @tf.custom_gradient
    def normalize(image, gamma, beta):
        y, _, _, *statistics = tf.raw_ops.FusedBatchNormV3(
            x=image, scale=gamma, offset=beta, mean=[], variance=[], epsilon=epsilon
        )

        @tf.custom_gradient
        def gradients(upstream, image, gamma, beta):
            found = tf.raw_ops.FusedBatchNormGradV3(
                y_backprop=upstream,
                x=image,
                scale=gamma,
                reserve_space_1=statistics[0],
                reserve_space_2=statistics[1],
                reserve_space_3=statistics[2],
                epsilon=epsilon,
            )
            return list(found[:3]), functools.partial(_second, upstream, image, gamma, beta)

        return y, lambda upstream: gradients(upstream, image, gamma, beta)

    def _second(upstream, image, gamma, beta, *outer):
        # TensorFlow 2.21's own gradient of FusedBatchNormGradV3 is wrong by several percent.
        inputs = [upstream, image, gamma, beta]
        with GradientTape() as tape:
            tape.watch(inputs)
            with GradientTape() as inner:
                inner.watch(inputs[1:])
                y = _formula(image, gamma, beta, epsilon)
            first = inner.gradient(y, inputs[1:], upstream)
        return tape.gradient(first, inputs, list(outer), unconnected_gradients="zero")

    return normalize(image, gamma, beta)
