"""A leaky ReLU that adds no frequencies its pixels cannot carry: it acts on more of them.

Reference: Karras et al. 2021 (StyleGAN3), https://arxiv.org/abs/2106.12423, section 2.1;
https://github.com/NVlabs/stylegan3 at c233a91, torch_utils/ops/filtered_lrelu.py
"""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tfgan_apps.layers.resampling import upfirdn


def filtered_leaky_relu(
    images, up_taps, down_taps, up=2, down=2, padding=(0, 0), slope=0.2, gain=2**0.5, limit=None
):
    """Returns images after more pixels, a leaky ReLU and less pixels, with a filter for each.

    Args:
        images: float tensor (batch, height, width, channels), the sides known.
        up_taps, down_taps: float array of sum 1, (n,) or (n, n), or None for no filter.
        up, down: int >= 1, how many times more and less pixels a side has. Default to 2.
        padding: (before, after), zeros of both axes among the more pixels; what is cut off where
            negative. Defaults to none.
        slope: float, below 0. Defaults to 0.2.
        gain: float > 0, of the result. Defaults to the root of 2.
        limit: float, the largest magnitude before there are less pixels, or None.

    Returns:
        Tensor (batch, (height * up + before + after + 1 - n + 1 - m - 1) // down + 1, ...,
        channels), n and m the lengths of the filters.
    """
    taps = np.ones(1) if up_taps is None else up_taps
    if up_taps is not None or up > 1 or tuple(padding) != (0, 0):
        images = upfirdn(images, taps, up=up, padding=(*padding, *padding), gain=up**2)
    images = tf.nn.leaky_relu(images, slope) if slope != 1 else images
    images = images * gain if gain != 1 else images
    images = images if limit is None else tf.clip_by_value(images, -limit, limit)
    taps = np.ones(1) if down_taps is None else down_taps
    if down_taps is not None or down > 1:
        images = upfirdn(images, taps, down=down)
    return images


@keras.saving.register_keras_serializable(package="tfgan_apps")
class FilteredLeakyReLU(keras.layers.Layer):
    """Adds a bias, then does what `filtered_leaky_relu` does.

    Args:
        up_taps, down_taps, up, down, padding, slope, gain, limit: see `filtered_leaky_relu`; the
            taps as sequences.

    Input: (batch, height, width, channels), the sides known. Output: of other sides.
    """

    def __init__(
        self,
        up_taps=None,
        down_taps=None,
        up=1,
        down=1,
        padding=(0, 0),
        slope=0.2,
        gain=2**0.5,
        limit=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.up_taps, self.down_taps = _lists(up_taps), _lists(down_taps)
        self.up, self.down, self.padding = up, down, tuple(padding)
        self.slope, self.gain, self.limit = slope, gain, limit

    def build(self, input_shape):
        self.bias = self.add_weight((input_shape[-1],), "zeros", name="bias")

    def call(self, inputs):
        return filtered_leaky_relu(inputs + ops.cast(self.bias, inputs.dtype), **self._own())

    def compute_output_shape(self, input_shape):
        batch, *sides, channels = input_shape
        lengths = (1 if taps is None else len(taps) for taps in (self.up_taps, self.down_taps))
        lost = sum(lengths) - 1 - sum(self.padding)
        return (batch, *((side * self.up - lost) // self.down + 1 for side in sides), channels)

    def get_config(self):
        return super().get_config() | self._own()

    def _own(self):
        names = "up_taps", "down_taps", "up", "down", "padding", "slope", "gain", "limit"
        return {name: getattr(self, name) for name in names}


def _lists(taps):
    """Returns taps as lists of numbers, which a configuration can have."""
    return None if taps is None else np.asarray(taps, np.float64).tolist()
