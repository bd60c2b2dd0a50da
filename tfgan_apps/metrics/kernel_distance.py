"""Kernel distance: squared maximum mean discrepancy of features, without bias.

It is called KID only in the features of the 2015-12-05 Inception, see `metrics.features`.

Reference: Binkowski et al., "Demystifying MMD GANs", 2018, arXiv:1801.01401;
    https://github.com/mbinkowski/MMD-GAN, gan/compute_scores.py
"""

import numpy as np

from tfgan_apps.arguments import check_integers
from tfgan_apps.metrics import arrays


def kernel_distance(real, fake):
    """Returns the unbiased estimate with k(x, y) = (x.y / D + 1)^3; it may be below 0.

    Args:
        real, fake: features (N >= 2, D) and (M >= 2, D), finite.

    Raises:
        ValueError: a shape does not fit, or a value is not finite.
    """
    real = arrays.features("real", real, rows=2)
    return _distance(real, arrays.features("fake", fake, 2, real.shape[1]))


def kernel_distance_of_subsets(real, fake, subsets=100, size=1000, seed=2020):
    """Returns dict of floats: `mean` and `std` of the kernel distance over random subsets.

    Args:
        real, fake: features (N >= 2, D) and (M >= 2, D), finite.
        subsets: int >= 1. Defaults to 100.
        size: int >= 2, features of each set in a subset, drawn without replacement; N or M where
            those are fewer. Defaults to 1,000.
        seed: int, of the draws. Defaults to 2020.

    Raises:
        ValueError: a shape does not fit, or a value is not finite.
    """
    check_integers(1, subsets=subsets)
    check_integers(2, size=size)
    real = arrays.features("real", real, rows=2)
    fake = arrays.features("fake", fake, 2, real.shape[1])
    size = min(size, len(real), len(fake))
    random = np.random.RandomState(seed)  # the legacy stream, which other packages' numbers are of
    distances = [
        _distance(*(rows[random.choice(len(rows), size, False)] for rows in (real, fake)))
        for _ in range(subsets)
    ]
    return {"mean": float(np.mean(distances)), "std": float(np.std(distances))}


def _distance(real, fake):
    real, fake = (rows.astype(np.float64, copy=False) for rows in (real, fake))
    return float(_within(real) + _within(fake) - 2 * _kernel(real, fake).mean())


def _kernel(first, second):
    kernel = first @ second.T
    kernel /= first.shape[1]
    kernel += 1
    square = kernel * kernel
    square *= kernel
    return square


def _within(rows):
    """Returns the mean of the kernel over pairs of different rows."""
    kernel, count = _kernel(rows, rows), len(rows)
    return (kernel.sum() - np.trace(kernel)) / (count * (count - 1))
