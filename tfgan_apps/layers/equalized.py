"""Layers of equalized learning rate: the scale of a kernel is applied at run time.

So each step of Adam changes all kernels by the same share of what they are, however many inputs
they have.

Reference: Karras et al. 2018 (PGGAN), https://arxiv.org/abs/1710.10196, section 4.1;
https://github.com/tkarras/progressive_growing_of_gans at 2504c3f, networks.py
"""

import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tfgan_apps.layers.resampling import upfirdn

_BINOMIAL = np.array([1, 3, 3, 1]) / 8


class _Equalized:
    """Kernels of standard normal weights, over `rate`, that are used times `rate` and a scale.

    The scale is `gain` / sqrt(fan_in); a bias is stored over `rate`, too.
    """

    def __init__(self, *args, gain=1.0, rate=1.0, bias=0.0, **kwargs):
        kwargs["kernel_initializer"] = keras.initializers.RandomNormal(stddev=1.0 / rate)
        kwargs["bias_initializer"] = keras.initializers.Constant(bias / rate)
        super().__init__(*args, **kwargs)
        self.gain, self.rate, self.first_bias = gain, rate, bias

    @property
    def scaled_kernel(self):
        """The kernel that is used, in the dtype of computation."""
        fan_in = math.prod(self.kernel.shape[:-1])
        kernel = ops.cast(self.kernel, "float32") * (self.gain * self.rate / math.sqrt(fan_in))
        return ops.cast(kernel, self.compute_dtype)

    def finished(self, outputs):
        """Returns outputs after the bias and the activation."""
        if self.use_bias:
            outputs = outputs + ops.cast(self.bias, self.compute_dtype) * self.rate
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self):
        own = {"gain": self.gain, "rate": self.rate, "bias": self.first_bias}
        made = "kernel_initializer", "bias_initializer"
        return {n: v for n, v in super().get_config().items() if n not in made} | own


@keras.saving.register_keras_serializable(package="tfgan_apps")
class EqualizedDense(_Equalized, keras.layers.Dense):
    """A dense layer of equalized learning rate.

    Args:
        *args, **kwargs: as for `keras.layers.Dense`, but the initializers.
        gain: float, of the kernel. Defaults to 1.
        rate: float > 0, how much faster than others it learns (the authors' lrmul). Defaults to 1.
        bias: float, what the bias is at first. Defaults to 0.

    Input, output: as of `keras.layers.Dense`.
    """

    def call(self, inputs):
        return self.finished(ops.matmul(inputs, self.scaled_kernel))


@keras.saving.register_keras_serializable(package="tfgan_apps")
class EqualizedConv2D(_Equalized, keras.layers.Conv2D):
    """A convolution of equalized learning rate, to the same sides.

    Args:
        *args, **kwargs: as for `keras.layers.Conv2D`, but the initializers and the padding.
        gain, rate, bias: see `EqualizedDense`.

    Input, output: as of `keras.layers.Conv2D`.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"padding": "same", **kwargs})

    def call(self, inputs):
        return self.finished(self.convolution_op(inputs, self.scaled_kernel))


@keras.saving.register_keras_serializable(package="tfgan_apps")
class EqualizedDoublingConv2D(EqualizedConv2D):
    """Each pixel becomes four, then a 3 x 3 convolution: as one that is transposed, and faster.

    Args:
        filters, gain, rate, bias, **kwargs: see `EqualizedConv2D`.

    Input: (batch, height, width, channels). Output: (batch, 2 height, 2 width, filters).
    """

    def __init__(self, filters, kernel_size=3, **kwargs):
        super().__init__(filters, kernel_size, **kwargs)

    def call(self, inputs):
        batch, height, width, _ = ops.shape(inputs)
        kernel = _of_four(ops.flip(self.scaled_kernel, (0, 1)))
        sides = batch, 2 * height, 2 * width, self.filters
        kernel = tf.transpose(kernel, (0, 1, 3, 2))
        return self.finished(tf.nn.conv2d_transpose(inputs, kernel, sides, 2, "SAME"))

    def compute_output_shape(self, input_shape):
        batch, *sides, _ = input_shape
        return (batch, *(side and 2 * side for side in sides), self.filters)


@keras.saving.register_keras_serializable(package="tfgan_apps")
class EqualizedHalvingConv2D(EqualizedConv2D):
    """A 3 x 3 convolution, then the mean of each four pixels: as one of stride 2, and faster.

    Args:
        filters, gain, rate, bias, **kwargs: see `EqualizedConv2D`.

    Input: (batch, height, width, channels), sides even. Output: (batch, height / 2, width / 2,
    filters).
    """

    def __init__(self, filters, kernel_size=3, **kwargs):
        super().__init__(filters, kernel_size, **kwargs)

    def call(self, inputs):
        kernel = _of_four(self.scaled_kernel) / 4
        return self.finished(tf.nn.conv2d(inputs, kernel, 2, "SAME"))

    def compute_output_shape(self, input_shape):
        batch, *sides, _ = input_shape
        return (batch, *(side and side // 2 for side in sides), self.filters)


@keras.saving.register_keras_serializable(package="tfgan_apps")
class EqualizedFilteredConv2D(EqualizedConv2D):
    """A binomial filter, then a convolution of stride 2, without frequencies that alias.

    Args:
        filters, kernel_size, gain, rate, bias, **kwargs: see `EqualizedConv2D`; the size is odd.

    Input: (batch, height, width, channels), sides even. Output: (batch, height / 2, width / 2,
    filters).

    Reference: Karras et al. 2020 (StyleGAN2), https://arxiv.org/abs/1912.04958, appendix B
    """

    def call(self, inputs):
        border = 1 + self.kernel_size[0] // 2
        down = 2 if self.kernel_size[0] == 1 else 1  # of a point, no other pixels are needed
        x = upfirdn(inputs, _BINOMIAL, down=down, padding=4 * (border,))
        return self.finished(tf.nn.conv2d(x, self.scaled_kernel, 3 - down, "VALID"))

    def compute_output_shape(self, input_shape):
        batch, *sides, _ = input_shape
        return (batch, *(side and side // 2 for side in sides), self.filters)


def _of_four(kernel):
    """Returns the 4 x 4 kernel that is the sum of a 3 x 3 one at four places."""
    border = tf.pad(kernel, ((1, 1), (1, 1), (0, 0), (0, 0)))
    return border[1:, 1:] + border[:-1, 1:] + border[1:, :-1] + border[:-1, :-1]
