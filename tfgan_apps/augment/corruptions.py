"""What augmentation does to an image's frequencies and pixels: bands, noise and cutout.

Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data",
https://arxiv.org/abs/2006.06676, appendix B; https://github.com/NVlabs/stylegan2-ada-pytorch at
d72cc7d, training/augment.py
"""

import numpy as np
import tensorflow as tf

from tfgan_apps.augment import filters

POWER = np.array([10, 1, 1, 1], np.float32) / 13  # of the bands of a photograph, which is 1 in all
CUTOUT = 0.5  # of the height and of the width


def filtered(images, bands):
    """Returns images whose frequency bands are amplified, each axis by itself.

    Each amplification keeps the power that a photograph has.

    Args:
        images: float32 tensor (batch, height, width, channels), the sides known.
        bands: float32 tensor (batch, 4), factors of the bands, from low frequencies to high ones.
    """
    height, width = images.shape[1:3]
    power = tf.reduce_prod(1.0 + POWER * (tf.square(bands) - 1.0), -1, keepdims=True)
    gains = bands / tf.sqrt(power)
    rows, columns = (tf.tensordot(gains, filters.bands(n), 1) for n in (height, width))
    return filters.along_both(rows, images, columns)


def cut_out(images, centers):
    """Returns images with a rectangle in mid-grey, 0, half as high and wide as they are.

    Args:
        images: float32 tensor (batch, height, width, channels), the sides known.
        centers: float32 tensor (batch, 2), x and y of the middles, in [0, 1] from the left and from
            above; -1 is so far outside that nothing is cut.
    """
    height, width = images.shape[1:3]
    x, y = ((tf.range(float(n)) + 0.5) / n for n in (width, height))
    outside_x = tf.abs(x - centers[:, :1]) >= CUTOUT / 2
    outside_y = tf.abs(y - centers[:, 1:]) >= CUTOUT / 2
    kept = tf.cast(outside_y[:, :, None] | outside_x[:, None, :], images.dtype)
    return images * kept[..., None]


def noisy(images, deviations, noise):
    """Returns images with noise in them.

    Args:
        images: float32 tensor (batch, height, width, channels).
        deviations: float32 tensor (batch,), standard deviations.
        noise: float32 tensor as images, of a standard normal distribution.
    """
    return images + noise * deviations[:, None, None, None]
