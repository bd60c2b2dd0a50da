"""ReflectionConv2D: 3 x 3 convolution over an image mirrored at its border, fast on CPUs."""

import functools

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tfgan_apps.layers.cpu_path import takes_cpu_path

OUT, IN = 4, 6  # Winograd's F(4 x 4, 3 x 3): tiles of 6 x 6 pixels in, 4 x 4 out


@keras.saving.register_keras_serializable(package="tfgan_apps")
class ReflectionConv2D(keras.layers.Conv2D):
    """Convolves with 3 x 3 kernels, stride 1, after mirroring one pixel at each side.

    Equals `ReflectionPadding2D(1)` and `Conv2D(filters, 3)`, with the same weights. On a CPU, for
    sizes known when the graph is built and divisible by 4, it is computed by Winograd's minimal
    filtering: 36 instead of 144 products for 16 outputs, with a relative rounding error below
    5e-6. This is done in float32 for bfloat16 too: rounded products would make an error of 1 %.
    cuDNN chooses such algorithms on a GPU by itself.

    Args:
        filters: int, output channels.
        **kwargs: as for `keras.layers.Conv2D`, but kernel size, strides and padding.

    Input: (batch, height, width, channels), height and width >= 2.
    Output: (batch, height, width, filters).

    Reference: Lavin and Gray 2015, https://arxiv.org/abs/1509.09308
    """

    def __init__(self, filters, **kwargs):
        super().__init__(filters, 3, **kwargs)

    def call(self, inputs):
        if not _suits_winograd(inputs):
            border = (1, 1)
            return super().call(ops.pad(inputs, ((0, 0), border, border, (0, 0)), mode="reflect"))
        kernel = ops.convert_to_tensor(self.kernel)
        outputs = winograd(ops.cast(inputs, "float32"), ops.cast(kernel, "float32"))
        outputs = ops.cast(outputs, inputs.dtype)
        if self.use_bias:
            outputs = outputs + self.bias
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.filters)

    def get_config(self):
        config = super().get_config()
        fixed = ("kernel_size", "strides", "padding", "dilation_rate", "groups", "data_format")
        return {name: value for name, value in config.items() if name not in fixed}


def _suits_winograd(inputs):
    known = takes_cpu_path(inputs, ("float32", "bfloat16")) and None not in inputs.shape[1:3]
    return known and all(side % OUT == 0 for side in inputs.shape[1:3])


def winograd(images, kernel):
    """Returns the convolution of mirrored images with 3 x 3 kernels.

    Args:
        images: (batch, height, width, channels) float32, height and width multiples of 4.
        kernel: (3, 3, channels, filters) float32.

    Returns:
        (batch, height, width, filters) float32.
    """
    height, width, channels = images.shape[1:]
    filters = kernel.shape[-1]
    rows, columns = height // OUT, width // OUT
    split_rows, split_columns = _tiling(height), _tiling(width)

    kernel = tf.reshape(kernel, (9, channels * filters))
    kernel = tf.reshape(_kernel_transform() @ kernel, (IN * IN, channels, filters))
    # One matrix for each axis mirrors, cuts into tiles and transforms them; -1: with the batch.
    x = tf.reshape(split_columns @ images, (-1, height, IN, columns * channels))
    x = tf.reshape(tf.transpose(x, (2, 1, 0, 3)), (IN, height, -1))
    x = tf.reshape(split_rows @ x, (IN * IN, -1, channels))
    x = x @ kernel
    x = _output_transform() @ tf.reshape(x, (IN * IN, -1))
    x = tf.reshape(x, (OUT, OUT, rows, -1, columns, filters))
    return tf.reshape(tf.transpose(x, (3, 2, 0, 4, 1, 5)), (-1, height, width, filters))


@functools.cache
def _minimal_filter():
    """Returns Toom and Cook's (A^T, G, B^T) for the points 0, +-1/sqrt(2), +-sqrt(2), infinity.

    For signals d of 6 and filters g of 3 values, A^T ((G g) * (B^T d)) are the 4 outputs. These
    points keep float32's rounding error smallest.
    """
    points = np.array([0, 0.5**0.5, -(0.5**0.5), 2**0.5, -(2**0.5)])

    def evaluate(length):
        return np.vstack([np.vander(points, length, increasing=True), np.eye(length)[-1]])

    data = np.linalg.inv(evaluate(IN)).T
    scale = np.abs(data).max(axis=1, keepdims=True)
    return evaluate(OUT).T, evaluate(3) * scale, data / scale


def _kernel_transform():
    _, kernel, _ = _minimal_filter()
    return np.einsum("ai,bj->baij", kernel, kernel).reshape(IN * IN, 9).astype("float32")


def _output_transform():
    out, _, _ = _minimal_filter()
    return np.einsum("oa,pb->opba", out, out).reshape(OUT * OUT, IN * IN).astype("float32")


@functools.cache
def _tiling(size):
    """Returns the matrix that mirrors an axis, cuts it into tiles and transforms them."""
    _, _, data = _minimal_filter()
    tiles = size // OUT
    mirror = np.eye(size)[np.pad(np.arange(size), 1, mode="reflect")]
    parts = [data @ mirror[OUT * i : OUT * i + IN] for i in range(tiles)]
    return np.stack(parts, axis=1).reshape(IN * tiles, size).astype("float32")
