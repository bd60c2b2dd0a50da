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
    first, second = np.triu_indices(len(examples), 1)
    if examples.ndim == 1:
        return float(np.mean(examples[first] != examples[second]))
    flat = examples.astype(np.float64).reshape(len(examples), -1, examples.shape[-1])
    squares = ((flat[first] - flat[second]) ** 2).sum(-1).mean(-1)
    if examples.ndim == 2:
        return float(np.sqrt(squares).mean())
    pattern = flat.var(1).sum(-1).mean()
    return float(np.sqrt(squares.mean() / pattern)) if pattern else float(squares.any())
