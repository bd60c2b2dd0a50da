"""Inception Score: how sure a classifier is of each image, and how varied its answers are.

Reference: Salimans et al., "Improved Techniques for Training GANs", 2016, arXiv:1606.03498;
    https://github.com/openai/improved-gan, inception_score/model.py
"""

import numpy as np

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.metrics import arrays


class InceptionScore:
    """exp of the mean Kullback-Leibler divergence of p(class | image) from the split's p(class).

    The splits are contiguous parts of the images, so each image has a place; workers that say where
    theirs are may come in any order.

    Args:
        images: int, how many there will be.
        splits: int in [1, images]. Defaults to 10.
    """

    def __init__(self, images, splits=10):
        check_integers(1, images=images, splits=splits)
        check(splits <= images, f"at most the number of images, {images}", splits=splits)
        self.images = images
        self.splits = splits
        self._counts = np.zeros(splits, np.int64)
        self._negative_entropies = np.zeros(splits)
        self._probabilities = 0.0  # their sums, (splits, classes)

    def add(self, logits, first=None):
        """Adds images.

        Args:
            logits: real numbers (N, classes), finite. The 2015-12-05 Inception's are without the
                bias, as the authors' are.
            first: int, the place of the first one. Defaults to None, after those added so far.

        Raises:
            ValueError: the shape does not fit, a value is not finite, or there are more images.
        """
        logits = arrays.features("logits", logits, columns=self._classes()).astype(np.float64)
        first = int(self._counts.sum()) if first is None else first
        places = np.arange(first, first + len(logits))
        check(
            0 <= first and places[-1] < self.images,
            f"in [0, {self.images - len(logits)}], there being {self.images} images",
            first=first,
        )
        logs = logits - logits.max(1, keepdims=True)
        logs -= np.log(np.exp(logs).sum(1, keepdims=True))
        probabilities = np.exp(logs)
        # Split s holds the images from s N // splits on.
        split = ((places + 1) * self.splits - 1) // self.images
        member = split == np.arange(self.splits)[:, None]
        self._counts += member.sum(1)
        self._negative_entropies += member @ (probabilities * logs).sum(1)
        self._probabilities = self._probabilities + member @ probabilities

    def merge(self, other):
        """Adds what another worker has gathered of other places.

        Args:
            other: `InceptionScore` of as many images and splits.

        Raises:
            ValueError: it is of others.
        """
        if (self.images, self.splits) != (other.images, other.splits):
            raise ValueError(
                f"other must be of {self.images} images in {self.splits} splits. "
                f"Received: {other.images} in {other.splits}"
            )
        self._counts += other._counts
        self._negative_entropies += other._negative_entropies
        self._probabilities = self._probabilities + other._probabilities

    def result(self):
        """Returns dict of floats: `mean` and `std` of the score over the splits.

        Raises:
            ValueError: images are missing.
        """
        if self._counts.sum() != self.images:
            raise ValueError(f"images must all be added. Received: {self._counts.sum()}")
        marginal = self._probabilities / self._counts[:, None]
        logs = np.log(np.where(marginal > 0, marginal, 1))
        divergence = self._negative_entropies / self._counts - (marginal * logs).sum(1)
        scores = np.exp(divergence)
        return {"mean": float(scores.mean()), "std": float(scores.std())}

    def _classes(self):
        return self._probabilities.shape[1] if np.ndim(self._probabilities) else None


def inception_score(logits, splits=10):
    """Returns dict of floats: `mean` and `std` of the Inception Score over splits.

    Args:
        logits: real numbers (N, classes), finite.
        splits: int in [1, N], contiguous parts. Defaults to 10.

    Raises:
        ValueError: the shape does not fit, or a value is not finite.
    """
    score = InceptionScore(len(arrays.features("logits", logits)), splits)
    score.add(logits)
    return score.result()
