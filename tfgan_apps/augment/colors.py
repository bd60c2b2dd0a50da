"""Colours of augmentation: five transforms of a pixel's colour, as one affine map.

Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data",
https://arxiv.org/abs/2006.06676, appendix B; https://github.com/NVlabs/stylegan2-ada-pytorch at
d72cc7d, training/augment.py
"""

import numpy as np
import tensorflow as tf

NAMES = "brightness", "contrast", "luma_flip", "hue", "saturation"

LUMA = np.full(
    (3, 3), 1 / 3, np.float32
)  # projects on grey, v vT of the axis v = (1, 1, 1) / 3**.5
CHROMA = np.eye(3, dtype=np.float32) - LUMA
QUARTER = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], np.float32) / np.sqrt(np.float32(3))


def map_of(parameters):
    """Returns the affine map of RGB that the transforms make one after the other, or None.

    Brightness moves along the grey axis, contrast scales all, the luma flip turns the grey axis
    round, hue rotates about it, and saturation scales what is across it. So each acts on grey and
    on chroma apart, and their product needs no 4 x 4 matrices.

    Args:
        parameters: dict of tensors (batch,), some of `NAMES`; others are ignored.

    Returns:
        (float32 tensor (batch, 3, 3), float32 tensor (batch,) that is added to each channel), or
        None where no parameter is one of colours.
    """
    given = [parameters[name] for name in NAMES if name in parameters]
    if not given:
        return None
    one, zero = tf.ones_like(given[0]), tf.zeros_like(given[0])
    grey = parameters.get("contrast", one) * (1.0 - 2.0 * parameters.get("luma_flip", zero))
    across = parameters.get("contrast", one) * parameters.get("saturation", one)
    angle = parameters.get("hue", zero)
    parts = (grey, LUMA), (across * tf.cos(angle), CHROMA), (across * tf.sin(angle), QUARTER)
    matrix = tf.add_n([factor[:, None, None] * part for factor, part in parts])
    return matrix, parameters.get("brightness", zero) * grey


def recolored(images, matrix, offset):
    """Returns images after affine maps of their colours.

    One channel is grey, of which chroma says nothing; the fourth of four is opacity, which stays.

    Args:
        images: float32 tensor (batch, height, width, channels), 1, 3 or 4 of them.
        matrix, offset: see `map_of`.

    Raises:
        ValueError: images have another number of channels.
    """
    channels = images.shape[-1]
    offset = offset[:, None, None, None]
    if channels == 1:
        return images * tf.reduce_mean(tf.reduce_sum(matrix, 2), 1)[:, None, None, None] + offset
    if channels not in (3, 4):
        raise ValueError(
            "images must have 1, 3 or 4 channels for augmentation of colours. "
            f"Received: images.shape={tuple(images.shape)}"
        )
    pixels = tf.reshape(images[..., :3], (-1, images.shape[1] * images.shape[2], 3))
    pixels = tf.matmul(pixels, matrix, transpose_b=True)
    colors = tf.reshape(pixels, (-1, *images.shape[1:3], 3)) + offset
    return colors if channels == 3 else tf.concat([colors, images[..., 3:]], -1)
