"""Modulated convolutions: a style says how much of each channel of features counts.

Reference: Karras et al. 2020 (StyleGAN2), https://arxiv.org/abs/1912.04958, section 2.2;
Karras et al. 2021 (StyleGAN3), https://arxiv.org/abs/2106.12423, appendix D.3;
https://github.com/NVlabs/stylegan3 at c233a91, training/networks_stylegan3.py
"""

import math

import keras
import numpy as np
import tensorflow as tf

from tfgan_apps.layers.equalized import EqualizedDense
from tfgan_apps.layers.resampling import upfirdn

_EPSILON = 1e-8
_BINOMIAL = np.array([1, 3, 3, 1]) / 8


def modulated(images, kernel, style, demodulate=True, padding=0, gain=1.0, convolve=None):
    """Returns a convolution whose kernel is scaled by a style, for each example its own.

    The images are scaled in place of the kernel, and the result where it is demodulated: one
    convolution for all examples, without groups.

    Args:
        images: float tensor (batch, height, width, channels), of the dtype of computation.
        kernel: float32 tensor (height, width, channels, filters).
        style: float32 tensor (batch, channels).
        demodulate: bool, whether images of variance 1 give features of variance 1, whatever kernel
            and style are. Defaults to true.
        padding: int >= 0, zeros around the images. Defaults to 0.
        gain: float or tensor, what demodulation does not take away. Defaults to 1.
        convolve: function, (images, kernel) -> features, in place of a convolution with that
            padding.
    """
    if demodulate:
        # Of one size, whatever is learned: products stay in the range of 16 bits.
        kernel = kernel * _inverse_root(tf.reduce_mean(kernel**2, (0, 1, 2)))
        kernel = kernel / math.sqrt(math.prod(kernel.shape[:3]))
        style = style * _inverse_root(tf.reduce_mean(style**2, -1, keepdims=True))
        power = tf.matmul(style**2, tf.reduce_sum(kernel**2, (0, 1)))
        scale = tf.cast(_inverse_root(power), images.dtype)[:, None, None]
    images = images * tf.cast(style * gain, images.dtype)[:, None, None]
    kernel = tf.cast(kernel, images.dtype)
    features = (convolve or _convolution(padding))(images, kernel)
    return features * scale if demodulate else features


@keras.saving.register_keras_serializable(package="tfgan_apps")
class ModulatedConv2D(keras.layers.Layer):
    """A convolution that a style modulates, without a bias.

    What is not demodulated is of equalized learning rate. Where it is `tracked`, features are
    divided by the root of the weight `magnitude`, which stands for their mean square; it is 1 at
    first, does not learn, and changes when it is assigned to.

    Args:
        filters: int, channels of the output.
        kernel_size: int, height and width of the kernel. Defaults to 3.
        padding: int, zeros around the images. Defaults to 0.
        demodulate: bool. Defaults to true.
        tracked: bool. Defaults to false.
        doubling: bool, whether zeros come between the pixels, and a filter after the 3 x 3 kernel,
            so that the sides are doubled; the padding is ignored. Defaults to false.

    Input: images (batch, height, width, channels), style (batch, style_size) of float32. Output:
    (batch, height + 2 padding + 1 - kernel_size, ..., filters), or of doubled sides.
    """

    def __init__(
        self,
        filters,
        kernel_size=3,
        padding=0,
        demodulate=True,
        tracked=False,
        doubling=False,
        **kwargs,
    ):
        super().__init__(**{"autocast": False, **kwargs})  # styles stay float32
        self.filters, self.kernel_size, self.padding = filters, kernel_size, padding
        self.demodulate, self.tracked, self.doubling = demodulate, tracked, doubling

    def build(self, input_shape):
        (*_, channels), style_shape = input_shape
        self.affine = EqualizedDense(channels, bias=1.0, dtype="float32", name="affine")
        self.affine.build(style_shape)
        shape = self.kernel_size, self.kernel_size, channels, self.filters
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.kernel = self.add_weight(shape, normal, name="kernel", autocast=False)
        if self.tracked:
            state = {"trainable": False, "aggregation": "only_first_replica", "autocast": False}
            self.magnitude = self.add_weight((), "ones", name="magnitude", **state)

    def call(self, inputs):
        images, style = inputs
        style = self.affine(style)
        if not self.demodulate:
            style = style / math.sqrt(math.prod(self.kernel.shape[:3]))
        gain = tf.math.rsqrt(self.magnitude.value) if self.tracked else 1.0
        images = tf.cast(images, self.compute_dtype)
        kernel = self.kernel.value
        convolve = _doubled if self.doubling else None
        return modulated(images, kernel, style, self.demodulate, self.padding, gain, convolve)

    def compute_output_shape(self, input_shape):
        batch, *sides, _ = input_shape[0]
        if self.doubling:
            return (batch, *(side and 2 * side for side in sides), self.filters)
        more = 2 * self.padding + 1 - self.kernel_size
        return (batch, *(side and side + more for side in sides), self.filters)

    def get_config(self):
        names = "filters", "kernel_size", "padding", "demodulate", "tracked", "doubling"
        return super().get_config() | {name: getattr(self, name) for name in names}


def _convolution(padding):
    """Returns a function of images and a kernel: their convolution, with zeros around.

    The zeros come from `tf.pad`: a convolution's own explicit ones cost XLA 13 times as much on a
    CPU, and half as much again without it.
    """
    borders = [[0, 0], [padding, padding], [padding, padding], [0, 0]]

    def convolve(images, kernel):
        images = tf.pad(images, borders) if padding else images
        return tf.nn.conv2d(images, kernel, 1, "VALID")

    return convolve


def _doubled(images, kernel):
    """Returns what a 3 x 3 kernel makes of images with zeros between their pixels, filtered.

    The kernel is not turned round, as that of a true convolution: so are the authors' in PyTorch.
    """
    batch, (height, width) = tf.shape(images)[0], images.shape[1:3]
    sides = batch, 2 * height + 1, 2 * width + 1, kernel.shape[-1]
    kernel = tf.transpose(kernel, (0, 1, 3, 2))
    images = tf.nn.conv2d_transpose(images, kernel, sides, 2, "VALID")
    return upfirdn(images, _BINOMIAL, padding=(1, 1, 1, 1), gain=4.0)


def _inverse_root(square):
    return tf.math.rsqrt(square + _EPSILON)
