"""The filters of augmentation, wavelets, as matrices that act on one axis of images.

Matrices, since what reflects at the borders is then a constant, too: no borders are added to
images, and two products take the place of convolutions with long filters, which XLA does not make
fast on a CPU. Noise that is doubled and halved comes back to 1e-5; with products in TensorFloat-32,
a GPU's default, to 2e-3, a quarter of a step of 8 bits.
"""

import functools

import numpy as np
import tensorflow as tf

SYM6 = (
    0.015404109327027373,
    0.0034907120842174702,
    -0.11799011114819057,
    -0.048311742585633,
    0.4910559419267466,
    0.787641141030194,
    0.3379294217276218,
    -0.07263752278646252,
    -0.021060292512300564,
    0.04472490177066578,
    0.0017677118642428036,
    -0.007800708325034148,
)
"""Taps of the low-pass filter of the wavelet symlet 6."""

SYM2 = (-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025)

BORDER = len(SYM6) // 4  # pixels at each side that are resampled, so that the filter may pass
BANDS = 4


def along_both(rows, images, columns):
    """Returns images after a matrix for each axis.

    Args:
        rows: tensor (height after, height), or (batch, ...) of one for each image.
        images: tensor (batch, height, width, channels).
        columns: tensor (width after, width), as `rows`.

    Returns:
        Tensor (batch, height after, width after, channels).
    """
    x = _along_last(tf.transpose(images, (0, 3, 2, 1)), rows)
    x = _along_last(tf.transpose(x, (0, 1, 3, 2)), columns)
    return tf.transpose(x, (0, 2, 3, 1))


def _along_last(x, matrix):
    """Returns x (batch, channels, rows, n) after matrices of its last axis."""
    if len(matrix.shape) == 2:
        return tf.tensordot(x, matrix, ((3,), (1,)))  # one large product, not one for each image
    return tf.matmul(x, matrix[:, None], transpose_b=True)


@functools.cache
def doubling(size):
    """Returns what doubles the pixels of an axis that is continued by reflection.

    The image is reflected once at each border, all of it, and zeros are beyond. A reflected part
    under a filter is what the reversed filter makes of the image, so that many rows of the matrix
    are the same; each is here once.

    Args:
        size: int, pixels.

    Returns:
        (float32 array (rows, size), int32 array of the row of each pixel in turn). The first pixel
        and the last one are outside of the reflected parts, zero; pixel 0 of the doubled image
        itself is the one at 2 * size - 1.
    """
    taps = 2.0 * np.divide(SYM6, sum(SYM6))  # 2, since half of what it passes over are zeros
    reflected = size - 1
    pixels = np.arange(-2 * reflected, 2 * (size + reflected))[:, None]
    sources = np.arange(-reflected, size + reflected)
    place = pixels - 2 * sources + len(taps) // 2 - 1
    inside = (place >= 0) & (place < len(taps))
    weights = np.where(inside, taps[np.clip(place, 0, len(taps) - 1)], 0.0)
    matrix = np.pad(_folded(weights, sources, size), ((1, 1), (0, 0)))
    rows, row_of = np.unique(matrix.astype(np.float32), axis=0, return_inverse=True)
    return rows, row_of.reshape(-1).astype(np.int32)


@functools.cache
def halving(size):
    """Returns what halves the pixels of an axis, and takes `BORDER` off at both ends.

    Args:
        size: int, pixels that are left.

    Returns:
        float32 array (size, 2 * (size + 2 * BORDER)).
    """
    taps = np.divide(SYM6, sum(SYM6))
    before = 2 * BORDER - (len(taps) - 1) // 2  # of the doubled pixels, what goes with the border
    place = np.arange(2 * (size + 2 * BORDER)) - 2 * np.arange(size)[:, None] - before
    inside = (place >= 0) & (place < len(taps))
    return np.where(inside, taps[np.clip(place, 0, len(taps) - 1)], 0.0).astype(np.float32)


@functools.cache
def band_taps():
    """Returns filters that split an axis into `BANDS` bands, from low frequencies to high ones.

    Returns:
        float64 array (BANDS, 43): together they pass all as it is; all but the first pass no mean.
    """
    low, signs = np.asarray(SYM2), (-1.0) ** np.arange(len(SYM2))
    low_pass = np.convolve(low, low[::-1]) / 2
    high_pass = np.convolve(low * signs, (low * signs)[::-1]) / 2
    bank = np.eye(BANDS, 1)
    for band in range(1, BANDS):
        spread = np.zeros((BANDS, 2 * bank.shape[1] - 1))
        spread[:, ::2] = bank
        bank = np.stack([np.convolve(row, low_pass) for row in spread])
        start = (bank.shape[1] - len(high_pass)) // 2
        bank[band, start : start + len(high_pass)] += high_pass
    return bank


@functools.cache
def bands(size):
    """Returns the filters of `band_taps` as matrices of an axis that is continued by reflection.

    Args:
        size: int, pixels.

    Returns:
        float32 array (BANDS, size, size).
    """
    bank = band_taps()
    reach = bank.shape[1] // 2
    sources = np.arange(-reach, size + reach)
    place = sources - np.arange(size)[:, None] + reach
    inside = (place >= 0) & (place <= 2 * reach)
    weights = np.where(inside, bank[:, np.clip(place, 0, 2 * reach)], 0.0)
    return np.stack([_folded(w, sources, size) for w in weights]).astype(np.float32)


def _folded(weights, sources, size):
    """Returns weights (n, places) of places beyond the borders at those that they reflect."""
    turn = max(2 * (size - 1), 1)
    places = np.abs((sources + size - 1) % turn - (size - 1))
    return weights @ np.eye(size)[places]
