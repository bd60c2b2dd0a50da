"""Resampling of images by filters: zeros come between pixels, a filter passes, pixels are dropped.

Reference: Karras et al. 2020 (StyleGAN2), https://arxiv.org/abs/1912.04958, appendix B;
https://github.com/NVlabs/stylegan2-ada-pytorch at d72cc7d, torch_utils/ops/upfirdn2d.py
"""

import keras
import numpy as np
import tensorflow as tf


def upfirdn(images, taps, up=1, down=1, padding=(0, 0, 0, 0), gain=1.0):
    """Returns images with more pixels, filtered, then with less of them.

    Each pixel gets up - 1 zeros after it, on both axes, then come the borders, the filter, a true
    convolution without more borders, and every `down`-th pixel, from the first on.

    Args:
        images: float tensor (batch, height, width, channels), the sides known.
        taps: float array, (n,) for a filter that passes along both axes, or (n, m); it is divided
            by nothing.
        up, down: int >= 1, of which one is 1. Default to 1.
        padding: (top, bottom, left, right), zeros that are added after those of `up`; what is cut
            off where negative. Defaults to none.
        gain: float, of the result. Defaults to 1.

    Returns:
        Tensor (batch, (height * up + top + bottom - n) // down + 1, ..., channels).
    """
    taps = np.asarray(taps, np.float64)
    taps = gain * (np.outer(taps, taps) if taps.ndim == 1 else taps)
    if up == 1:
        kernel = _kernel(taps[::-1, ::-1], images)
        images = _bordered(images, *padding)
        return tf.nn.depthwise_conv2d(images, kernel, (1, down, down, 1), "VALID")
    # What a convolution of stride `up` does to gradients is what zeros and a filter do to images.
    batch, (height, width, channels) = tf.shape(images)[0], images.shape[1:]
    (rows, columns), (top, bottom, left, right) = taps.shape, padding
    sides = (height - 1) * up + rows, (width - 1) * up + columns
    whole = tf.nn.depthwise_conv2d_backprop_input(
        (batch, *sides, channels), _kernel(taps, images), images, (1, up, up, 1), "VALID"
    )
    more = up - rows, up - columns  # the zeros after the last pixel, and what the filter is over
    return _bordered(whole, top + 1 - rows, bottom + more[0], left + 1 - columns, right + more[1])


def doubled(images, taps):
    """Returns images of twice the height and width, as bright as they were.

    Args:
        images: float tensor (batch, height, width, channels), the sides known.
        taps: float array (n,) of sum 1.
    """
    border = (len(taps) + 1) // 2, (len(taps) - 2) // 2
    return upfirdn(images, taps, up=2, padding=(*border, *border), gain=4.0)


def halved(images, taps):
    """Returns images of half the height and width, which are even; see `doubled`."""
    border = (len(taps) - 1) // 2, (len(taps) - 2) // 2
    return upfirdn(images, taps, down=2, padding=(*border, *border))


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Resampling2D(keras.layers.Layer):
    """Passes a filter over images, which it may make twice as large, or half as large.

    Args:
        taps: sequence of floats, of the filter along each axis; they are divided by their sum.
        scale: 1, 2 or 0.5, of the sides. Defaults to 1.

    Input: (batch, height, width, channels), the sides known. Output: as the scale says.
    """

    def __init__(self, taps=(1, 3, 3, 1), scale=1, **kwargs):
        super().__init__(**kwargs)
        self.taps, self.scale = tuple(taps), scale
        self.built = True  # it has no weights

    def call(self, inputs):
        taps = np.divide(self.taps, sum(self.taps))
        if self.scale != 1:
            return (doubled if self.scale == 2 else halved)(inputs, taps)
        border = len(taps) // 2, (len(taps) - 1) // 2
        return upfirdn(inputs, taps, padding=(*border, *border))

    def compute_output_shape(self, input_shape):
        batch, *sides, channels = input_shape
        return (batch, *(int(side * self.scale) for side in sides), channels)

    def get_config(self):
        return super().get_config() | {"taps": self.taps, "scale": self.scale}


def _bordered(x, top, bottom, left, right):
    """Returns images with zeros around them, or less of them where a number is negative."""
    height, width = x.shape[1:3]
    x = x[:, max(-top, 0) : height - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)]
    border = [[max(n, 0) for n in pair] for pair in ((top, bottom), (left, right))]
    return tf.pad(x, ((0, 0), *border, (0, 0))) if max(border) > [0, 0] else x


def _kernel(taps, images):
    """Returns taps (n, m) for each channel of images, as depthwise convolutions take them."""
    kernel = tf.constant(np.array(taps)[..., None, None], images.dtype)
    return tf.tile(kernel, (1, 1, images.shape[-1], 1))
