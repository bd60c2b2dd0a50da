"""A network that sees a face's 98 landmarks, and the masks of eyes, brows, nose and mouth of them.

Reference:
    Wang, Bo, Fuxin, "Adaptive Wing Loss for Robust Face Alignment via Heatmap Regression", ICCV
    2019, https://arxiv.org/abs/1904.07399
    https://github.com/clovaai/stargan-v2 at 875b70a, core/wing.py, `FAN`, one module of it
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from tfgan_apps.configs import dtype_policy
from tfgan_apps.layers import Coordinates

SIDE = 256  # pixels of what is seen, and of masks
LANDMARKS = 98
_WIDTH, _DEPTH = 256, 4  # of the hourglass

# Landmarks: (first, behind the last one), rows that their heat is moved up by, and its power.
_CHIN, _BROWS, _EYES, _MOUTH = (8, 25), (33, 51), (60, 76), (76, 96)
_MOVED = (
    (_CHIN, 0, 3),
    (_BROWS, -7, 2),
    ((52, 55), 4, 1),  # nose
    ((55, 60), 8, 4),  # nostrils
    ((77, 82), -8, 4),  # upper lip
    ((83, 88), 8, 4),  # lower lip
    ((88, 96), -2, 3),  # inside of the lips
)
_LEFT_OUT = (*range(8), *range(25, 33), 33, 46, 76, 82)
_LEAST = 0.1  # heat that counts


def build_landmarks():
    """Returns the network: `image` (batch, 256, 256, 3) in [0, 1] -> `heat` (batch, 64, 64, 99).

    A channel for each landmark, and one for the borders of parts. It is in float32, and is not
    trained; its layers are called as in the authors' file.
    """
    with dtype_policy("float32"):
        image = layers.Input((SIDE, SIDE, 3), name="image")
        x = layers.ZeroPadding2D(3)(Coordinates()(image))
        x = _rectified(_convolution(64, 7, 2, "conv1.conv", True, "valid")(x), "bn1")
        x = layers.AveragePooling2D(2)(_block(x, 128, "conv2"))
        x = _block(_block(x, 128, "conv3"), _WIDTH, "conv4")
        x = _convolution(_WIDTH, 1, 1, "m0.coordconv.conv", True)(Coordinates()(x))
        x = _block(_hourglass(x, _DEPTH), _WIDTH, "top_m_0")
        x = _rectified(_convolution(_WIDTH, 1, 1, "conv_last0", True)(x), "bn_end0")
        heat = _convolution(LANDMARKS + 1, 1, 1, "l0", True)(x)
    return keras.Model(image, heat, name="landmarks", trainable=False)


def masks(network, image):
    """Returns the masks of faces, float32 (batch, 256, 256, 2) from 0 to 1, without gradient.

    Args:
        network: from `build_landmarks`.
        image: float tensor (batch, height, width, 3) in [-1, 1].

    Returns:
        The first one is of all, the second one without chin, brows and mouth.
    """
    image = tf.image.resize(tf.cast(image, tf.float32), (SIDE, SIDE)) * 0.5 + 0.5
    heat = network(image, training=False)[..., :LANDMARKS]
    return tf.stop_gradient(masks_of(heat))


def masks_of(heat):
    """Returns the masks of landmarks' heat (batch, 64, 64, 98)."""
    corners = tf.constant(_between_corners(heat.shape[1], SIDE))
    heat = tf.einsum("ph,bhwc,qw->bpqc", corners, heat, corners)
    heat = tf.where(heat < _LEAST, 0.0, heat)
    least = tf.reduce_min(heat, (1, 2), keepdims=True)
    most = tf.reduce_max(heat, (1, 2), keepdims=True)
    parts = tf.unstack((heat - least) / (most - least + 1e-6), axis=-1)
    for (first, end), rows, power in _MOVED:
        parts[first:end] = [tf.roll(part, -rows, 1) ** power for part in parts[first:end]]
    eyes = slice(*_EYES)
    parts[eyes] = [tf.roll(part, 8, 1) ** 3 + tf.roll(part, 24, 1) for part in parts[eyes]]
    without = {place for ends in (_CHIN, _BROWS, _MOUTH) for place in range(*ends)}
    seen = [place for place in range(LANDMARKS) if place not in _LEFT_OUT]
    sums = [sum(parts[place] for place in seen)]
    sums.append(sum(parts[place] for place in seen if place not in without))
    return tf.clip_by_value(tf.stack(sums, -1), 0.0, 1.0)


def _between_corners(length, wanted):
    """Returns the matrix that enlarges an axis linearly, its first and last values kept."""
    places = np.linspace(0, length - 1, wanted)[:, None]
    return np.float32(np.maximum(1 - np.abs(places - np.arange(length)), 0))


def _hourglass(x, level):
    """Returns features, of which half as many pixels are looked at, and so on, and brought back."""
    inner = _block(layers.AveragePooling2D(2)(x), _WIDTH, f"m0.b2_{level}")
    inner = _hourglass(inner, level - 1) if level > 1 else _block(inner, _WIDTH, "m0.b2_plus_1")
    inner = layers.UpSampling2D(2)(_block(inner, _WIDTH, f"m0.b3_{level}"))
    return layers.Add()([_block(x, _WIDTH, f"m0.b1_{level}"), inner])


def _block(x, width, name):
    """Returns features after a residual block of three convolutions, whose results are joined."""
    found, y = [], x
    for number, part in enumerate((2, 4, 4), 1):
        y = _rectified(y, f"{name}.bn{number}")
        y = _convolution(width // part, 3, 1, f"{name}.conv{number}")(y)
        found.append(y)
    if x.shape[-1] != width:
        x = _rectified(x, f"{name}.downsample.0")
        x = _convolution(width, 1, 1, f"{name}.downsample.2")(x)
    return layers.Add()([layers.Concatenate()(found), x])


def _rectified(x, name):
    return layers.ReLU()(layers.BatchNormalization(epsilon=1e-5, name=name)(x))


def _convolution(filters, size, strides, name, use_bias=False, padding="same"):
    return layers.Conv2D(filters, size, strides, padding, use_bias=use_bias, name=name)
