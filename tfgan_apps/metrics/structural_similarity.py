"""SSIM, multi-scale SSIM and PSNR of pairs of images, and the variety that MS-SSIM shows.

Reference: Wang et al., "Multiscale structural similarity for image quality assessment", 2003,
    https://ece.uwaterloo.ca/~z70wang/publications/msssim.pdf;
    https://github.com/tkarras/progressive_growing_of_gans, metrics/ms_ssim.py
Differences:
    - sizes that cannot be halved evenly four times are refused, the authors drop a row.
"""

import numpy as np

from tfgan_apps.arguments import check_integers
from tfgan_apps.metrics import arrays

_WINDOW = 11
_SIGMA = 1.5
_C1 = (0.01 * 255) ** 2
_C2 = (0.03 * 255) ** 2
_LEVEL_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def ssim(first, second):
    """Returns the structural similarity of each pair, the mean over places and channels.

    A Gaussian window of 11 pixels with deviation 1.5, only where it lies inside the image, as
    `tf.image.ssim` has it.

    Args:
        first, second: images (N, H, W, C) of one shape, sides of at least 11 pixels, uint8, or
            float in [-1, 1].

    Returns:
        float64 (N,), at most 1, which equal images have.

    Raises:
        ValueError: a shape, or a range, does not fit.
    """
    pairs = _pairs(first, second)
    if min(pairs[0].shape[1:3]) < _WINDOW:
        raise ValueError(
            f"first must have sides of at least {_WINDOW} pixels. Received: {pairs[0].shape}"
        )
    luminance, structure = _level(*pairs)
    return (luminance * structure).mean((1, 2, 3))


def ms_ssim(first, second):
    """Returns the structural similarity over five scales, each half as large as the one before.

    Means over places and channels are taken at each scale, then the product. The window is as large
    as the image where that has fewer than 11 pixels.

    Args:
        first, second: images (N, H, W, C) of one shape, sides that 16 divides, uint8, or float in
            [-1, 1].

    Returns:
        float64 (N,) in [0, 1]; 1 for equal images.

    Raises:
        ValueError: a shape, or a range, does not fit.
    """
    first, second = _pairs(first, second)
    if first.shape[1] % 16 or first.shape[2] % 16:
        raise ValueError(f"first must have sides that 16 divides. Received: {first.shape}")
    product = np.ones(len(first))
    for weight in _LEVEL_WEIGHTS[:-1]:
        _, structure = _level(first, second)
        product *= np.maximum(structure.mean((1, 2, 3)), 0) ** weight
        first, second = _halved(first), _halved(second)
    luminance, structure = _level(first, second)
    whole = (luminance * structure).mean((1, 2, 3))
    return product * np.maximum(whole, 0) ** _LEVEL_WEIGHTS[-1]


def ms_ssim_diversity(images, pairs=100, seed=0):
    """Returns the mean MS-SSIM of random pairs of images; the higher, the less varied they are.

    Of a conditional model, take the images of one class at a time: classes differ anyway.

    Args:
        images: (N >= 2, H, W, C), sides that 16 divides, uint8, or float in [-1, 1].
        pairs: int >= 1, of different images. Defaults to 100.
        seed: int, of the draw. Defaults to 0.

    Raises:
        ValueError: a shape, or a range, does not fit.
    """
    check_integers(1, pairs=pairs)
    images = np.asarray(images)
    if len(images) < 2:
        raise ValueError(f"images must be two or more. Received: {images.shape}")
    random = np.random.default_rng(seed)
    first = random.integers(0, len(images), pairs)
    second = (first + random.integers(1, len(images), pairs)) % len(images)
    parts = [slice(i, i + 16) for i in range(0, pairs, 16)]
    found = [ms_ssim(images[first[part]], images[second[part]]) for part in parts]
    return float(np.concatenate(found).mean())


def psnr(first, second):
    """Returns the peak signal-to-noise ratio of each pair in decibel, inf for equal images.

    Args:
        first, second: images (N, H, W, C) of one shape, uint8, or float in [-1, 1].

    Returns:
        float64 (N,).

    Raises:
        ValueError: a shape, or a range, does not fit.
    """
    first, second = _pairs(first, second)
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255**2 / ((first - second) ** 2).mean((1, 2, 3)))


def _pairs(first, second):
    first = arrays.pixels("first", first)
    return first, arrays.pixels("second", second, like=first)


def _level(first, second):
    """Returns luminance, and contrast and structure, (N, h, w, C)."""
    means = _blur(first), _blur(second)
    product = means[0] * means[1]
    squares = means[0] ** 2 + means[1] ** 2
    luminance = (2 * product + _C1) / (squares + _C1)
    covariance = _blur(first * second) - product
    variances = _blur(first**2 + second**2) - squares
    return luminance, (2 * covariance + _C2) / (variances + _C2)


def _blur(images):
    size = min(_WINDOW, *images.shape[1:3])
    distance = np.arange(size) - (size - 1) / 2
    window = np.exp(-(distance**2) / (2 * (_SIGMA * size / _WINDOW) ** 2))
    for axis in (1, 2):
        windows = np.lib.stride_tricks.sliding_window_view(images, size, axis)
        images = windows @ (window / window.sum())
    return images


def _halved(images):
    count, height, width, channels = images.shape
    return images.reshape(count, height // 2, 2, width // 2, 2, channels).mean((2, 4))
