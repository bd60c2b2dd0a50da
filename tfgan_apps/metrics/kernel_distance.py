"""Kernel distance: squared maximum mean discrepancy of features, without bias.

It is called KID only in the features of the 2015-12-05 Inception, see `metrics.features`.

Reference: Binkowski et al., "Demystifying MMD GANs", 2018, arXiv:1801.01401;
    https://github.com/mbinkowski/MMD-GAN, gan/compute_scores.py
"""

import numpy as np

from tfgan_apps.arguments import check_integers
from tfgan_apps.metrics import arrays

_TILE = 1024  # rows and columns of kernels that are in memory at a time: 8 MB


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
    chosen = [
        [random.choice(len(rows), size, False) for rows in (real, fake)] for _ in range(subsets)
    ]
    # Of many subsets most pairs come several times: then each pair is taken once, for all of them.
    alone = 2 * subsets * size**2
    together = (len(real) + len(fake)) ** 2 / 2
    if together < alone:
        distances = _together(real, fake, chosen)
    else:
        kernel = np.empty((size, size))  # one for all: new memory costs as much as the sums
        distances = [_distance(real[i], fake[j], kernel) for i, j in chosen]
    return {"mean": float(np.mean(distances)), "std": float(np.std(distances))}


def _distance(real, fake, out=None):
    real, fake = (rows.astype(np.float64, copy=False) for rows in (real, fake))
    within = sum(_without_itself(rows, out) for rows in (real, fake))
    return float(within - 2 * _kernel(real, fake, out).mean())


def _without_itself(rows, out=None):
    """Returns the mean of the kernel over pairs of different rows."""
    kernel, count = _kernel(rows, rows, out), len(rows)
    return (kernel.sum() - np.trace(kernel)) / (count * (count - 1))


def _kernel(first, second, out=None):
    kernel = np.matmul(first, second.T, out=out)
    kernel *= 1 / first.shape[1]
    kernel += 1
    kernel **= 3
    return kernel


def _together(real, fake, chosen):
    """Returns the distance of each subset, an array, from kernels that are taken once."""
    size = len(chosen[0][0])
    of_real, of_fake = (
        _members(len(rows), [each[side] for each in chosen])
        for side, rows in enumerate((real, fake))
    )
    within = _sums(real, real, of_real, of_real) + _sums(fake, fake, of_fake, of_fake)
    return within / (size * (size - 1)) - 2 * _sums(real, fake, of_real, of_fake) / size**2


def _members(count, subsets):
    """Returns which rows are in which subset, 0.0 or 1.0 (rows, subsets)."""
    found = np.zeros((count, len(subsets)))
    for subset, rows in enumerate(subsets):
        found[rows, subset] = 1
    return found


def _sums(first, second, members, others):
    """Returns the kernel's sum over each subset's pairs of different rows, (subsets,)."""
    tiles = [[slice(i, i + _TILE) for i in range(0, len(x), _TILE)] for x in (first, second)]
    sums = np.zeros(members.shape[1])
    for place, i in enumerate(tiles[0]):
        rows = first[i].astype(np.float64, copy=False)
        for j in tiles[1][place:] if first is second else tiles[1]:
            itself = first is second and i == j  # NumPy takes half of a product with itself
            kernel = _kernel(rows, rows if itself else second[j].astype(np.float64, copy=False))
            if itself:
                np.fill_diagonal(kernel, 0)
            part = ((kernel @ others[j]) * members[i]).sum(0)
            sums += part if itself or first is not second else 2 * part  # there and back
    return sums
