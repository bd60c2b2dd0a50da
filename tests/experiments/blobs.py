"""Procedural images of any size, as many as are asked for: ramps of colours, and four blobs."""

import numpy as np

_BUMPS = 4


def drawn(count, size, seed):
    """Returns images float32 (count, size, size, 3) in (-1, 1).

    The hyperbolic tangent of linear ramps, slopes normal with deviation 0.5, a colour each, and of
    Gaussian bumps with centres in the image, radii of 0.15 to 0.5 half sides, normal colours.

    Args:
        count, size, seed: int.
    """
    rng = np.random.default_rng(seed)
    place = (np.arange(size) + 0.5) * 2 / size - 1
    y, x = np.meshgrid(place, place, indexing="ij")
    slopes = rng.normal(0, 0.5, (2, count, 1, 1, 3))
    images = slopes[0] * x[..., None] + slopes[1] * y[..., None]
    for _ in range(_BUMPS):
        center = rng.uniform(-1, 1, (2, count, 1, 1))
        radius = rng.uniform(0.15, 0.5, (count, 1, 1))
        far = (x - center[0]) ** 2 + (y - center[1]) ** 2
        images += np.exp(-far / (2 * radius**2))[..., None] * rng.normal(size=(count, 1, 1, 3))
    return np.tanh(images).astype(np.float32)


def distance(first, second, seed=0, directions=256):
    """Returns the mean over directions of the distance of sorted projections of the pixels.

    Args:
        first, second: arrays (count, ...) of one shape.
        seed, directions: int.
    """
    first, second = (np.reshape(x, (len(x), -1)) for x in (first, second))
    drawn = np.random.default_rng(seed).normal(size=(first.shape[1], directions))
    drawn /= np.linalg.norm(drawn, axis=0)
    both = (np.sort(x @ drawn, axis=0) for x in (first, second))
    return float(np.abs(np.subtract(*both)).mean())
