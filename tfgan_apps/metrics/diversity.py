"""Diversity: how far examples are apart, which is nothing where a generator has collapsed."""

import numpy as np

from tfgan_apps.arguments import check


def diversity(examples):
    """Returns the mean distance between two of the examples, a float >= 0.

    Of images it is the root of their mean squared difference, by that of an image's pixels from
    their mean: so pale images count as bright ones do, and those of one pattern are alike, whatever
    the pattern is. Of points it is their distance; of texts the share of pairs that differ.

    Args:
        examples: two or more: images (N, H, W, C), points (N, D), or texts (N,), str or bytes.

    Raises:
        ValueError: there are fewer than two, or the shape does not fit.
    """
    examples = np.asarray(examples)
    fits = len(examples) >= 2 and examples.ndim in (1, 2, 4)
    check(fits, "two or more images, points or texts", examples=examples.shape)
    if examples.ndim == 4:
        flat = examples.astype(np.float64).reshape(len(examples), -1, examples.shape[-1])
        # Pairs need not be made: their mean squared difference is twice the variance.
        apart, pattern = 2 * flat.var(0, ddof=1).mean(), flat.var(1).mean()
        return float(np.sqrt(apart / pattern)) if pattern else float(apart > 0)
    first, second = np.triu_indices(len(examples), 1)
    if examples.ndim == 2:
        return float(np.linalg.norm(examples[first] - examples[second], axis=1).mean())
    return float(np.mean(examples[first] != examples[second]))
