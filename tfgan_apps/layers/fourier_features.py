"""FourierFeatures: waves over a plane that can be turned and moved, in place of a learned constant.

Reference: Karras et al. 2021 (StyleGAN3), https://arxiv.org/abs/2106.12423, section 3.1;
https://github.com/NVlabs/stylegan3 at c233a91, training/networks_stylegan3.py, SynthesisInput
"""

import math

import keras
import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check


@keras.saving.register_keras_serializable(package="tfgan_apps")
class FourierFeatures(keras.layers.Layer):
    """Samples sine waves of fixed frequencies on a grid, and mixes them.

    The frequencies are drawn from a disc, the phases from a circle; both stay. The style says how
    the plane is turned and moved; `transform`, what is done to it before. The image is the square
    of side 1 around the origin, of `rate` samples a side; those beyond it are margin. Waves that a
    transform makes too fast for the samples fade out.

    Args:
        channels: int, waves, and features.
        size: int, samples a side.
        rate: float, samples a unit.
        bandwidth: float in (0, rate / 2), of the frequencies, in cycles a unit.

    Input: style (batch, style_size), transform (batch, 3, 3), float32, a matrix of homogeneous
    coordinates (x, y, 1), from those of the image to those of the plane. Output: (batch, size,
    size, channels).
    """

    def __init__(self, channels, size, rate, bandwidth, **kwargs):
        check(0 < bandwidth < rate / 2, f"between 0 and rate / 2 = {rate / 2}", bandwidth=bandwidth)
        super().__init__(**{"autocast": False, **kwargs})  # phases stay float32
        self.channels, self.size = channels, size
        self.rate, self.bandwidth = rate, bandwidth

    def build(self, input_shape):
        (_, style_size), _ = input_shape
        # Rotation's cosine and sine, and the translation: at first, nothing is done.
        self.affine_kernel = self._weight("affine_kernel", (style_size, 4), "zeros")
        self.affine_bias = self._weight("affine_bias", (4,), _first_bias)
        waves = self.channels
        self.frequencies = self._weight("frequencies", (waves, 2), self._disc, trainable=False)
        phase = keras.initializers.RandomUniform(-0.5, 0.5)
        self.phases = self._weight("phases", (waves,), phase, trainable=False)
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.kernel = self._weight("kernel", (waves, waves), normal)

    def call(self, inputs):
        style, transform = (tf.cast(x, tf.float32) for x in inputs)
        matrix = self._learned_transform(style) @ transform
        frequencies = tf.matmul(self.frequencies.value[None], matrix[:, :2, :2])
        phases = self.phases + tf.matmul(self.frequencies.value[None], matrix[:, :2, 2:])[..., 0]
        places = (np.arange(self.size) + 0.5 - self.size / 2) / self.rate
        places = tf.constant(places, tf.float32)[None, :, None]
        across = frequencies[:, None, :, 0] * places
        down = frequencies[:, None, :, 1] * places + phases[:, None]
        waves = tf.sin((across[:, None] + down[:, :, None]) * (2 * math.pi))
        waves = waves * self._amplitudes(frequencies)[:, None, None]
        features = tf.matmul(waves, self.kernel / math.sqrt(self.channels))
        return tf.cast(features, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return (input_shape[0][0], self.size, self.size, self.channels)

    def get_config(self):
        names = "channels", "size", "rate", "bandwidth"
        return super().get_config() | {name: getattr(self, name) for name in names}

    def _weight(self, name, shape, initializer, trainable=True):
        options = {"trainable": trainable, "autocast": False}
        return self.add_weight(shape, initializer, name=name, **options)

    def _learned_transform(self, style):
        """Returns the matrices (batch, 3, 3) of a style: what is made is turned, then moved."""
        kernel = self.affine_kernel / math.sqrt(style.shape[-1])
        numbers = tf.matmul(style, kernel) + self.affine_bias
        length = tf.sqrt(tf.reduce_sum(numbers[:, :2] ** 2, -1, keepdims=True))
        cosine, sine, x, y = tf.unstack(numbers / length, axis=-1)
        zero, one = tf.zeros_like(x), tf.ones_like(x)
        turned = [[cosine, -sine, zero], [sine, cosine, zero], [zero, zero, one]]
        moved = [[one, zero, -x], [zero, one, -y], [zero, zero, one]]
        return _matrices(turned) @ _matrices(moved)

    def _amplitudes(self, frequencies):
        """Returns amplitudes (batch, channels): 1 in the band, 0 from half the rate on."""
        speed = tf.norm(frequencies, axis=-1)
        over = (speed - self.bandwidth) / (self.rate / 2 - self.bandwidth)
        return tf.clip_by_value(1 - over, 0.0, 1.0)

    def _disc(self, shape, dtype):
        """Returns points that are drawn evenly from the disc of the frequencies."""
        points = keras.random.normal(shape, dtype=dtype)
        square = tf.reduce_sum(points**2, -1, keepdims=True)
        return points * (tf.math.rsqrt(square) * tf.exp(-square / 4) * self.bandwidth)


def _first_bias(shape, dtype):
    """Returns the bias of the learned transform: no rotation, no translation."""
    return tf.one_hot(0, *shape, dtype=dtype)


def _matrices(rows):
    """Returns matrices (batch, 3, 3) of three rows of numbers (batch,)."""
    return tf.stack([tf.stack(row, -1) for row in rows], 1)
